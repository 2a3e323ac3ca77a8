"""`calor model diagram`: who influences whom, drawn from the equations."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import console, print_json
from calor.population.causal_people import graph_of_disease
from calor.report.model_document import graph_document


@click.command(epilog="Example: calor model diagram --out figures")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder.  [default: here]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with the arrows.")
def command(out: Path, as_json: bool) -> None:
    """Draw the causal diagram of the model (PNG, SVG) with its arrows as data (CSV).

    Arrows and signs are derivatives of the equations, taken along the courses of people drawn from the prior:
    a changed equation changes the picture.
    """
    from calor.report.model_diagram import save_model_diagram  # what draws takes long to load

    graph = graph_of_disease()
    paths = save_model_diagram(graph, out)
    if as_json:
        print_json({**graph_document(graph), "files": [str(path) for path in paths]})
    else:
        console().print(f"{len(graph.nodes)} quantities, {len(graph.influences)} influences")
        console().print(f"written: {', '.join(str(path) for path in paths)}", soft_wrap=True)
