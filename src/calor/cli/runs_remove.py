"""`calor runs remove`: remove a run with everything in its folder."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import error_console
from calor.store.saved_runs import remove_run


@click.command("remove", epilog="Example: calor runs remove runs/goebel-2017-lips-20261128T095530")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Remove the run in the folder RUN with everything in it; a run that is at work is refused."""
    remove_run(run)
    error_console().print(f"removed: {run}", soft_wrap=True)
