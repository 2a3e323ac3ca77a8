"""`calor evidence`: the evidence base as a table, by words, one record in full, or a forest plot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from calor.cli.check_evidence import command as check_evidence
from calor.cli.console import console, print_indented, print_json
from calor.cli.options import excludes, needs, refuse_options
from calor.core.provenance import Grade
from calor.evidence.economics import EconomicFact, economic_fact, load_economics
from calor.evidence.findings import Finding
from calor.evidence.findings import finding as shipped_finding
from calor.evidence.library import load_records, read_folder
from calor.evidence.record import Record
from calor.evidence.table import DIRECTION_IN_WORDS, Filter, TableRow, counts_by_design, table_rows
from calor.evidence.vocabulary import DrugClass, Phase
from calor.evidence.words import class_named
from calor.report.evidence_document import fact_document, finding_document, record_document, rows_document
from calor.report.record_text import fact_lines, finding_lines, record_lines
from calor.report.tables import WIDEST, Group, Row, Table, label, number
from calor.report.tables import words as in_words

WIDE = 120
FILTERS = ("--class", "--phase", "--design", "--grade", "--text")
FINDING_ID = re.compile(r"^[A-G]\d\d$")
SHORT_GRADE = {Grade.VERIFIED: "ver", Grade.SECONDARY: "sec", Grade.RECALLED: "rec", None: "-"}
SHORT_PHASE = {
    Phase.ACUTE: "acute", Phase.PERSISTENT: "persist", Phase.MIXED: "mixed", Phase.UNCLEAR: "?",
    Phase.NOT_CRPS: "other",
}  # fmt: skip
LEGEND = (
    "n: patients, with s where read in a secondary page. bias: one rater's impression of an abstract. "
    "grade of the result: ver read in the source, sec in a page that quotes it, - not read. "
    "One record or finding (A01 ... G15) in full: calor evidence ID"
)


@click.command(
    "evidence",
    epilog="Examples: calor evidence ivig · calor evidence early steroid · calor evidence goebel-2010",
)
@click.argument("words", metavar="[ID or WORDS]", nargs=-1)
@click.option("--class", "drug_class", metavar="CLASS", help="Only this drug class, as immunoglobulin.")
@click.option("--phase", metavar="PHASE", help="Only acute, persistent, mixed, unclear or not-crps.")
@click.option("--design", metavar="DESIGN", help="Only rct, open-rct, crossover, series, case, review ...")
@click.option(
    "--grade", metavar="GRADE", help="Only results graded verified, secondary or none; or recalled."
)
@click.option("--text", metavar="WORDS", help="Only records that hold these words.")
@click.option("--forest", "forest_class", metavar="CLASS", help="Forest plot of a drug class.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for the forest plot.")
@click.option("--add", type=click.Path(path_type=Path), help="Your own records to add: a file or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@needs("--out", "--forest")
@excludes("--forest", "ID OR WORDS", *FILTERS)
def command(
    words: tuple[str, ...],
    drug_class: str | None,
    phase: str | None,
    design: str | None,
    grade: str | None,
    text: str | None,
    forest_class: str | None,
    out: Path,
    add: Path | None,
    as_json: bool,
) -> None:
    """Browse the evidence base: what was tried, in whom, with what result, and how well it is known.

    WORDS are what people say: a drug or its trade name, a class (steroid, anti-TNF), early or long-standing,
    or anything that stands in a record; the studies then come with their harms and those of the drug.

    `calor evidence economics` lists utilities, costs, accrual and incidence;
    `calor evidence check` lists what is unverified, as calor check evidence does.
    """
    if words == ("check",):
        click.get_current_context().invoke(check_evidence, add=add, show_all=False, as_json=as_json)
        return
    added = read_folder(add) if add is not None else ()
    records = (*(one for one in load_records() if one.id not in {own.id for own in added}), *added)
    show = _page_of(words[0], records) if len(words) == 1 else None
    if show is not None:
        refuse_options(FILTERS, "beside an ID")
        show(as_json)
        return
    filters = Filter(drug_class, phase, design, grade, text)
    if words:
        from calor.cli.evidence_words import show_answer  # harms need the drugs, the table does not

        show_answer(records, words, filters, as_json)
        return
    if forest_class is not None:
        from calor.cli.evidence_forest import show_forest  # the plot needs Matplotlib, the table does not

        show_forest(records, class_named(forest_class, "--forest"), out, as_json)
        return
    rows = table_rows(records, filters)
    if as_json:
        print_json(rows_document(rows))
    else:
        show_table(rows)


def _page_of(identifier: str, records: Sequence[Record]) -> Callable[[bool], None] | None:
    """Return what shows the finding, record or fact of an identifier, or None where there is none."""
    if FINDING_ID.match(identifier):
        return partial(_show_finding, shipped_finding(identifier))
    own = next((one for one in records if one.id == identifier), None)
    if own is not None:
        return partial(_show_record, own)
    if identifier == "economics":
        return _show_economics
    if identifier in {fact.id for group in load_economics() for fact in group.facts}:
        return partial(_show_fact, economic_fact(identifier))
    return None


def show_table(rows: Sequence[TableRow]) -> None:
    """Print the table of records by drug class, with what its columns mean."""
    screen = console()
    if not rows:
        screen.print("no record fits; take a filter away")
        return
    wide = screen.width >= WIDE
    columns = [
        in_words("id", breaks_at=28),
        number("n"),
        *map(label, ("phase", "design", "result", "bias", "grade")),
    ]
    if wide:
        columns.append(in_words("in one sentence", greedy=True))
    cells: list[Row] = []
    current: DrugClass | None = None
    for row in rows:
        if row.drug_class is not current:
            current = row.drug_class
            cells.append(Group(current.value))
        cells.append(_cells(row, wide))
    screen.print(Table(columns, cells, framed=False, widest=screen.width if wide else WIDEST))
    counts = ", ".join(f"{count} {word}" for word, count in counts_by_design(rows).items())
    screen.print(f"\n{len(rows)} records: {counts}")
    screen.print(LEGEND, style="dim")


def _cells(row: TableRow, wide: bool) -> list[str]:
    n = "?" if row.n is None else f"{row.n}{' s' if row.n_grade is Grade.SECONDARY else ''}"
    cells = [
        f" {row.id}", n, SHORT_PHASE[row.phase], row.design, DIRECTION_IN_WORDS[row.direction],
        row.bias.replace("very-", "v."), SHORT_GRADE[row.grade],
    ]  # fmt: skip
    return [*cells, row.statement] if wide else cells


def _show_record(record: Record, as_json: bool) -> None:
    if as_json:
        print_json(record_document(record))
        return
    for line in record_lines(record):
        print_indented(line.text, line.depth, heading=line.heading)


def _show_finding(finding: Finding, as_json: bool) -> None:
    if as_json:
        print_json(finding_document(finding))
        return
    for line in finding_lines(finding):
        print_indented(line.text, line.depth, heading=line.heading)


def _show_economics(as_json: bool) -> None:
    if as_json:
        print_json(
            {"groups": [group.model_dump(mode="json", exclude_none=True) for group in load_economics()]}
        )
        return
    for group in load_economics():
        print_indented(f"{group.group} (read {group.read})", 0, heading=True)
        for fact in group.facts:
            print_indented(f"{fact.id}: {fact.statement} ({fact.grade})", 1)
        for missing in group.missing:
            print_indented(f"missing: {missing.what}", 1)
    print_indented("One in full: calor evidence ID", 0)


def _show_fact(fact: EconomicFact, as_json: bool) -> None:
    if as_json:
        print_json(fact_document(fact))
        return
    for line in fact_lines(fact):
        print_indented(line.text, line.depth, heading=line.heading)
