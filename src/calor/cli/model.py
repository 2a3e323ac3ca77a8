"""`calor model`: what the disease model consists of, and everything that can be done with it."""

from __future__ import annotations

import click

from calor.cli.console import print_indented, print_json, show_parts
from calor.cli.lazy import LazyGroup
from calor.core.errors import InputError
from calor.model.disease import load_disease
from calor.report.model_document import summary_of
from calor.report.model_text import model_parts

PARTS: dict[str, tuple[str, str]] = {
    "parameters": ("model_parameters", "every number: value, unit, spread, status, grade"),
    "parameter": ("model_parameter", "one number in full, with its source and reason"),
    "states": ("model_states", "what changes over time"),
    "slots": ("model_slots", "what a drug may act on"),
    "rivals": ("model_rivals", "the rival explanations that every prediction carries"),
    "export": ("model_export", "the model as SBML or Antimony, with drugs if wanted"),
    "petab": ("model_petab", "the model, its priors and doses as a PEtab problem"),
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
        show_parts(model_parts(document))
        print_indented("More: calor model --help. For research and education, not for treating a person.", 0)
