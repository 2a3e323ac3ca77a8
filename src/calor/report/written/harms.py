"""Harms: what to expect in each arm, what was seen in the studies, and what the protocol provides for."""

from __future__ import annotations

from collections.abc import Iterator

from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.tables import Table, label, words
from calor.report.trial_pictures import benefit, harm
from calor.report.trial_table import harm_table
from calor.store.saved_run import SavedRun


def harm_chapter(run: SavedRun) -> Iterator[Block]:
    """Yield benefit and harm of 100 people each, then the tables behind them."""
    yield Heading("Benefit and harm", 2, "harms")
    yield Paragraph("Every figure here is of 100 people, so that benefit and harm can be compared.")
    yield from benefit(run)
    yield from harm(run)
    if any(arm["expected_events"] for arm in run.result["arms"]):
        yield harm_table(run.result)
    else:
        yield Paragraph("The drug library expects no adverse event in any arm: none was read.")
    seen = [
        (each["record"], each["event"] + (f" ({each['arm']})" if each["arm"] else ""),
         "; ".join(each["seen"]) or "no number", each["grade"] or "none")
        for each in run.context["evidence"]["harms"]
    ]  # fmt: skip
    if seen:
        yield Table((label("study"), words("event", greedy=True), words("seen"), words("grade")), seen,
                    title="Harms seen in the studies")  # fmt: skip
    provided = run.result["safety"]["acknowledged"]
    if provided:
        yield Paragraph("The protocol provides for:")
        yield Items(
            [f"{each['hazard']} ({', '.join(each['drugs'])}): {each['statement']}" for each in provided]
        )
    for each in provided:
        for what in each["contradicted_by"]:
            yield Paragraph(f"Warning: {each['hazard']}, but {what}.", Tone.WARNING)
