"""`calor model states`: what changes over time, and what is computed from it."""

from __future__ import annotations

import click

from calor.cli.console import console, print_json
from calor.core.errors import InputError
from calor.model.disease import load_disease
from calor.model.units import sign_of
from calor.report.model_document import variable_document
from calor.report.tables import Table, words


@click.command(epilog="Example: calor model states --module adaptive")
@click.option("--module", metavar="M", help="Only this module.")
@click.option("--all", "everything", is_flag=True, help="Also the quantities computed from states.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(module: str | None, everything: bool, as_json: bool) -> None:
    """List the states of the model with name, module and unit."""
    disease = load_disease()
    modules = dict.fromkeys(variable.module for variable in disease.variables)
    if module is not None and module not in modules:
        raise InputError.of(f"is {module!r}", key="--module", allowed=", ".join(modules))
    shown = [
        variable
        for variable in (disease.variables if everything else disease.states)
        if module in (None, variable.module)
    ]
    if as_json:
        print_json(
            {
                "states": [variable_document(variable) for variable in shown],
                "count": len(shown),
            }
        )
        return
    rows = [
        (variable.identifier, variable.module, sign_of(variable.unit), variable.name) for variable in shown
    ]
    columns = tuple(map(words, ("id", "module", "unit", "what it is")))
    console().print(Table(columns, rows, framed=False, fills=True))
