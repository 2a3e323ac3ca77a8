"""MMRM and cLDA at 20 patients an arm: type I error at most 0.027 for 0.025, and coverage, under dropout."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.trial.analysis import Clda, Contrast, LongitudinalData, Mmrm

N_PATIENTS, N_VISITS = 40, 4
N_REPLICATES, CHUNK = 60_000, 2_000
CORRELATION = 0.6


def null_trial(part: int) -> LongitudinalData:
    """Return replicates without effect; the chance of leaving rises with the pain last reported."""
    stream = Stream(20, (part,))
    arm = np.broadcast_to(np.arange(N_PATIENTS) % 2, (CHUNK, N_PATIENTS))
    baseline = 6.5 + 1.3 * stream.child("baseline").normals(CHUNK, N_PATIENTS)
    apart = np.abs(np.subtract.outer(np.arange(N_VISITS), np.arange(N_VISITS)))
    root = np.linalg.cholesky(2.0 * CORRELATION**apart)
    noise = stream.child("noise").normals(CHUNK, N_PATIENTS * N_VISITS)
    outcome = noise.reshape(CHUNK, N_PATIENTS, N_VISITS) @ root.T + 0.6 * baseline[..., None]
    chance = stream.child("leaving").uniforms(CHUNK, N_PATIENTS * N_VISITS).reshape(outcome.shape)
    left = np.zeros((CHUNK, N_PATIENTS), dtype=bool)
    for visit in range(1, N_VISITS):
        before = np.nan_to_num(outcome[:, :, visit - 1], nan=99.0)
        left |= chance[:, :, visit] < 1 / (1 + np.exp(3.3 - 0.8 * (before - 4)))
        outcome[:, :, visit][left] = np.nan
    return LongitudinalData(outcome, arm, baseline)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [Mmrm(), Clda()])
def test_type_i_error_at_twenty_an_arm(estimator: Mmrm | Clda) -> None:
    rejected, covered, missing = [], [], []
    for part in range(N_REPLICATES // CHUNK):
        data = null_trial(part)
        estimate = estimator.estimate(data, Contrast())
        assert estimate.estimated.all()
        rejected.append(estimate.p_value_one_sided <= 0.025)
        covered.append((estimate.lower <= 0) & (estimate.upper >= 0))
        missing.append(np.isnan(data.outcome[:, :, -1]))
    share = np.mean(missing)
    assert 0.1 < share < 0.25
    rate = np.mean(rejected)
    assert rate <= 0.027
    assert abs(rate - 0.025) < 3 * np.sqrt(0.025 * 0.975 / N_REPLICATES)
    assert abs(np.mean(covered) - 0.95) < 4 * np.sqrt(0.05 * 0.95 / N_REPLICATES)
