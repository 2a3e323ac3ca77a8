"""`calor runs`: the runs on disk, where each stands, and what can be done with them."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import console, error_console, print_json
from calor.cli.lazy import LazyGroup
from calor.core.errors import InputError
from calor.report.runs_table import runs_table
from calor.store.saved_runs import RUNS, runs_in

PARTS: dict[str, tuple[str, str]] = {
    "show": ("runs_show", "one run in full: what was asked, with what, and how far it is"),
    "stop": ("runs_stop", "ask a run to stop, from wherever it was begun; what is finished is kept"),
    "remove": ("runs_remove", "remove a run with everything in its folder"),
}


@click.group(
    "runs",
    cls=LazyGroup,
    table=PARTS,
    invoke_without_command=True,
    epilog="Examples: calor runs · calor runs --in studies --json · calor runs show runs/my-trial-1 · "
    "calor resume runs/my-trial-1",
)
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="List the runs of this folder.  [default: those in runs/ and beside it]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@click.pass_context
def command(context: click.Context, folder: Path | None, as_json: bool) -> None:
    """List runs: the folder, where it stands, what was asked, when it was begun, how far it is.

    A run is queued, running, stopped, done or failed. calor resume RUN goes on with one that is not done.
    """
    if context.invoked_subcommand is not None:
        if as_json or folder is not None:
            part = context.invoked_subcommand
            raise InputError.of(
                f"has no effect before {part}",
                key="--json" if as_json else "--in",
                hint=f"calor runs {part} RUN",
            )
        return
    places = (RUNS, Path()) if folder is None else (folder,)
    runs = [run for place in places for run in runs_in(place)]
    if as_json:
        print_json({"runs": [run.to_document() for run in runs]})
    elif runs:
        console().print(runs_table(runs))
    else:
        error_console().print(f"no run in {' or '.join(str(place.resolve()) for place in places)}")
