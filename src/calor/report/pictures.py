"""The figures of a run by name, each with its data and what it shows in words, from the run folder alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from calor.core.errors import UnsupportedError
from calor.report.blocks import Picture
from calor.report.calibration_figure import NARROWING_COLUMNS, draw_narrowing, draw_targets, target_data
from calor.report.comparison import comparison_rows, draw_comparison
from calor.report.forecast_figure import draw_forecasts, forecast_rows
from calor.report.forest import draw_forest_document
from calor.report.next_figure import draw_next, study_rows
from calor.report.next_table import capital
from calor.report.numbers import interval_text
from calor.report.search_figure import draw_search
from calor.report.trial_pictures import basis, benefit, contrast, courses, exposure, harm, outcomes, within
from calor.report.trial_run import size_table
from calor.store.saved_run import Kind, SavedRun


def forests(run: SavedRun) -> Iterator[Picture]:
    """Yield the forest of each class of the trial's drugs, as the evidence stood when the trial was run."""
    for document in run.context.get("evidence", {}).get("forests", ()):
        yield Picture(
            f"forest-{document['drug_class']}",
            f"{document['title']}. Left of zero favours the active arm.",
            document["verdict"],
            draw_forest_document(document),
            pd.DataFrame(document["rows"]),
        )


def forecasts(run: SavedRun) -> Iterator[Picture]:
    """Yield the frozen forecasts beside the published results."""
    found = run.context.get("forecasts", {})
    if not found.get("trials"):
        return
    failed = sum(trial["failed"] for trial in found["trials"])
    yield Picture(
        "forecasts",
        f"Forecasts frozen on {found['date']} beside what was published. Line: 95 % of forecast trials; "
        "diamond: the published result, where a number was read; without one its direction was compared.",
        f"{failed} of {len(found['trials'])} forecasts failed by the rules that were registered beforehand.",
        draw_forecasts(found["trials"]),
        forecast_rows(found["trials"]),
    )


def numbers(run: SavedRun) -> Iterator[Picture]:
    """Yield prior beside posterior of the numbers that the run rests on, the most narrowed first."""
    moved = run.result["parameters"] if run.kind is Kind.CALIBRATION else _moved(run)
    if not moved:
        return
    learnt = sum(bool(row["learnt"]) for row in moved)
    yield Picture(
        "numbers",
        "Uncertain numbers of the run, the most narrowed first: what the data have taught about each.",
        f"{learnt} of {len(moved)} numbers were narrowed by a tenth or more.",
        draw_narrowing(moved),
        pd.DataFrame(moved)[list(NARROWING_COLUMNS)],
    )


def power(run: SavedRun) -> Iterator[Picture]:
    """Yield the power of the sizes that a search has tried."""
    if run.kind is not Kind.SEARCH:
        return
    yield Picture(
        "power",
        "Power of each size that was tried, with the range from rival to rival.",
        f"{run.result['patients']} patients reach a power of {run.result['target_power']:g}.",
        draw_search(run.result),
        size_table(run.result),
    )


def designs(run: SavedRun) -> Iterator[Picture]:
    """Yield the designs of a comparison below one another."""
    if run.kind is not Kind.COMPARISON:
        return
    rows = comparison_rows(run.result)
    said = [
        f"{design['name']}: {interval_text(design['contrast']['effect_interval95'])}"
        for design in run.result["designs"]
    ]
    yield Picture(
        "designs",
        "Designs side by side, on the same worlds and random numbers.",
        f"Effect, 95 % of what is uncertain: {'; '.join(said)}.",
        draw_comparison(run.result),
        rows,
    )


def targets(run: SavedRun) -> Iterator[Picture]:
    """Yield every target of a fit beside its prediction, worst first."""
    if run.kind is not Kind.CALIBRATION:
        return
    columns, rows = target_data(run.result)
    yield Picture(
        "targets",
        "Every published number of the fit beside its prediction on fresh virtual people, worst first.",
        f"{len(run.result['outside_95'])} of {len(rows)} lie outside the 95 % interval.",
        draw_targets(run.result),
        pd.DataFrame(rows, columns=columns),
    )


def studies(run: SavedRun) -> Iterator[Picture]:
    """Yield what each study of a comparison teaches against its cost."""
    if run.kind is not Kind.NEXT:
        return
    yield Picture(
        "studies",
        "What each study would teach against what it costs, along its sizes, and what is not known.",
        f"{capital(run.result['answer'])}.",
        draw_next(run.result),
        study_rows(run.result),
    )


KINDS: dict[str, Callable[[SavedRun], Iterator[Picture]]] = {
    "basis": basis,
    "within-person": within,
    "outcomes": outcomes,
    "contrast": contrast,
    "courses": courses,
    "benefit": benefit,
    "harm": harm,
    "exposure": exposure,
    "forest": forests,
    "forecasts": forecasts,
    "numbers": numbers,
    "power": power,
    "designs": designs,
    "targets": targets,
    "studies": studies,
}
"""The figures by the name that people give, in the order of a report."""


def pictures(kind: str, run: SavedRun) -> list[Picture]:
    """Return a run's figures of a kind. Raises UnsupportedError where the run holds none."""
    found = list(KINDS[kind](run))
    if not found:
        having = [name for name, draw in KINDS.items() if any(True for _ in draw(run))]
        raise UnsupportedError.of(
            f"this {run.kind} holds nothing for the figure {kind}",
            file=run.folder,
            key="KIND",
            allowed=", ".join(having) or None,
        )
    return found


def _moved(run: SavedRun) -> list[dict[str, object]]:
    found: list[dict[str, object]] = run.context.get("numbers", {}).get("moved", [])
    return found
