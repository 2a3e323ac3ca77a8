"""`calor model`: what the disease model consists of, and everything that can be done with it."""

from __future__ import annotations

from typing import Any

import click

from calor.cli.console import console, print_indented, print_json
from calor.cli.lazy import LazyGroup
from calor.core.errors import InputError
from calor.model.disease import load_disease
from calor.report.model_document import summary_of
from calor.report.numbers import shares_text
from calor.report.tables import Table, number, words

PARTS: dict[str, tuple[str, str]] = {
    "parameters": ("model_parameters", "every number: value, unit, spread, status, grade"),
    "parameter": ("model_parameter", "one number in full, with its source and reason"),
    "states": ("model_states", "what changes over time"),
    "slots": ("model_slots", "what a drug may act on"),
    "rivals": ("model_rivals", "the rival explanations that every prediction carries"),
    "export": ("model_export", "the model as SBML or Antimony, with drugs if wanted"),
    "source": ("model_source", "the model as readable C"),
    "diagram": ("model_diagram", "who influences whom, drawn from the equations"),
    "facts": ("model_facts", "the untreated virtual population against published facts"),
    "sensitivity": ("model_sensitivity", "how far a headline prediction rests on each assumed number"),
}


@click.group(
    "model",
    cls=LazyGroup,
    table=PARTS,
    invoke_without_command=True,
    epilog="Examples: calor model · calor model parameters --module central · calor model export --out a.xml",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show the model of the disease: modules, states, numbers and what they rest on."""
    if context.invoked_subcommand is not None:
        if as_json:
            part = context.invoked_subcommand
            raise InputError.of(
                f"has no effect before {part}", key="--json", hint=f"calor model {part} --json"
            )
        return
    document = summary_of(load_disease())
    if as_json:
        print_json(document)
    else:
        _print(document)


def _print(document: dict[str, Any]) -> None:
    rows = [
        (module["name"], ", ".join(module["states"]) or "-", str(module["parameters"]))
        for module in document["modules"]
    ]
    columns = (words("module"), words("states", greedy=True), number("numbers"))
    console().print(Table(columns, rows, title="The disease model by module", fills=True))
    print_indented(
        f"{document['states']} states, {document['quantities']} quantities, {document['parameters']} numbers "
        f"({document['uncertain']} with a prior, {document['varying_between_patients']} differing between "
        f"patients), {document['slots']} slots for drugs, {len(document['rivals'])} rival explanations.",
        0,
    )
    print_indented(f"What the numbers rest on: {shares_text(document['share_by_status'])}.", 0)
    print_indented("More: calor model --help. For research and education, not for treating a person.", 0)
