"""Weighing a fit's draws by further studies is the posterior of all studies together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.calibration.batches import Batches
from calor.calibration.fit import FitSettings, RivalFit
from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.problem import Observations
from calor.calibration.update import Further, joined_names, updated
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.store.pieces import Pieces
from tests.calibration.linear_problem import (
    EVIDENCE,
    EXACT,
    JACOBIAN,
    OBSERVED,
    OFFSET,
    SCORES,
    STREAM,
    TARGETS,
    VARIANCE,
)

FIRST, LAST = slice(0, 3), slice(3, TARGETS)
DRAWS = 6000
NAMES = tuple(f"score {place}" for place in range(SCORES))
BASE = linear_update(JACOBIAN[FIRST], OFFSET[FIRST], OBSERVED[FIRST], VARIANCE[FIRST])
BASE_COVARIANCE = np.diag(VARIANCE[FIRST]) + JACOBIAN[FIRST] @ JACOBIAN[FIRST].T


def base_fit() -> RivalFit:
    draws = BASE.points(STREAM.child("base").normals(DRAWS, SCORES))
    summaries, weights = (
        OFFSET[FIRST] + draws @ JACOBIAN[FIRST].T,
        Weights.equal(DRAWS),
    )
    return RivalFit(
        "linear", draws, summaries, weights, 2,
        BASE, -4.0, np.array([-4.0, -4.1]), np.zeros((2, 3)), np.zeros((DRAWS, 3)), np.zeros(3),
        np.zeros(DRAWS), np.zeros(DRAWS),
    )  # fmt: skip


def further(simulate_last: object = None) -> Further:
    """The last two targets, as functions of the fit's scores and one of their own."""

    def simulate(scores: Numbers, seed: int) -> Numbers:
        noise = 0.01 * Stream(seed).child("noise").normals(len(scores), TARGETS - 3)
        return np.asarray(OFFSET[LAST] + scores[:, 1:] @ JACOBIAN[LAST].T + noise)

    errors = np.sqrt(VARIANCE[LAST])
    observations = Observations(OBSERVED[LAST], errors, np.zeros(2), np.zeros(2, dtype=bool))
    return Further(observations, simulate_last or simulate, ("a new drug's", *NAMES))  # type: ignore[arg-type]


def batches(folder: Path) -> Batches:
    return Batches(2000, Pieces.in_folder(folder, "f"), SILENT)


def test_names_of_further_studies_come_last() -> None:
    assert joined_names(("a", "b"), ("c", "b")) == ("a", "b", "c")


def test_the_weighted_draws_are_the_posterior_of_everything(tmp_path: Path) -> None:
    found = updated(base_fit(), NAMES, further(), FitSettings(repeats=20), batches(tmp_path))
    spread = np.sqrt(np.diag(EXACT.covariance))
    error = 6 / np.sqrt(found.weights.effective_size)
    assert np.abs((found.mean[:SCORES] - EXACT.mean) / spread).max() < error
    assert found.posterior_sd[:SCORES] == pytest.approx(spread, rel=error)
    assert found.posterior_sd[SCORES] == pytest.approx(1.0, abs=error), "a new score keeps its prior"
    assert found.weights.effective_size < DRAWS
    assert found.summaries.shape == (DRAWS, TARGETS)


def test_the_evidence_gains_what_the_further_studies_say(tmp_path: Path) -> None:
    found = updated(base_fit(), NAMES, further(), FitSettings(repeats=20), batches(tmp_path))
    base = -0.5 * (
        (OBSERVED[FIRST] - OFFSET[FIRST]) @ np.linalg.solve(BASE_COVARIANCE, OBSERVED[FIRST] - OFFSET[FIRST])
        + np.linalg.slogdet(2 * np.pi * BASE_COVARIANCE)[1]
    )
    assert found.log_evidence - -4.0 == pytest.approx(EVIDENCE - base, abs=0.15)
    assert np.ptp(found.evidence_of_starts) == pytest.approx(0.1)


def test_a_draw_that_cannot_be_simulated_is_left_out_and_counted(tmp_path: Path) -> None:
    def broken(scores: Numbers, seed: int) -> Numbers:
        values = further().simulate(scores, seed)
        values[scores[:, 1] > BASE.mean[0] + 0.8, 0] = np.nan
        return values

    found = updated(base_fit(), NAMES, further(broken), FitSettings(repeats=20), batches(tmp_path))
    assert found.left_out > 2
    assert len(found.draws) == DRAWS + 2 - found.left_out
    assert found.weights.shares.sum() == pytest.approx(1)


def test_the_linearised_posterior_keeps_the_prior_of_what_is_new(tmp_path: Path) -> None:
    fit = replace(base_fit(), linearised=Gaussian(np.zeros(SCORES), 0.25 * np.eye(SCORES)))
    found = updated(fit, NAMES, further(), FitSettings(repeats=20), batches(tmp_path))
    assert found.linearised.informed_directions == SCORES
    assert found.linearised.covariance[-1, -1] == 1
