"""A calibration comes back from netCDF as the groups that ArviZ reads, with units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from calor.calibration import inference_data
from calor.calibration.fit import RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.inference_data import require_netcdf, write_inference_data
from calor.calibration.pipeline import DRAWS_KEPT, Calibration, kept_rows
from calor.calibration.targets import load_targets
from calor.calibration.weights import Weights
from calor.core.errors import UnsupportedError
from calor.core.streams import Stream
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.posterior import Posterior

TARGETS = load_targets()[:3]
TABLE = load_disease().parameters
NAMES = tuple(row.identifier for row in TABLE.uncertain)
SEED = 4


def fit(rival: str) -> RivalFit:
    draws = Stream(1).child(rival).normals(50, len(NAMES))
    summaries = np.stack([[target.observed for target in TARGETS]] * 50) + 0.1
    return RivalFit(
        rival, draws, summaries, Weights.equal(50), 0,
        Gaussian(np.zeros(len(NAMES)), np.eye(len(NAMES))), -1.0, np.array([-1.0, -1.1]), np.zeros((2, 3)),
        np.zeros((50, 3)), np.full(3, 0.01), np.zeros(50), np.zeros(50),
    )  # fmt: skip


def calibration() -> Calibration:
    rivals = load_rivals()[:2]
    fits = tuple(fit(rival.name) for rival in rivals)
    draws = {each.rival: each.draws[kept_rows(each, SEED)] for each in fits}
    posterior = Posterior(NAMES, draws, {rival.name: 0.5 for rival in rivals}, {})
    return Calibration(posterior, fits, rivals, TARGETS, TABLE, SEED, {})


def test_the_tree_comes_back_from_its_file(tmp_path: Path) -> None:
    write_inference_data(tmp_path / "posterior.nc", calibration())
    with xr.open_datatree(tmp_path / "posterior.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {"posterior", "posterior_predictive", "log_likelihood", "observed_data"}
        posterior = tree["posterior"].to_dataset()
        assert dict(posterior.sizes) == {"chain": 2, "draw": DRAWS_KEPT}
        assert set(posterior.data_vars) == set(NAMES)
        assert posterior["glial_rate"].attrs["units"] == "per_day"
        assert np.all(tree["posterior_predictive"]["summary"] == tree["observed_data"]["summary"] + 0.1)


def test_values_are_in_units_and_a_rival_s_own_are_held(tmp_path: Path) -> None:
    made = calibration()
    values = inference_data.inference_data(made)["posterior"].to_dataset()
    held, value = next(iter(made.rivals[0].sets.items()))
    if held in values:
        assert np.all(values[held].sel(chain=made.rivals[0].name) == value)
    row = next(row for row in TABLE.uncertain if row.identifier == "glial_rate")
    scores = made.posterior.draws[made.rivals[0].name][:, NAMES.index("glial_rate")]
    assert values["glial_rate"].sel(chain=made.rivals[0].name).values == pytest.approx(row.at(scores))


def test_without_the_library_it_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference_data, "find_spec", lambda name: None)
    with pytest.raises(UnsupportedError, match="h5netcdf"):
        require_netcdf()
