"""`calor compare`: several designs side by side, with common random numbers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.trial_options import Asked, simulation_options
from calor.core.errors import InputError


@click.command(epilog="Example: calor compare goebel-2017-lips my-trial.yaml --assume-effect -1")
@click.argument("protocols", metavar="PROTOCOL...", nargs=-1, required=True)
@simulation_options
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder for the picture and its data."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(
    protocols: tuple[str, ...],
    asked: Asked,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run several protocols on the same worlds and random numbers, and set them side by side.

    Shows effect, a trial's result, type I error, power where it may be quoted, patients, days and cost. What
    differs between designs is then the design, not the luck of the draw.
    """
    if len(protocols) < 2:
        raise InputError.of(f"{len(protocols)} protocol given", key="PROTOCOL...", allowed="two or more")
    # What simulates takes long to load, and help is answered without it.
    from calor.core.versions import versions
    from calor.store.run_folder import run_folder_if_named
    from calor.trial.runs.comparison import comparison_document
    from calor.trial.runs.named import find_protocol
    from calor.trial.runs.pipeline import run_trial
    from calor.trial.runs.provenance import occasion_of

    chosen = [find_protocol(name) for name in protocols]
    scenario, settings = asked.scenario({protocol.role for protocol in chosen}), asked.settings()
    from calor.report.comparison import print_comparison, save_comparison  # what draws takes long to load

    began, clock = datetime.now(UTC), time.monotonic()
    with run_folder_if_named(out) as inside:
        with watched() as progress:
            runs = [run_trial(protocol, settings, progress, scenario) for protocol in chosen]
        document = comparison_document(runs)
        document["provenance"] |= {"versions": versions(), **occasion_of(began, clock, out)}
        if inside is not None:
            save_comparison(document, inside)
    if out is not None:
        error_console().print(f"picture and data: {out}", soft_wrap=True)
    if as_json:
        print_json(document)
        return
    print_comparison(document, console())
