"""`calor runs stop`: ask a run to stop, from another process."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from calor.cli.console import error_console
from calor.store.saved_runs import stop_run


@click.command("stop", epilog="Example: calor runs stop runs/goebel-2017-lips-20261128T095530")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Ask the run in the folder RUN to stop at its next safe point; what is finished is kept.

    Of a run that has stopped already it is said; one that is done or has failed is refused.
    """
    said = "asked to stop" if stop_run(run) else "stopped already"
    error_console().print(f"{said}; to go on later: calor resume {shlex.quote(str(run))}")
