"""The search of a trial's size, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from calor.report.numbers import with_error_text
from calor.report.tables import WIDEST, Table, number, words
from calor.report.trial_remarks import (
    DISCLAIMER,
    RIVALS_LEGEND,
    beside_power_text,
    origin_text,
    resting_remark,
    warning_remarks,
)


def print_search(document: dict[str, Any], console: Console) -> None:
    """Print the search of a trial's size: sizes tried, the size found, rivals, what it rests on."""
    for part in search_parts(document):
        console.print(part, width=WIDEST)


def search_parts(document: dict[str, Any]) -> Iterator[Text | Table]:
    """Yield the texts and tables of a search in the order in which they are read."""
    trial = document["trial"]
    described = f"{trial['id']} · {trial['design']} · {trial['endpoint']} · {trial['analysis']}"
    yield Text(trial["title"], style="bold")
    yield Text(described)
    origin = origin_text(document["posterior"])
    yield Text(f"status: {document['status']} · {origin} · given {document['given']}")
    yield Text()
    yield tried_table(document)
    yield rivals_table(document)
    for line in _remarks(document):
        yield Text(line)


def tried_table(document: dict[str, Any]) -> Table:
    """Return the sizes that were tried."""
    columns = (
        number("patients"), number("power"), number("from rival to rival"), number("enrolled on average"),
    )  # fmt: skip
    rows = []
    for step in document["tried"]:
        least, most = step["power_range_over_rivals"]
        enrolled = with_error_text(step["expected_patients"], 1)
        rows.append(
            (str(step["patients"]), with_error_text(step["power"], 3), f"{least:.3f} to {most:.3f}", enrolled)
        )
    return Table(columns, rows, title="Sizes that were tried")


def rivals_table(document: dict[str, Any]) -> Table:
    """Return the power under each rival at the size that was found."""
    rows = [
        (rival["name"], f"{rival['weight']:.2f}", f"{rival['power']:.3f}") for rival in document["rivals"]
    ]
    columns = (words("persistence-antibody"), number("weight"), number("power"))
    return Table(columns, rows, title=f"Rival explanations at {document['patients']} patients")


def _remarks(document: dict[str, Any]) -> list[str]:
    return [
        f"{document['patients']} patients reach a power of {document['target_power']:g} for "
        f"{document['of']}: {with_error_text(document['power'], 3)} (Monte Carlo error); "
        f"{beside_power_text(document)}.",
        f"About {document['screened']:,.0f} people are screened for them.",
        RIVALS_LEGEND,
        resting_remark(document["posterior"]),
        *warning_remarks(document),
        DISCLAIMER,
    ]
