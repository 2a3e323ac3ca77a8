"""`calor check model`: is the disease model whole?"""

from __future__ import annotations

import click

from calor.cli.console import console, print_json
from calor.model.checking import problems_of_model
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.model.sbml import ModelError


@click.command(epilog="Example: calor check model")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(as_json: bool) -> None:
    """Check the disease model: units of every equation, tables, slots, outputs and rivals.

    A number without unit, source, grade or reason is refused when the table is read.
    """
    disease, rivals = load_disease(), load_rivals()
    problems = problems_of_model(disease, rivals)
    if as_json:
        print_json({"model_sha256": disease.sha256, "sound": not problems, "problems": problems})
    if problems:
        raise ModelError("the model is not whole:\n  " + "\n  ".join(problems))
    if not as_json:
        console().print(
            f"the model is sound: {len(disease.variables)} equations with consistent units, "
            f"{len(disease.parameters)} numbers, {len(disease.slots)} slots, {len(rivals)} rivals"
        )
