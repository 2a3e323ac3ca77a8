"""`calor trial`: predict a trial, published or of the user's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.trial_options import find_protocol, scenario_of, settings_of, simulation_options
from calor.core.errors import UnsupportedError
from calor.core.provenance import sha256_of_data
from calor.core.versions import versions
from calor.report.trial_run import save_run
from calor.report.trial_table import print_search, print_trial
from calor.store.run_folder import check_free
from calor.trial.document import result_document, search_document
from calor.trial.pipeline import TrialRun, run_trial
from calor.trial.preparation import prepare_trial
from calor.trial.protocol import Protocol
from calor.trial.scenario import Scenario, Status
from calor.trial.settings import RunSettings
from calor.trial.sizing import find_size


@click.command(
    epilog="Examples: calor trial goebel-2017-lips · calor trial my-trial.yaml --seed 7 --json · "
    "calor trial my-trial.yaml --find n --power 0.8 --assume-effect -1",
)
@click.argument("protocol", metavar="PROTOCOL")
@simulation_options
@click.option("--find", type=click.Choice(["n"]), default=None, help="Search the size that reaches --power.")
@click.option(
    "--power", type=click.FloatRange(0.05, 0.99), default=0.8, show_default=True, help="Power to reach."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder of the run.  [default: runs/ID-TIME]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def command(
    protocol: str,
    seed: int,
    workers: int | None,
    worlds: int,
    replicates: int,
    mc_error: float | None,
    posterior: str | None,
    assume_effect: float | None,
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
    began = datetime.now(UTC)
    clock = time.monotonic()
    chosen = find_protocol(protocol)
    scenario = scenario_of(posterior, assume_effect, {chosen.role})
    settings = settings_of(seed, workers, worlds, replicates, mc_error)
    if find is not None:
        _search(chosen, scenario, settings, power, as_json)
        return
    folder = out or Path("runs") / f"{chosen.id}-{began:%Y%m%dT%H%M%S}"
    check_free(folder)
    with watched() as progress:
        run = run_trial(chosen, settings, progress, scenario)
    provenance = _provenance(run, began, time.monotonic() - clock, folder)
    document = result_document(run, provenance)
    save_run(run, document, folder)
    if as_json:
        print_json(document)
        return
    print_trial(document, console())
    error_console().print(f"run folder: {folder}", soft_wrap=True)


def _search(
    protocol: Protocol, scenario: Scenario, settings: RunSettings, target: float, as_json: bool
) -> None:
    """Find the size of the trial and print it."""
    if scenario.status is Status.PRIOR:
        raise UnsupportedError.of(
            "no power is quoted from priors that were set by hand, so no size can be found from it",
            key="--find",
            hint="assume an effect (--assume-effect -1) or name a posterior (--posterior)",
        )
    with watched() as progress:
        ready = prepare_trial(protocol, settings, progress, scenario)
        search = find_size(protocol, ready.bank, ready.weights, target, settings, progress)
    document = search_document(protocol, scenario, search, settings)
    if as_json:
        print_json(document)
        return
    print_search(document, console())


def _provenance(run: TrialRun, began: datetime, seconds: float, folder: Path) -> dict[str, Any]:
    return {
        "seed": run.settings.seed,
        "model_sha256": run.model_sha256,
        "posterior": run.basis.origin(),
        "calor_version": versions()["calor"],
        "versions": versions(),
        "replicates": len(run.prediction.replicates),
        "worlds": run.settings.worlds,
        "protocol_sha256": sha256_of_data(run.prediction.protocol.model_dump(mode="json")),
        "references": [run.prediction.protocol.record] if run.prediction.protocol.record else [],
        "workers": run.settings.workers,
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "run_folder": str(folder),
    }
