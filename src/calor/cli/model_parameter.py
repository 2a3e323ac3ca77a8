"""`calor model parameter ID`: one number in full."""

from __future__ import annotations

import click

from calor.cli.console import print_indented, print_json
from calor.evidence.findings import load_findings
from calor.model.parameters import NO_GRADE, Parameter
from calor.model.units import sign_of
from calor.report.model_document import (
    parameter_document,
    parameter_named,
    patients_in_words,
    prior_in_words,
)


@click.command(epilog="Example: calor model parameter glial_loss_rate")
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(identifier: str, as_json: bool) -> None:
    """Show the number ID with its unit, spread, source, grade, status and reason."""
    row = parameter_named(identifier)
    if as_json:
        print_json(parameter_document(row))
        return
    print_indented(f"{row.identifier}: {row.name}", 0, heading=True)
    for label, words in (
        ("value", f"{row.value:g} {sign_of(row.unit)}"),
        ("module", row.module),
        ("prior", f"{prior_in_words(row)} (95 %), {row.scale} scale, SD {row.prior_sd:g}"),
        ("between patients", patients_in_words(row) or "the same for everybody"),
        ("status", str(row.status)),
        ("source", _source_in_words(row)),
        ("reason", row.rationale),
    ):
        print_indented(f"{label}: {words}", 1)


def _source_in_words(row: Parameter) -> str:
    found = next((entry for entry in load_findings() if entry.id == row.source), None)
    grade = f"grade {row.grade or NO_GRADE}"
    return f"{row.source} ({found.statement}), {grade}" if found else f"{row.source}, {grade}"
