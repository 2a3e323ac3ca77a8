"""The fit of `calor calibrate`: made, and written into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calor.calibration.fit import FitSettings
from calor.calibration.inference_data import require_netcdf, write_inference_data
from calor.calibration.pipeline import calibrate
from calor.calibration.studies import FittedStudies
from calor.core.executors import Executor
from calor.core.progress import Progress
from calor.population.posterior import write_posterior
from calor.report.calibration_figure import save_narrowing_figure, save_target_figure
from calor.store.folder_lock import locked_folder
from calor.store.run_folder import write_json


def fit_into(
    out: Path,
    studies: FittedStudies,
    further: FittedStudies,
    name: str,
    seed: int,
    executor: Executor,
    progress: Progress,
    quick: bool,
    netcdf: bool,
) -> dict[str, Any]:
    """Fit to some studies, then to further ones, and write everything into a folder.

    Returns the report as a JSON document. Raises InputError where the folder cannot be written, or where
    another fit is at work in it.
    """
    if netcdf:
        require_netcdf()
    settings = FitSettings.quick(seed) if quick else FitSettings(seed=seed)
    with locked_folder(out):
        calibration = calibrate(studies, further, name, settings, executor, out / "rivals", progress)
        write_posterior(out / "posterior.parquet", calibration.posterior)
        write_json(out / "report.json", calibration.document)
        save_target_figure(calibration.document, out)
        save_narrowing_figure(calibration.document, out)
        if netcdf:
            write_inference_data(out / "posterior.nc", calibration)
    return calibration.document
