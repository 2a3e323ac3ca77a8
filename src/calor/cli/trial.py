"""`calor trial`: predict a trial, published or of the user's own."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_data
from calor.core.versions import versions
from calor.report.trial_run import save_run
from calor.report.trial_table import print_trial
from calor.store.run_folder import check_free
from calor.trial.document import result_document
from calor.trial.pipeline import TrialRun, run_trial
from calor.trial.protocol import Protocol
from calor.trial.published import published_protocols
from calor.trial.reading import read_protocol
from calor.trial.settings import RunSettings

YAML_ENDINGS = {".yaml", ".yml"}


@click.command(
    epilog="Examples: calor trial goebel-2017-lips · calor trial my-trial.yaml --seed 7 --json",
)
@click.argument("protocol", metavar="PROTOCOL")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of every random number."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=None,
    help="Threads; changes no number.  [default: all cores]",
)
@click.option(
    "--worlds",
    type=click.IntRange(2, 10_000),
    default=40,
    show_default=True,
    help="Draws of what is uncertain about everybody, under each rival.",
)
@click.option(
    "--replicates",
    type=click.IntRange(100, 1_000_000),
    default=2000,
    show_default=True,
    help="Simulated trials.",
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
    out: Path | None,
    as_json: bool,
) -> None:
    """Predict the trial PROTOCOL: a protocol file (.yaml), or the id of a published one (see calor trials).

    Prints the arms, the contrast with two intervals (of the effect: what is uncertain; of a trial's result:
    with sampling), the rival explanations, and the published result where there is one. Writes a run folder
    with a manifest, the results as Parquet and a figure (PNG, SVG, data).
    """
    began = datetime.now(UTC)
    clock = time.monotonic()
    chosen = find_protocol(protocol)
    folder = out or Path("runs") / f"{chosen.id}-{began:%Y%m%dT%H%M%S}"
    check_free(folder)
    settings = RunSettings(
        seed=seed, workers=workers or os.cpu_count() or 1, worlds=worlds, replicates=replicates
    )
    with watched() as progress:
        run = run_trial(chosen, settings, progress)
    provenance = _provenance(run, began, time.monotonic() - clock, folder)
    document = result_document(run, provenance)
    save_run(run, document, folder)
    if as_json:
        print_json(document)
        return
    print_trial(document, console())
    error_console().print(f"run folder: {folder}", soft_wrap=True)


def find_protocol(name: str) -> Protocol:
    """Return the protocol of a file or of a published trial. Raises InputError for anything else."""
    published = published_protocols()
    if name in published:
        return published[name]
    if Path(name).suffix.lower() in YAML_ENDINGS or Path(name).exists():
        return read_protocol(Path(name))
    raise InputError.of(
        f"{name!r} is neither a published trial nor a file",
        key="PROTOCOL",
        allowed=f"a .yaml file, or {', '.join(published)}",
        hint="calor trials lists the published trials",
    )


def _provenance(run: TrialRun, began: datetime, seconds: float, folder: Path) -> dict[str, Any]:
    return {
        "seed": run.settings.seed,
        "model_sha256": run.model_sha256,
        "calor_version": versions()["calor"],
        "versions": versions(),
        "replicates": run.settings.replicates,
        "worlds": run.settings.worlds,
        "protocol_sha256": sha256_of_data(run.prediction.protocol.model_dump(mode="json")),
        "references": [run.prediction.protocol.record] if run.prediction.protocol.record else [],
        "workers": run.settings.workers,
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "run_folder": str(folder),
    }
