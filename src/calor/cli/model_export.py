"""`calor model export`: the model for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import error_console, print_json
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_text
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
    if out is not None:
        write_text(out, text)
    if as_json:
        print_json(
            {
                "format": chosen,
                "drugs": [drug.id for drug in composed.drugs],
                "sha256": sha256_of_text(text),
                "inconsistencies": list(inconsistencies(composed.sbml)),
                "file": str(out) if out else None,
                "text": None if out else text,
            }
        )
    elif out is None:
        click.echo(text, nl=False)
    else:
        error_console().print(f"written: {out}", soft_wrap=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file and the folders above it. Raises InputError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path, key="--out") from None
