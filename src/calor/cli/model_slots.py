"""`calor model slots`: what a drug may act on, and which drugs of the library do."""

from __future__ import annotations

import click
from rich.table import Table

from calor.cli.console import console, print_json
from calor.model.disease import load_disease
from calor.therapy.library import load_library

WIDTH = 80


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
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=WIDTH)
    for heading in ("slot", "process", "drugs of the library"):
        table.add_column(heading, overflow="fold")
    for slot in slots:
        table.add_row(str(slot["name"]), str(slot["process"]), ", ".join(slot["drugs"]) or "-")
    console().print(table)
