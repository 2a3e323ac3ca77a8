"""The reports of a size search, a comparison of designs and a calibration, as far as their folders go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.comparison import comparison_table, comparison_warnings
from calor.report.numbers import fixed_text, interval_text, with_error_text
from calor.report.page import Page
from calor.report.pictures import designs, numbers, power, targets
from calor.report.search_table import rivals_table, tried_table
from calor.report.tables import Table, number, words
from calor.report.trial_remarks import (
    DISCLAIMER,
    RIVALS_LEGEND,
    beside_power_text,
    origin_text,
    resting_remark,
    warning_remarks,
)
from calor.report.written.proposal import proposal_page
from calor.report.written.provenance import day_of, origin_table, provenance_chapter
from calor.store.saved_run import Kind, SavedRun


def other_page(run: SavedRun) -> Page:
    """Return the report of a run that is no trial."""
    return _PAGES[run.kind](run)


def _search_page(run: SavedRun) -> Page:
    result = run.result
    about = (
        f"{result['trial']['id']} · {result['trial']['design']} · {result['trial']['endpoint']}",
        f"{result['status']} · {origin_text(result['posterior'])} · given {result['given']}",
    )
    blocks = (*_search(run), *provenance_chapter(run))
    return Page(f"Size of a trial: {result['trial']['title']}", about, blocks, DISCLAIMER, day_of(run))


def _search(run: SavedRun) -> Iterator[Block]:
    result = run.result
    yield Heading("Answer", 2, "answer")
    yield Paragraph(
        f"{result['patients']} patients reach a power of {result['target_power']:g} for {result['of']}: "
        f"{with_error_text(result['power'], 3)} (Monte Carlo error).",
        Tone.ANSWER,
    )
    yield Paragraph(f"{beside_power_text(result).capitalize()}.", Tone.ANSWER)
    yield Paragraph(f"About {result['screened']:,.0f} people are screened for them.", Tone.ANSWER)
    yield Heading("Sizes that were tried", 2, "sizes")
    yield from power(run)
    yield tried_table(result)
    yield Heading("Rival explanations", 2, "rivals")
    yield Paragraph(RIVALS_LEGEND)
    yield rivals_table(result)
    yield Heading("What it rests on", 2, "basis")
    yield Paragraph(resting_remark(result["posterior"]))
    for warning in warning_remarks(result):
        yield Paragraph(warning, Tone.WARNING)


def _comparison_page(run: SavedRun) -> Page:
    result = run.result
    names = ", ".join(design["name"] for design in result["designs"])
    about = (f"{result['status']} · {origin_text(result['posterior'])} · common random numbers",)
    return Page(f"Designs compared: {names}", about, tuple(_comparison(run)), DISCLAIMER, day_of(run))


def _comparison(run: SavedRun) -> Iterator[Block]:
    result = run.result
    yield Heading("Designs side by side", 2, "designs")
    yield from designs(run)
    yield comparison_table(result)
    yield Heading("Limits", 2, "limits")
    yield Paragraph("The designs share worlds, people and random numbers: what differs is the design.")
    for warning in comparison_warnings(result["designs"]):
        yield Paragraph(warning, Tone.WARNING)
    yield Heading("Provenance", 2, "provenance")
    yield origin_table(run)


def _calibration_page(run: SavedRun) -> Page:
    about = (f"Weights of the rivals: {run.result['weights_rule']}.",)
    return Page(
        "A fit of the model to the evidence",
        about,
        tuple(_calibration(run)),
        DISCLAIMER,
        day_of(run),
    )


def _calibration(run: SavedRun) -> Iterator[Block]:
    result = run.result
    missed = result["outside_95"]
    yield Heading("Answer", 2, "answer")
    yield Paragraph(
        f"{len(missed)} of {len(result['targets'])} published numbers lie outside the 95 % interval of their "
        f"prediction ({', '.join(missed) or 'none'}); the mean squared z is {result['mean_squared_z']:.2f}, "
        "where 1 is expected.",
        Tone.ANSWER,
    )
    yield Heading("Published against predicted", 2, "targets")
    yield from targets(run)
    rows = [
        (each["id"], each["study_id"], fixed_text(each["observed"], 2), fixed_text(each["predicted_mean"], 2),
         interval_text(each["predicted_interval95"]), "" if each["z"] is None else f"{each['z']:+.1f}")
        for each in result["targets"]
    ]  # fmt: skip
    columns = (
        words("target"),
        words("study"),
        *map(number, ("published", "predicted", "95 % interval", "z")),
    )
    yield Table(columns, rows, title="Targets, on fresh virtual people")
    yield Heading("What the data narrowed", 2, "numbers")
    yield from numbers(run)
    yield Heading("Rival explanations", 2, "rivals")
    yield Table(
        (words("rival"), number("weight"), number("effective draws")),
        [
            (each["name"], f"{each['weight']:.2f}", f"{each['effective_size']:.0f}")
            for each in result["rivals"]
        ],
    )
    yield Heading("Provenance", 2, "provenance")
    yield Items(
        [
            f"{key}: {value}"
            for key, value in result["made_of"].items()
            if isinstance(value, str | int | float)
        ]
    )


_PAGES: dict[Kind, Callable[[SavedRun], Page]] = {
    Kind.SEARCH: _search_page,
    Kind.COMPARISON: _comparison_page,
    Kind.CALIBRATION: _calibration_page,
    Kind.NEXT: proposal_page,
}
"""A page for every kind of run but a trial."""
