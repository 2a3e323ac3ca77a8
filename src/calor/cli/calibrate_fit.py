"""The fit of `calor calibrate`: made, and written into its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from calor.calibration.fit import FitSettings
from calor.calibration.inference_data import require_netcdf, write_inference_data
from calor.calibration.pipeline import Calibration, calibrate
from calor.calibration.studies import FittedStudies
from calor.cli.running import Made, Work, requested, run_in
from calor.core.executors.opening import Workers
from calor.population.posterior import write_posterior
from calor.report.calibration_figure import save_narrowing_figure, save_target_figure
from calor.store.run_folder import write_json
from calor.store.saved_runs import listed_run


def fit_into(
    out: Path,
    studies: FittedStudies,
    further: FittedStudies,
    name: str,
    seed: int,
    workers: Workers,
    quick: bool,
    netcdf: bool,
    earlier: Path | None,
) -> dict[str, Any]:
    """Fit to some studies, then to further ones, as a run in a folder; return the report as a JSON document.

    Arguments: the folder; the studies; the posterior's name; the seed; who works; whether it is a trial run;
    whether InferenceData is written too; and an earlier fit whose finished pieces serve. Raises as
    `active_run` does.
    """
    if netcdf:
        require_netcdf()
    if earlier is not None:
        listed_run(earlier)
    settings = FitSettings.quick(seed) if quick else FitSettings(seed=seed)
    documents = {"studies": studies.sha256, "data": further.sha256}

    def make(work: Work) -> Made:
        with workers.processes() as executor:
            found = calibrate(studies, further, name, settings, executor, work.pieces, work.progress)
        dated = replace(found, posterior=replace(found.posterior, date=work.day))
        return Made(found.document, lambda target: _save(dated, target, netcdf), keep_pieces=True)

    return run_in(out, requested("calibrate", name, documents, workers.here), make, earlier)


def _save(calibration: Calibration, target: Path, netcdf: bool) -> None:
    """Write everything about a fit into a folder that is there."""
    write_posterior(target / "posterior.parquet", calibration.posterior)
    write_json(target / "report.json", calibration.document)
    save_target_figure(calibration.document, target)
    save_narrowing_figure(calibration.document, target)
    if netcdf:
        write_inference_data(target / "posterior.nc", calibration)
