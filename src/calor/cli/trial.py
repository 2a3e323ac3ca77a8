"""`calor trial`: predict a trial, published or of the user's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import Number
from calor.cli.options import needs
from calor.cli.trial_options import Asked, simulation_options
from calor.trial.bank.run_bounds import POWER

if TYPE_CHECKING:
    from calor.study import Protocol
    from calor.trial.bank.scenario import Scenario
    from calor.trial.bank.settings import RunSettings

Occasion = Callable[[], dict[str, Any]]
"""What says when a run began, how long it took and where it is kept."""


@click.command(
    epilog="Examples: calor trial goebel-2017-lips · calor trial my-trial.yaml --seed 7 --json · "
    "calor trial my-trial.yaml --find n --power 0.8 --assume-effect -1",
)
@click.argument("protocol", metavar="PROTOCOL")
@simulation_options
@click.option("--find", type=click.Choice(["n"]), default=None, help="Search the size that reaches --power.")
@click.option("--power", type=Number(*POWER), default=0.8, show_default=True, help="Power to reach.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder of the run.  [default: runs/ID-TIME]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@needs("--power", "--find")
def command(
    protocol: str,
    asked: Asked,
    find: str | None,
    power: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Predict the trial PROTOCOL: a protocol file (.yaml), or the id of a published one (see calor trials).

    Prints the arms, the contrast with two intervals (of the effect: what is uncertain; of a trial's result:
    with sampling), the rival explanations, what the design does over many trials, and the published result
    where there is one. Writes a run folder with a manifest, the results as Parquet and a figure (PNG, SVG,
    data). Power is quoted from a posterior or given an assumed effect, never from priors set by hand.
    """
    # What simulates takes long to load, and help is answered without it.
    from calor.report.search_table import print_search
    from calor.report.trial_table import print_trial
    from calor.store.run_folder import free_folder, new_run_folder
    from calor.trial.runs.named import find_protocol
    from calor.trial.runs.provenance import occasion_of

    began, clock = datetime.now(UTC), time.monotonic()
    chosen = find_protocol(protocol)
    scenario, settings = asked.scenario({chosen.role}), asked.settings()
    searching = "-find-n" if find else ""
    folder = out or free_folder(Path("runs") / f"{chosen.id}{searching}-{began:%Y%m%dT%H%M%S}")
    with new_run_folder(folder) as inside:
        occasion = partial(occasion_of, began, clock, folder)
        document = (
            _searched(chosen, scenario, settings, power, occasion, inside)
            if find
            else _simulated(chosen, scenario, settings, occasion, inside)
        )
    if as_json:
        print_json(document)
        return
    (print_search if find else print_trial)(document, console())
    error_console().print(f"run folder: {folder}", soft_wrap=True)


def _simulated(
    protocol: Protocol, scenario: Scenario, settings: RunSettings, occasion: Occasion, folder: Path
) -> dict[str, Any]:
    """Simulate a trial, keep the run in a folder, and return its document."""
    from calor.report.trial_run import save_run
    from calor.trial.runs.document import result_document
    from calor.trial.runs.pipeline import run_trial
    from calor.trial.runs.provenance import origin_of

    with watched() as progress:
        run = run_trial(protocol, settings, progress, scenario)
    origin = origin_of(run.ready, len(run.prediction.replicates))
    document = result_document(run, {**origin, **occasion()})
    save_run(run, document, folder)
    return document


def _searched(
    protocol: Protocol,
    scenario: Scenario,
    settings: RunSettings,
    power: float,
    occasion: Occasion,
    folder: Path,
) -> dict[str, Any]:
    """Search the size of a trial, keep the search in a folder, and return its document."""
    from calor.report.trial_run import save_search
    from calor.trial.runs.document import search_document
    from calor.trial.runs.provenance import origin_of
    from calor.trial.runs.sizing import search_size

    with watched() as progress:
        ready, search = search_size(protocol, scenario, settings, power, progress)
    document = search_document(ready, search, {**origin_of(ready, settings.replicates), **occasion()})
    save_search(protocol, document, folder)
    return document
