"""`calor model diagram`: who influences whom, drawn from the equations."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from calor.cli.console import console, print_json
from calor.core.streams import Stream
from calor.model.causal import CausalGraph, causal_graph
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.patients import draw_patients
from calor.population.uncertainty import draw_worlds, restricted

WORLDS, PEOPLE = 30, 360


@click.command(epilog="Example: calor model diagram --out figures")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder.  [default: here]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with the arrows.")
def command(out: Path, as_json: bool) -> None:
    """Draw the causal diagram of the model (PNG, SVG) with its arrows as data (CSV).

    Arrows and signs are derivatives of the equations, taken along the courses of people drawn from the prior:
    a changed equation changes the picture.
    """
    from calor.report.model_diagram import save_model_diagram  # what draws takes long to load

    graph = _graph()
    paths = save_model_diagram(graph, out)
    if as_json:
        print_json(
            {
                "nodes": [
                    {"id": node.identifier, "name": node.name, "module": node.module, "kind": node.kind}
                    for node in graph.nodes
                ],
                "influences": [
                    {
                        "source": arrow.source,
                        "target": arrow.target,
                        "sign": str(arrow.sign),
                        "agreement": arrow.agreement,
                        "slot": arrow.is_slot,
                    }
                    for arrow in graph.influences
                ],
                "files": [str(path) for path in paths],
            }
        )
    else:
        console().print(f"{len(graph.nodes)} quantities, {len(graph.influences)} influences")
        console().print(f"written: {', '.join(str(path) for path in paths)}", soft_wrap=True)


def _graph() -> CausalGraph:
    disease = load_disease()
    stream = Stream(1)
    drawn = draw_worlds(disease.parameters, stream, np.arange(WORLDS))
    by_rival = [restricted(drawn, rival.sets) for rival in load_rivals()]
    worlds = {name: np.concatenate([world[name] for world in by_rival]) for name in drawn}
    draws = np.arange(PEOPLE) % (WORLDS * len(by_rival))
    people = draw_patients(disease.parameters, worlds, stream, np.arange(PEOPLE), draws)
    names = tuple(people.values)
    return causal_graph(disease, names, people.matrix(names))
