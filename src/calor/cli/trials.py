"""`calor trials`: the published trials with their frozen forecasts, and the command that freezes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, WORKERS
from calor.cli.options import needs
from calor.cli.trial_options import cluster_option

if TYPE_CHECKING:
    from calor.core.executors.opening import Workers

WORLDS, REPLICATES = 30, 500
UNFINISHED = "unfinished"
"""The folder of the run, inside that of the forecasts, until they are frozen."""

QUICK_WORLDS, QUICK_REPLICATES = 6, 100


@click.command(
    epilog="Examples: calor trials · calor trial goebel-2010 · calor trials --freeze forecasts --quick"
)
@click.option(
    "--freeze",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Forecast every trial now and write the forecasts into this folder, in a new dated file.",
)
@click.option("--quick", is_flag=True, help="With --freeze: a small run that shows everything works.")
@click.option(
    "--posterior",
    metavar="product|validation|prior|FILE",
    default=None,
    help="With --freeze: for the trials that are not held out; those are always forecast under validation.",
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of every number.")
@click.option("--workers", type=WORKERS, help="Threads; changes no number.  [default: all cores]")
@cluster_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@needs("--quick", "--freeze")
@needs("--posterior", "--freeze")
@needs("--seed", "--freeze")
@needs("--workers", "--freeze")
@needs("--cluster", "--freeze")
def command(
    folder: Path | None,
    quick: bool,
    posterior: str | None,
    seed: int,
    workers: int | None,
    cluster: str | None,
    as_json: bool,
) -> None:
    """List the published trials: what was forecast of each, what came out, and where the forecasts fail.

    The forecasts are frozen: they stand in a dated file that names posterior, seed, versions and hashes. Role
    "held-back": its result is kept out of every fit that is used to judge calor. Role "calibration": its
    result may be used in a fit. Role "registered": nothing is published yet.
    """
    # What knows the trials takes long to load, and help is answered without it.
    from calor.core.executors.opening import Workers
    from calor.report.forecast_table import print_forecasts
    from calor.trial.forecast.listing import listing

    if folder is None:
        document = listing()
    else:
        document = listing(_freeze(folder, posterior, seed, Workers(workers, cluster), quick=quick))
    if as_json:
        print_json(document)
        return
    print_forecasts(document, console())


def _freeze(
    folder: Path, posterior: str | None, seed: int, workers: Workers, *, quick: bool
) -> dict[str, Any]:
    """Forecast every trial, write the file of today and return what it holds."""
    # A listing needs none of these, which take seconds to import.
    from calor.cli.running import DAY, requested
    from calor.store.active_run import active_run
    from calor.study.study import HELD_BACK, REGISTERED
    from calor.trial.bank.default_posterior import default_posterior
    from calor.trial.bank.settings import RunSettings
    from calor.trial.forecast.freezing import Posteriors, freeze, write_frozen
    from calor.trial.runs.named import posterior_of

    settings = RunSettings(
        seed=seed,
        worlds=QUICK_WORLDS if quick else WORLDS,
        replicates=QUICK_REPLICATES if quick else REPLICATES,
    )
    posteriors = Posteriors(default_posterior({HELD_BACK}), posterior_of(posterior))
    documents = {
        "posterior": [posteriors.scenario(role).origin() for role in (HELD_BACK, REGISTERED)],
    }
    request = requested("trials --freeze", "all trials", documents, workers.here)
    with active_run(folder / UNFINISHED, request) as run:
        with watched() as shown:
            day = date.fromisoformat(run.started[:DAY])
            with workers.threads() as executor:
                made = replace(settings, pieces=run.pieces, executor=executor)
                frozen = freeze(posteriors, made, run.watching(shown), day)
        path = write_frozen(frozen, folder)
        run.discard()
    error_console().print(f"frozen forecasts: {path}", soft_wrap=True)
    return frozen
