"""`calor model slots`: what a drug may act on, and which drugs of the library do."""

from __future__ import annotations

import click

from calor.cli.console import console, print_json
from calor.model.disease import load_disease
from calor.report.tables import Table, words
from calor.therapy.library import load_library


@click.command(epilog="Example: calor model slots")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(as_json: bool) -> None:
    """List the slots of the model: processes that a drug may multiply, 1 where nothing acts."""
    library = load_library()
    slots = [
        {
            "name": slot.name,
            "process": slot.process,
            "drugs": sorted(
                {drug.id for drug in library for action in drug.actions if action.slot == slot.name}
            ),
        }
        for slot in load_disease().slots
    ]
    if as_json:
        print_json({"slots": slots, "count": len(slots)})
        return
    rows = [(str(slot["name"]), str(slot["process"]), ", ".join(slot["drugs"]) or "-") for slot in slots]
    columns = tuple(map(words, ("slot", "process", "drugs of the library")))
    console().print(Table(columns, rows, framed=False, fills=True))
