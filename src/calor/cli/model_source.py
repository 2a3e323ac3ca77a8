"""`calor model source`: the model as code that people can read."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.texts import give_text
from calor.engine import load_sbml
from calor.engine.backends.c_source import c_source
from calor.engine.ir.lowering import lower
from calor.model.disease import load_disease
from calor.therapy.compose import compose
from calor.therapy.library import load_drug


@click.command(epilog="Example: calor model source --language c --drug infliximab --out model.c")
@click.option("--language", type=click.Choice(["c"]), default="c", show_default=True)
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="Compose this drug in; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="File.  [default: stdout]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
def command(language: str, drugs: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Write what is computed at every step as C, for audit: the program that all backends run."""
    composed = compose(load_disease(), [load_drug(drug) for drug in drugs])
    text = c_source(lower(load_sbml(composed.sbml)))
    give_text(text, out, {"language": language, "drugs": [drug.id for drug in composed.drugs]}, as_json)
