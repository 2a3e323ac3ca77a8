"""A linear problem with noise, whose posterior and evidence are known exactly."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calor.calibration.gaussian import linear_update
from calor.calibration.problem import Observations, Problem
from calor.core.arrays import Numbers
from calor.core.streams import Stream

STREAM = Stream(2)
SCORES, TARGETS = 12, 5
NOISE = 0.1
JACOBIAN = STREAM.child("jacobian").normals(TARGETS, SCORES)
OFFSET = np.arange(TARGETS, dtype=np.float64)
VARIANCE = np.array([0.2, 0.5, 0.1, 1.0, 0.3])
OBSERVED = OFFSET + JACOBIAN @ STREAM.child("truth").normals(1, SCORES)[0]
EXACT = linear_update(JACOBIAN, OFFSET, OBSERVED, VARIANCE)
EVIDENCE = float(
    stats.multivariate_normal(OFFSET, np.diag(VARIANCE) + JACOBIAN @ JACOBIAN.T).logpdf(OBSERVED)
)
OBSERVATIONS = Observations(OBSERVED, np.sqrt(VARIANCE), np.zeros(TARGETS), np.zeros(TARGETS, dtype=bool))


def simulate(scores: Numbers, seed: int) -> Numbers:
    noise = Stream(seed).child("noise").normals(len(scores), TARGETS)
    return np.asarray(OFFSET + scores @ JACOBIAN.T + NOISE * noise)


PROBLEM = Problem(OBSERVATIONS, simulate, np.ones((TARGETS, SCORES), dtype=bool))
