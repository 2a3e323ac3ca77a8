"""`calor calibrate`: fit the model to the evidence, rival by rival."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import click

from calor.calibration.fit import FitSettings
from calor.calibration.inference_data import require_netcdf, write_inference_data
from calor.calibration.own_study import load_own_study, with_own_study
from calor.calibration.pipeline import calibrate
from calor.calibration.studies import NO_STUDIES, Purpose, load_held_out, load_studies
from calor.calibration.targets import targets_of
from calor.cli.calibrate_report import show_calibration
from calor.cli.calibrate_targets import show_targets
from calor.cli.console import error_console, print_json, watched
from calor.cli.number_types import SEED, WORKERS
from calor.cli.options import excludes
from calor.core.errors import UnsupportedError
from calor.population.posterior import write_posterior
from calor.population.posteriors import Shipped, shipped_report
from calor.report.calibration_figure import save_narrowing_figure, save_target_figure
from calor.store.run_folder import write_json


@click.command(
    epilog="Examples: calor calibrate --targets · calor calibrate --quick --out fit · "
    "calor calibrate --for product --data my-study.yaml"
)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(get_args(Purpose)),
    default="validation",
    show_default=True,
    help="validation: without the held-out trials; product: with them.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A study of your own to fit beside calor's, as in examples/studies/own-study.yaml.",
)
@click.option("--targets", "only_targets", is_flag=True, help="List what the model is fitted to, and stop.")
@click.option("--report", "shipped_only", is_flag=True, help="Show the fit behind the shipped posterior.")
@click.option("--quick", is_flag=True, help="A small fit that shows everything works and concludes nothing.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of every number.")
@click.option("--workers", type=WORKERS, help="Threads; changes no number.  [default: all cores]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("calibration"),
    show_default=True,
    help="Folder of the fit; an interrupted fit in it goes on.",
)
@click.option("--netcdf", is_flag=True, help="Write ArviZ InferenceData too (needs the arviz extra).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@excludes("--report", "--targets")
@excludes("--data", "--report")
@excludes("--quick", "--targets", "--report")
@excludes("--seed", "--targets", "--report")
@excludes("--workers", "--targets", "--report")
@excludes("--out", "--targets", "--report")
@excludes("--netcdf", "--targets", "--report")
def command(
    purpose: Purpose,
    data: Path | None,
    only_targets: bool,
    shipped_only: bool,
    quick: bool,
    seed: int,
    workers: int | None,
    out: Path,
    netcdf: bool,
    as_json: bool,
) -> None:
    """Fit the model to the evidence: a posterior under each rival explanation.

    Each target simulates its own cohort. The held-out trials are not among the targets of a validation
    fit; calor trials compares them with what it predicts. Finished pieces are kept in the folder, so a fit
    that was stopped goes on when the command is given again. A full fit takes about half an hour on two
    cores; held-out trials and a study of your own then weigh its draws, which takes minutes.
    """
    further, name = load_held_out() if purpose == "product" else NO_STUDIES, str(purpose)
    everything = load_studies(purpose)
    if data is not None:
        own = load_own_study(data)
        everything = with_own_study(everything, own)
        further, name = further.joined(own), f"{purpose} with {data.name}"
    if only_targets:
        show_targets(targets_of(everything), as_json)
        return
    if shipped_only:
        _show_shipped(purpose, as_json)
        return
    if netcdf:
        require_netcdf()
    settings = FitSettings.quick(seed) if quick else FitSettings(seed=seed)
    with watched() as progress:
        calibration = calibrate(
            load_studies("validation"),
            further,
            name,
            settings,
            workers or os.cpu_count() or 1,
            out / "rivals",
            progress,
        )
    write_posterior(out / "posterior.parquet", calibration.posterior)
    write_json(out / "report.json", calibration.document)
    save_target_figure(calibration.document, out)
    save_narrowing_figure(calibration.document, out)
    if netcdf:
        write_inference_data(out / "posterior.nc", calibration)
    if as_json:
        print_json(calibration.document)
        return
    show_calibration(calibration.document, quick)
    error_console().print(f"posterior, report and pictures: {out}", soft_wrap=True)


def _show_shipped(purpose: Purpose, as_json: bool) -> None:
    document = shipped_report(Shipped(purpose))
    if document is None:
        raise UnsupportedError.of(
            f"this copy of calor ships no {purpose} posterior",
            hint=f"make one: calor calibrate --for {purpose}",
        )
    if as_json:
        print_json(document)
    else:
        show_calibration(document, quick=False)
