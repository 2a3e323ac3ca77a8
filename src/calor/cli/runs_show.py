"""`calor runs show`: one run in full."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from calor.cli.console import print_indented, print_json
from calor.report.runs_table import run_lines
from calor.store.saved_runs import listed_run


@click.command("show", epilog="Example: calor runs show runs/goebel-2017-lips-20261128T095530")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with the whole request.")
def command(run: Path, as_json: bool) -> None:
    """Show the run in the folder RUN: what was asked, with what it is made, and how far it is."""
    found = listed_run(run)
    if as_json:
        print_json({**found.to_document(), "request": asdict(found.request) if found.request else None})
        return
    for line in run_lines(found):
        print_indented(line, 0)
