"""`calor model export`: the model for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.texts import give_text
from calor.model.disease import load_disease
from calor.model.sbml import inconsistencies
from calor.therapy.compose import compose
from calor.therapy.library import load_drug

FORMATS = ("sbml", "antimony")


@click.command(epilog="Example: calor model export --format sbml --drug infliximab --out model.xml")
@click.option("--format", "chosen", type=click.Choice(FORMATS), default="sbml", show_default=True)
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="Compose this drug in; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="File.  [default: stdout]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
def command(chosen: str, drugs: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Write the model as SBML Level 3 Version 2 (libSBML's consistency check is clean) or as Antimony.

    Drugs stand in it without doses: give them with your tool's dosing events into the drug's depot or plasma.
    """
    composed = compose(load_disease(), [load_drug(drug) for drug in drugs])
    text = composed.sbml if chosen == "sbml" else composed.antimony
    about = {
        "format": chosen,
        "drugs": [drug.id for drug in composed.drugs],
        "inconsistencies": list(inconsistencies(composed.sbml)) if as_json else [],
    }
    give_text(text, out, about, as_json)
