"""`calor resume`: go on with a run that was stopped, failed, or waits in a queue."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from calor.cli.console import error_console, print_json
from calor.cli.number_types import WORKERS
from calor.cli.trial_options import cluster_option
from calor.core.errors import InputError
from calor.store.active_run import tidy_finished
from calor.store.saved_run import read_run
from calor.store.saved_runs import listed_run
from calor.store.states import State


@click.command(
    "resume", epilog="Example: calor resume runs/goebel-2017-lips-20261128T095530 (calor runs lists them)"
)
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--workers", type=WORKERS, help="Threads; changes no number.  [default: all cores]")
@cluster_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def command(run: Path, workers: int | None, cluster: str | None, as_json: bool) -> None:
    """Go on with the run in the folder RUN: what is finished is not done again.

    The result is that of a run which nothing had stopped, to the last byte. A file of the request (protocol,
    posterior) that has changed since is an error. Of a run that is done already it is said.
    """
    from calor.cli.root import calor_command, name_of_command

    found = listed_run(run)
    if found.request is None:
        raise InputError.of("does not say what was asked", file=run, hint="give its command again")
    if found.status.state is State.DONE:
        tidy_finished(run)
        if as_json:
            print_json(read_run(run).result)
        error_console().print(f"done already; its report: calor report {shlex.quote(str(run))}")
        return
    folder = run.resolve()
    if Path(found.request.working_folder).is_dir():
        os.chdir(found.request.working_folder)
    arguments = [*found.request.arguments]
    asked = calor_command.get_command(click.get_current_context(), name_of_command(arguments))
    if asked is None:
        raise InputError.of("asks for no command of calor", file=run)
    if any(parameter.name == "out" for parameter in asked.params):
        arguments += ["--out", str(folder)]
    arguments += ["--workers", str(workers)] if workers else []
    arguments += ["--cluster", cluster] if cluster else []
    arguments += ["--json"] if as_json else []
    calor_command.main(arguments, prog_name="calor", standalone_mode=False, obj=tuple(arguments))
