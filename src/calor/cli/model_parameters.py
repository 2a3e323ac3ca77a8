"""`calor model parameters`: every number of the model and of measurement, with filters."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import click

from calor.cli.console import console, print_indented, print_json
from calor.model.parameters import Parameter, Scale
from calor.model.units import sign_of
from calor.report.model_document import parameter_document, patients_in_words, prior_in_words, selected
from calor.report.tables import Group, Row, Table, label, number, words


@click.command(epilog="Example: calor model parameters --module central --status assumed")
@click.option("--module", metavar="M", help="Only this module, as central; measurement has its own modules.")
@click.option("--status", metavar="S", help="Only numbers that are measured, derived, calibrated or assumed.")
@click.option("--grade", metavar="G", help="Only numbers whose source is verified, secondary or none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(module: str | None, status: str | None, grade: str | None, as_json: bool) -> None:
    """List the numbers of the disease and of its measurement; one in full: calor model parameter ID."""
    rows = selected(module, status, grade)
    if as_json:
        print_json({"parameters": [parameter_document(row) for row in rows], "count": len(rows)})
    else:
        _print(rows)


def _print(rows: Iterable[Parameter]) -> None:
    rows = list(rows)
    if not rows:
        console().print("no number fits; take a filter away")
        return
    cells: list[Row] = []
    for module, own in groupby(rows, lambda row: row.module):
        cells.append(Group(module))
        cells += [
            (
                f" {row.identifier}",
                f"{row.value:g}",
                sign_of(row.unit),
                prior_in_words(row),
                patients_in_words(row).replace("log-SD ", "x/ "),
                str(row.status),
            )
            for row in own
        ]
    columns = (
        words("id", greedy=True, breaks_at=25), number("value"), words("unit", breaks_at=8),
        number("prior, 95 %"), words("patients"), label("status"),
    )  # fmt: skip
    console().print(Table(columns, cells, framed=False, fills=True))
    fixed = sum(row.scale is Scale.FIXED for row in rows)
    print_indented(f"\n{len(rows)} numbers, {len(rows) - fixed} of them uncertain. x/: log-SD.", 0)
