"""`calor model rivals`: the explanations that every prediction carries."""

from __future__ import annotations

from typing import Any

import click

from calor.cli.console import print_indented, print_json
from calor.model.rivals import Rival, load_rivals


@click.command(epilog="Example: calor model rivals")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(as_json: bool) -> None:
    """List the rival explanations: what each says, which parameters it holds, and facts that bear on it."""
    rivals = load_rivals()
    if as_json:
        documents = [rival_document(rival, 1 / len(rivals)) for rival in rivals]
        print_json({"rivals": documents, "count": len(rivals)})
        return
    for rival in rivals:
        held = ", ".join(f"{name} = {value:g}" for name, value in rival.sets.items())
        print_indented(rival.name, 0, heading=True)
        print_indented(rival.says, 1)
        print_indented(f"holds: {held}", 1)
        print_indented(f"facts: {', '.join(_evidence(rival))}", 1)
    print_indented("Weights are equal until the model is calibrated. A fact in full: calor evidence C13", 0)


def rival_document(rival: Rival, weight: float) -> dict[str, Any]:
    """Return a rival as JSON; the weight is equal until the model is calibrated."""
    return {
        "name": rival.name,
        "says": rival.says,
        "sets": rival.sets,
        "evidence": _evidence(rival),
        "weight": weight,
    }


def _evidence(rival: Rival) -> list[str]:
    return list(dict.fromkeys(fact for answer in rival.answers for fact in answer.evidence))
