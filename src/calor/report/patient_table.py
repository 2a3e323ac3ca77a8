"""A virtual patient or a cohort for the terminal: the last day's outputs, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from calor.report.numbers import short_text
from calor.report.tables import WIDEST, Row, Table, number, words
from calor.report.trial_remarks import DISCLAIMER, origin_text, resting_remark

SHOWN = ("pain_nrs", "temperature_difference", "oedema", "grip_share", "tnf_tissue", "il6_tissue",
         "igg_concentration", "autoantibody_igg_titre")  # fmt: skip


def print_patient(document: dict[str, Any], console: Console) -> None:
    """Print the outputs of the last day, how many were followed, and what the numbers rest on."""
    for part in patient_parts(document):
        console.print(part, width=WIDEST)


def patient_parts(document: dict[str, Any]) -> Iterator[Text | Table]:
    """Yield the texts and the table of a patient or a cohort in the order in which they are read."""
    yield Text(document["title"])
    yield Text(origin_text(document["posterior"]).capitalize())
    last = document["times_days"][-1]
    courses = ["untreated", *(["treated", "difference"] if document["treatments"] else [])]
    rows: list[Row] = []
    for name in SHOWN:
        output = document["outputs"][name]
        scale = max(
            abs(output[course][end][-1])
            for course in ("untreated", "treated")
            if output[course] is not None
            for end in ("median", "lower95", "upper95")
        )
        rows.append(
            (f"{output['name']}, {output['unit']}", *(_cell(output[course], scale) for course in courses))
        )
    title = f"Day {last + 1:g}, median and 95 % interval"
    yield Table((words("output"), *map(number, courses)), rows, title=title, fills=True)
    counts = document["population"]
    for line in (
        f"{counts['screened']:,} candidates screened, {counts['followed']:,} followed; "
        f"{counts['failed_simulations']} could not be simulated.",
        resting_remark(document["posterior"]),
        DISCLAIMER,
    ):
        yield Text(line)


def _cell(band: dict[str, list[float]], scale: float) -> str:
    middle, low, high = (short_text(band[end][-1], scale=scale) for end in ("median", "lower95", "upper95"))
    return f"{middle}\n({low} to {high})"
