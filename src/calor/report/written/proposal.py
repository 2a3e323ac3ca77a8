"""The report of a comparison of studies: a proposal of the next one, with the numbers filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.next_table import (
    MILLION,
    basis_lines,
    before_lines,
    below_lines,
    capital,
    ranking_table,
    unknown_table,
)
from calor.report.numbers import percent_text
from calor.report.page import Page
from calor.report.pictures import studies
from calor.report.tables import Table, number, words
from calor.report.trial_remarks import DISCLAIMER
from calor.report.written.provenance import day_of, files_of, origin_table
from calor.store.saved_run import SavedRun


def proposal_page(run: SavedRun) -> Page:
    """Return the proposal that a comparison of studies comes to."""
    result = run.result
    about = (f"{result['status']} · posterior {result['basis']['name']} · ranked by {result['ranked_by']}",)
    title = f"The next study: {result['question']['title']}"
    return Page(title, about, tuple(_blocks(run)), DISCLAIMER, day_of(run))


def _blocks(run: SavedRun) -> Iterator[Block]:
    result = run.result
    yield Heading("Answer", 2, "answer")
    yield Paragraph(f"{capital(result['answer'])}.", Tone.ANSWER)
    share = percent_text(result["basis"]["share_resting_on_prior"])
    yield Paragraph(f"{share} of the uncertain numbers behind it rest on the prior.", Tone.ANSWER)
    yield Heading("What is asked, and what is believed now", 2, "question")
    for line in before_lines(result):
        yield Paragraph(f"{capital(line)}.")
    if result["ranking"]:
        yield from _proposed(result["ranking"][0], result["money"]["currency"])
    yield Heading("Studies that were compared", 2, "studies")
    yield from studies(run)
    yield ranking_table(result)
    for line in below_lines(result):
        yield Paragraph(line)
    if result["what_we_do_not_know"] is not None:
        yield Heading("What we do not know", 2, "unknown")
        yield unknown_table(result)
    yield Heading("What was assumed about money", 2, "money")
    yield _money_table(result["money"])
    yield Heading("Limits", 2, "limits")
    for line in (*result["warnings"], *basis_lines(result)[:1]):
        yield Paragraph(line, Tone.WARNING if line in result["warnings"] else Tone.PLAIN)
    yield Heading("Provenance", 2, "provenance")
    yield origin_table(run)
    yield from files_of(run)


def _proposed(first: dict[str, Any], currency: str) -> Iterator[Block]:
    """Yield what is known of the study that leads the ranking."""
    yield Heading("The study that leads", 2, "proposal")
    lines = [
        f"{first['name']}: {first['patients']} people.",
        f"Cost {first['cost'] / MILLION:.2f} million {currency}; {first['months']:.0f} months to its result.",
        f"Chance of a result that settles the question: {first['decisive']['value']:.0%} "
        f"(error {first['decisive']['error']:.0%}).",
    ]
    if first["screened_for_each"] is not None:
        lines.append(f"{first['screened_for_each']:.1f} people screened for each who takes part.")
    if first["provides_for"]:
        lines.append(f"It provides for: {', '.join(first['provides_for'])}.")
    if first["tied_with"]:
        lines.append(f"Not clearly better than {'; '.join(first['tied_with'])}.")
    yield Items(lines)


def _money_table(money: dict[str, Any]) -> Table:
    rows = [
        (each["words"], f"{each['value']:,g}", each["unit"], f"{each['source']} ({each['grade']})")
        for each in money["numbers"]
    ]
    columns = (
        words("number", greedy=True),
        number("value"),
        words("unit"),
        words("source (grade)", greedy=True),
    )
    return Table(columns, rows, title="Numbers behind costs, and where each comes from")
