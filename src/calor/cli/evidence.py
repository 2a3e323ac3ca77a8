"""`calor evidence`: the evidence base as a table, one record in full, or a forest plot."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from calor.cli.check_evidence import command as check_evidence
from calor.cli.console import console, print_indented, print_json
from calor.cli.options import excludes, needs
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import Finding, numbers_of_finding
from calor.evidence.findings import finding as shipped_finding
from calor.evidence.library import load_records, numbers_of, read_folder, recalled_numbers_of
from calor.evidence.library import record as shipped_record
from calor.evidence.numbers import Located
from calor.evidence.published import published_contrast
from calor.evidence.record import Record
from calor.evidence.table import DIRECTION_IN_WORDS, Filter, TableRow, counts_by_design, table_rows
from calor.evidence.vocabulary import DrugClass, Phase
from calor.report.record_text import finding_lines, record_lines

WIDE = 120
FINDING_ID = re.compile(r"^[A-G]\d\d$")
SHORT_GRADE = {Grade.VERIFIED: "ver", Grade.SECONDARY: "sec", Grade.RECALLED: "rec", None: "-"}
SHORT_PHASE = {
    Phase.ACUTE: "acute", Phase.PERSISTENT: "persist", Phase.MIXED: "mixed", Phase.UNCLEAR: "?",
    Phase.NOT_CRPS: "other",
}  # fmt: skip
LEGEND = (
    "n: patients, with s where read in a secondary page. bias: one rater's impression of an abstract. "
    "grade of the result: ver read in the source, sec in a page that quotes it, - not read. "
    "One record or finding (A01 ... G14) in full: calor evidence ID"
)


@click.command(
    "evidence", epilog="Example: calor evidence --class immunoglobulin, or: calor evidence goebel-2010"
)
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--class", "drug_class", metavar="CLASS", help="Only this drug class, as immunoglobulin.")
@click.option("--phase", metavar="PHASE", help="Only acute, persistent, mixed, unclear or not-crps.")
@click.option("--design", metavar="DESIGN", help="Only rct, open-rct, crossover, series, case, review ...")
@click.option(
    "--grade", metavar="GRADE", help="Only results graded verified, secondary or none; or recalled."
)
@click.option("--text", metavar="WORDS", help="Only records that hold these words.")
@click.option("--forest", "forest_class", metavar="CLASS", help="Forest plot of a drug class.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for the forest plot.")
@click.option("--add", type=click.Path(path_type=Path), help="A folder of your own records to add.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@needs("--out", "--forest")
@excludes("--forest", "ID")
@excludes("--class", "ID", "--forest")
@excludes("--phase", "ID", "--forest")
@excludes("--design", "ID", "--forest")
@excludes("--grade", "ID", "--forest")
@excludes("--text", "ID", "--forest")
def command(
    identifier: str | None,
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

    `calor evidence check` lists what is unverified, as calor check evidence does.
    """
    if identifier == "check":
        click.get_current_context().invoke(check_evidence, add=add, show_all=False, as_json=as_json)
        return
    added = read_folder(add) if add is not None else ()
    if identifier is not None:
        if FINDING_ID.match(identifier):
            _show_finding(shipped_finding(identifier), as_json)
            return
        own = next((one for one in added if one.id == identifier), None)
        _show_record(own or shipped_record(identifier), as_json)
        return
    records = (*(one for one in load_records() if one.id not in {own.id for own in added}), *added)
    if forest_class is not None:
        from calor.cli.evidence_forest import show_forest  # the plot needs Matplotlib, the table does not

        show_forest(records, _class_named(forest_class), out, as_json)
        return
    rows = table_rows(records, Filter(drug_class, phase, design, grade, text))
    if as_json:
        print_json({"records": [_row_as_json(row) for row in rows], "count": len(rows)})
    else:
        _show_table(rows)


def _class_named(name: str) -> DrugClass:
    allowed = [member.value for member in DrugClass]
    if name not in allowed:
        raise InputError.of(f"is {name!r}", key="--forest", allowed=", ".join(allowed))
    return DrugClass(name)


def _row_as_json(row: TableRow) -> dict[str, Any]:
    return {**dataclasses.asdict(row), "source": f"calor evidence {row.id} --json"}


def _show_table(rows: Sequence[TableRow]) -> None:
    screen = console()
    if not rows:
        screen.print("no record fits; take a filter away")
        return
    wide = screen.width >= WIDE
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name, settings in (
        ("id", {"overflow": "fold", "max_width": None if wide else 29}),
        ("n", {"justify": "right", "no_wrap": True}),
        ("phase", {"no_wrap": True}),
        ("design", {"no_wrap": True}),
        ("result", {"no_wrap": True}),
        ("bias", {"no_wrap": True}),
        ("grade", {"no_wrap": True}),
    ):
        table.add_column(name, **settings)
    if wide:
        table.add_column("in one sentence", ratio=1)
    current: DrugClass | None = None
    for row in rows:
        if row.drug_class is not current:
            current = row.drug_class
            table.add_row(Text(current.value, style="bold"))
        table.add_row(*_cells(row, wide))
    screen.print(table)
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
        print_json(
            {
                "record": record.model_dump(mode="json", exclude_none=True),
                "published": dataclasses.asdict(published_contrast(record)),
                "numbers": _numbers_as_json((*numbers_of(record), *recalled_numbers_of(record))),
            }
        )
        return
    for line in record_lines(record):
        print_indented(line.text, line.depth, heading=line.heading)


def _show_finding(finding: Finding, as_json: bool) -> None:
    if as_json:
        shown = finding.model_dump(mode="json", exclude_none=True)
        print_json({"finding": shown, "numbers": _numbers_as_json(numbers_of_finding(finding))})
        return
    for line in finding_lines(finding):
        print_indented(line.text, line.depth, heading=line.heading)


def _numbers_as_json(numbers: Iterable[Located]) -> list[dict[str, Any]]:
    return [
        {
            "path": located.path,
            "words": located.words,
            "grade": located.grade,
            "status": located.status,
            "sources": list(located.sources),
        }
        for located in numbers
    ]
