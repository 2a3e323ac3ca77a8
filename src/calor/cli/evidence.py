"""`calor evidence`: the evidence base as a table, by words, one record in full, or a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from calor.cli.check_evidence import command as check_evidence
from calor.cli.console import console, print_indented, print_json, show_parts
from calor.cli.options import excludes, needs, refuse_options
from calor.evidence.library import load_records, read_folder
from calor.evidence.record import Record
from calor.evidence.table import Filter, table_rows
from calor.evidence.words import class_named
from calor.report.evidence_document import rows_document
from calor.report.evidence_entry import Entry, entry_of
from calor.report.evidence_table import record_parts

FILTERS = ("--class", "--phase", "--design", "--grade", "--text")


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
@click.option(
    "--robvis", type=click.Path(path_type=Path), help="File: risk of bias as robvis reads it (CSV)."
)
@click.option(
    "--tool", type=click.Choice(["rob2", "robins-i"]), default="rob2", show_default=True,
    help="The studies of --robvis: judged by RoB 2 (randomised) or by ROBINS-I.",
)  # fmt: skip
@click.option(
    "--prisma", type=click.Path(path_type=Path), help="File: the PRISMA 2020 flow of the records (CSV)."
)
@click.option("--add", type=click.Path(path_type=Path), help="Your own records to add: a file or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@needs("--out", "--forest")
@excludes("--forest", "ID OR WORDS", *FILTERS)
@needs("--tool", "--robvis")
@excludes("--robvis", "ID OR WORDS", "--forest")
@excludes("--prisma", "ID OR WORDS", "--forest")
def command(
    words: tuple[str, ...],
    drug_class: str | None,
    phase: str | None,
    design: str | None,
    grade: str | None,
    text: str | None,
    forest_class: str | None,
    out: Path,
    robvis: Path | None,
    tool: str,
    prisma: Path | None,
    add: Path | None,
    as_json: bool,
) -> None:
    """Browse the evidence base: what was tried, in whom, with what result, and how well it is known.

    WORDS are what people say: a drug or its trade name, a class (steroid, anti-TNF), early or long-standing,
    or anything that stands in a record; the studies then come with their harms and those of the drug.

    --robvis and --prisma write tables that the R packages robvis and PRISMA2020 draw, of all records or of
    those that the filters let through.

    `calor evidence economics` lists utilities, costs, accrual and incidence;
    `calor evidence check` lists what is unverified, as calor check evidence does.
    """
    if words == ("check",):
        click.get_current_context().invoke(check_evidence, add=add, show_all=False, as_json=as_json)
        return
    records = _records(add)
    entry = entry_of(words[0], records) if len(words) == 1 else None
    if entry is not None:
        refuse_options(FILTERS, "beside an ID")
        _show_entry(entry, as_json)
        return
    filters = Filter(drug_class, phase, design, grade, text)
    if words:
        _show_answer(records, words, filters, as_json)
        return
    if forest_class is not None:
        from calor.cli.evidence_forest import show_forest  # the plot needs Matplotlib, the table does not

        show_forest(records, class_named(forest_class, "--forest"), out, as_json)
        return
    if robvis is not None or prisma is not None:
        from calor.cli.evidence_tables import write_tables

        write_tables(records, filters, robvis, tool, prisma, as_json)
        return
    _show_table(records, filters, as_json)


def _records(add: Path | None) -> tuple[Record, ...]:
    """Return the records that ship, those of a user's own in the place of theirs or after them."""
    added = read_folder(add) if add is not None else ()
    return (*(one for one in load_records() if one.id not in {own.id for own in added}), *added)


def _show_table(records: Sequence[Record], filters: Filter, as_json: bool) -> None:
    """Show the records that a filter lets through, one row each."""
    rows = table_rows(records, filters)
    if as_json:
        print_json(rows_document(rows))
    else:
        show_parts(record_parts(rows, console().width))


def _show_answer(records: Sequence[Record], words: tuple[str, ...], filters: Filter, as_json: bool) -> None:
    """Show what is known under some words: studies, benefits and harms."""
    from calor.report.evidence_answer import answer_in_full  # harms need the drugs, the table does not

    answer = answer_in_full(records, words, filters)
    if as_json:
        print_json(answer.document())
    else:
        show_parts(answer.parts(console().width))


def _show_entry(entry: Entry, as_json: bool) -> None:
    """Show one record in full."""
    if as_json:
        print_json(entry.document)
        return
    for line in entry.lines:
        print_indented(line.text, line.depth, heading=line.heading)
