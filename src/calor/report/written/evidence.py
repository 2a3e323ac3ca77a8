"""The evidence on a trial's kind of treatment with its grades, and calor's forecasts of published trials."""

from __future__ import annotations

from collections.abc import Iterator

from calor.report.blocks import Block, Heading, Items, Paragraph
from calor.report.pictures import forecasts, forests
from calor.report.tables import Table, label, words
from calor.store.saved_run import SavedRun

GRADES = (
    "Grades say how a number was checked: verified (read in the source itself), secondary (read in a page "
    "that quotes it); what is only remembered enters nothing."
)


def evidence_chapter(run: SavedRun) -> Iterator[Block]:
    """Yield the studies, their forest, and predicted against published."""
    evidence, found = run.context["evidence"], run.context["forecasts"]
    yield Heading("Evidence", 2, "evidence")
    yield Paragraph(GRADES)
    rows = [
        (
            each["id"],
            each["enrolled"].get("size", "not read"),
            f"{each['design']}, {each['blinding'] or 'blinding not read'}",
            each["phase"],
            each["statement"],
            each["risk_of_bias"] or "not judged",
            each["grade"] or "none",
        )
        for each in evidence["records"]
    ]
    if rows:
        columns = (
            label("study"), words("size"), words("design"), words("phase"), words("result", greedy=True),
            words("risk of bias"), words("grade"),
        )  # fmt: skip
        yield Table(columns, rows, title="Studies of this kind of treatment")
    else:
        yield Paragraph("No randomised trial of this kind is on record.")
    yield from forests(run)
    yield Heading("Predicted against published", 3, "forecasts")
    if not found["trials"]:
        yield Paragraph("No forecasts are frozen in this copy of calor.")
        return
    yield from forecasts(run)
    yield Paragraph(
        "Where the forecasts failed:" if found["failures"] else "Nothing failed by the registered rules."
    )
    if found["failures"]:
        yield Items([_failure(lines) for lines in found["failures"]])


def _failure(lines: list[str]) -> str:
    """Return a failure over all rivals in words, and under how many rivals it failed or did worse."""
    first, *rivals = lines
    also = {0: "", 1: " So under one rival."}.get(len(rivals), f" So under {len(rivals)} rivals.")
    return f"{first}{also}"
