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
from calor.core.executors.opening import processes_named
from calor.store.active_run import tidy_finished
from calor.store.requests import Request
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
    found = listed_run(run)
    if found.request is None:
        raise InputError.of("does not say what was asked", file=run, hint="give its command again")
    options = _options(_command_of(run, found.request), workers, cluster)
    if found.status.state is State.DONE:
        tidy_finished(run)
        if as_json:
            print_json(read_run(run).result)
        error_console().print(f"done already; its report: calor report {shlex.quote(str(run))}")
        return
    _go_on(run.resolve(), found.request, [*options, *(["--json"] if as_json else [])])


def _command_of(run: Path, request: Request) -> click.Command:
    """Return the command that was given. Raises InputError where calor has none such."""
    from calor.cli.root import calor_command, name_of_command

    named = name_of_command(request.arguments)
    asked = calor_command.get_command(click.get_current_context(), named)
    if asked is None:
        raise InputError.of("asks for no command of calor", file=run)
    return asked


def _options(asked: click.Command, workers: int | None, cluster: str | None) -> list[str]:
    """Return the options that go to the command. Raises InputError for one that it has not or cannot read."""
    given = {name: str(value) for name, value in (("workers", workers), ("cluster", cluster)) if value}
    known = {parameter.name for parameter in asked.params}
    for name in given:
        if name not in known:
            raise InputError.of(f"calor {asked.name} has no such option", key=f"--{name}")
    if cluster is not None:
        processes_named(cluster)
    return [part for name, value in given.items() for part in (f"--{name}", value)]


def _go_on(folder: Path, request: Request, options: list[str]) -> None:
    """Give the command again, where it was given."""
    from calor.cli.root import calor_command

    if Path(request.working_folder).is_dir():
        os.chdir(request.working_folder)
    arguments = [*request.arguments, *options]
    if any(parameter.name == "out" for parameter in _command_of(folder, request).params):
        arguments += ["--out", str(folder)]
    calor_command.main(arguments, prog_name="calor", standalone_mode=False, obj=tuple(arguments))
