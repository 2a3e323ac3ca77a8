"""A calibration as ArviZ InferenceData: a tree of data sets that ArviZ reads and netCDF keeps.

Groups: `posterior` (population values in their units), `posterior_predictive` (summaries on fresh virtual
people), `log_likelihood`, `observed_data`. A chain is a rival explanation, and its draws weigh the same.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr

from calor.calibration.pipeline import Calibration, kept_rows
from calor.calibration.targets import observations_of
from calor.core.arrays import Numbers
from calor.core.errors import UnsupportedError
from calor.population.uncertainty import restricted, worlds_of

DIMENSIONS = ("chain", "draw")

ENGINE: Literal["h5netcdf"] = "h5netcdf"


def inference_data(calibration: Calibration) -> xr.DataTree:
    """Return the posterior, its predictions and the data of a calibration."""
    rivals = [fit.rival for fit in calibration.fits]
    coordinates = {"chain": rivals, "draw": np.arange(len(kept_rows(calibration.fits[0], calibration.seed)))}
    targets = {"target": [target.id for target in calibration.targets]}
    observed = observations_of(calibration.targets)
    summaries, terms = [], []
    for fit in calibration.fits:
        rows = kept_rows(fit, calibration.seed)
        summaries.append(fit.summaries[rows])
        terms.append(fit.terms[rows])
    of_targets = (*DIMENSIONS, "target")
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(_values(calibration), coordinates),
            "posterior_predictive": xr.Dataset(
                {"summary": (of_targets, np.stack(summaries))}, coordinates | targets
            ),
            "log_likelihood": xr.Dataset({"summary": (of_targets, np.stack(terms))}, coordinates | targets),
            "observed_data": xr.Dataset({"summary": ("target", observed.values)}, targets),
        }
    )


def require_netcdf() -> None:
    """Raise UnsupportedError where the library that writes netCDF is not installed."""
    if any(find_spec(library) is None for library in (ENGINE, "h5py")):
        raise UnsupportedError.of(
            f"InferenceData is written with {ENGINE} and h5py, which are not installed",
            key="--netcdf",
            hint='pip install "calor[arviz]"',
        )


def write_inference_data(path: Path, calibration: Calibration) -> None:
    """Write a calibration as netCDF. Raises UnsupportedError where the library for it is not installed."""
    require_netcdf()
    inference_data(calibration).to_netcdf(path, engine=ENGINE)


def _values(calibration: Calibration) -> dict[str, tuple[tuple[str, str], Numbers, dict[str, str]]]:
    """Return each uncertain parameter's population value in every draw of every rival, with its unit."""
    table, names = calibration.table, calibration.posterior.names
    worlds = []
    for rival in calibration.rivals:
        draws = calibration.posterior.draws[rival.name]
        scores = {name: draws[:, column] for column, name in enumerate(names)}
        worlds.append(restricted(worlds_of(table, scores, len(draws)), rival.sets))
    return {
        row.identifier: (
            DIMENSIONS,
            np.stack([world[row.identifier] for world in worlds]),
            {"units": row.unit},
        )
        for row in table.uncertain
    }
