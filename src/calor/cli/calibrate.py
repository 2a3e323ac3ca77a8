"""`calor calibrate`: fit the model to the evidence, rival by rival."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from calor.calibration.fit import FitSettings
from calor.calibration.pipeline import Calibration, calibrate
from calor.calibration.targets import load_targets
from calor.cli.calibrate_targets import show_targets
from calor.cli.console import console, error_console, print_json, watched
from calor.population.posterior import write_posterior
from calor.store.run_folder import write_json

WIDTH = 80
OUTSIDE = 1.96


@click.command(epilog="Examples: calor calibrate --targets · calor calibrate --quick --out fit")
@click.option("--targets", "only_targets", is_flag=True, help="List what the model is fitted to, and stop.")
@click.option("--quick", is_flag=True, help="A small fit that shows everything works and concludes nothing.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of every number."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Threads; changes no number.  [default: all cores]"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("calibration"),
    show_default=True,
    help="Folder of the fit; an interrupted fit in it goes on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def command(
    only_targets: bool, quick: bool, seed: int, workers: int | None, out: Path, as_json: bool
) -> None:
    """Fit the model to the evidence: a posterior under each rival explanation.

    Each target simulates its own cohort. Held-out trials are not among the targets. Finished rivals are kept
    in the folder, so a fit that was stopped goes on when the command is given again. Trials do not use the
    posterior yet: calor trial still predicts from priors, and says so.
    """
    if only_targets:
        show_targets(load_targets(), as_json)
        return
    settings = FitSettings.quick(seed) if quick else FitSettings(seed=seed)
    with watched() as progress:
        calibration = calibrate(settings, workers or os.cpu_count() or 1, out / "rivals", progress)
    write_posterior(out / "posterior.parquet", calibration.posterior)
    write_json(out / "report.json", calibration.document)
    if as_json:
        print_json(calibration.document)
        return
    _show(calibration, quick)
    error_console().print(f"posterior and report: {out}", soft_wrap=True)


def _show(calibration: Calibration, quick: bool) -> None:
    document = calibration.document
    console().print(_rivals(document))
    console().print(f"weights: {document['weights_rule']}", width=WIDTH)
    console().print(_targets(document))
    learnt = [row for row in document["parameters"] if row["learnt"]]
    console().print(
        f"The data narrowed {len(learnt)} of {len(document['parameters'])} uncertain numbers "
        "by a tenth or more: "
        + ", ".join(row["name"] for row in learnt[:12])
        + (" ..." if len(learnt) > 12 else "."),
        width=WIDTH,
    )
    if quick:
        console().print("A quick fit: it shows that everything works, and concludes nothing.", width=WIDTH)


def _rivals(document: dict[str, Any]) -> Table:
    table = Table(title="Rival explanations", title_justify="left", width=WIDTH)
    table.add_column("rival")
    for heading in ("weight", "log evidence", "effective size", "fitted", "fresh people"):
        table.add_column(heading, justify="right")
    for rival in document["rivals"]:
        table.add_row(
            rival["name"],
            f"{rival['weight']:.2f}",
            f"{rival['log_evidence']:.1f} ± {rival['log_evidence_error']:.1f}",
            f"{rival['effective_size']:.0f} of {rival['draws']}",
            f"{rival['log_likelihood_fitted']:.1f}",
            f"{rival['log_likelihood_fresh']:.1f}",
        )
    return table


def _targets(document: dict[str, Any]) -> Table:
    table = Table(
        title="Targets: published and predicted (posterior predictive, fresh people)",
        title_justify="left",
        width=WIDTH,
    )
    table.add_column("target")
    for heading in ("published", "predicted", "z"):
        table.add_column(heading, justify="right")
    for target in document["targets"]:
        mark = " !" if abs(target["z"]) > OUTSIDE else ""
        table.add_row(
            target["id"],
            f"{target['observed']:.2f}",
            f"{target['predicted_mean']:.2f} ± {target['predicted_sd']:.2f}",
            f"{target['z']:+.1f}{mark}",
        )
    return table
