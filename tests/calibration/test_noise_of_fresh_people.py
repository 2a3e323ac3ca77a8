"""The Monte Carlo variance of fresh summaries: that of training, as much less as there are more people.

With one target and fresh summaries that equal what was observed, the likelihood of a draw is that of its
variance alone: v = exp(-2 log likelihood) / (2 pi), which is error^2 + the emulator's variance +
noise x people / fresh people.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.calibration.fit import FitSettings, RivalFit, RivalFitter
from calor.calibration.problem import Observations, Problem
from calor.calibration.simulator import CohortSizes
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.store.pieces import Pieces

NOISE = 0.6
OBSERVED = 0.4
PROBLEM = Problem(
    Observations(np.array([OBSERVED]), np.array([0.3]), np.zeros(1), np.zeros(1, dtype=bool)),
    lambda scores, seed: scores[:, :1] + NOISE * Stream(seed).child("noise").normals(len(scores), 1),
    np.ones((1, 2), dtype=bool),
)
SETTINGS = FitSettings(
    starts=1, prior_points=40, round_points=20, rounds=1, joint_points=20, batch=40, repeats=20,
    particles=200, moves=2, draws=30, sizes=CohortSizes(100, 10), fresh_sizes=CohortSizes(100, 10),
)  # fmt: skip


def as_observed(scores: Numbers, seed: int) -> Numbers:
    return np.full((len(scores), 1), OBSERVED)


def fitted(folder: Path, fresh_injuries: int) -> RivalFit:
    settings = replace(SETTINGS, fresh_sizes=CohortSizes(fresh_injuries, 10))
    return RivalFitter(
        "linear", PROBLEM, PROBLEM.simulate, as_observed, settings, Pieces.in_folder(folder, "f"), SILENT
    ).fit()


def variance_of(fit: RivalFit) -> Numbers:
    return np.asarray(np.exp(-2 * fit.log_likelihood_fresh) / (2 * np.pi))


def test_more_fresh_people_leave_less_noise(tmp_path: Path) -> None:
    same, four_times, quarter = (
        variance_of(fitted(tmp_path / str(injuries), injuries)) for injuries in (100, 400, 25)
    )
    noise = (same - four_times) / (1 - 1 / 4)
    assert (quarter - same) / 3 == pytest.approx(noise, rel=1e-6)
    assert np.ptp(noise) == pytest.approx(0, abs=1e-9)
    # Twenty pairs of simulations tell the variance to a third of itself.
    assert noise.mean() == pytest.approx(NOISE**2, rel=0.9)
    assert np.all(same > noise + 0.3**2)
