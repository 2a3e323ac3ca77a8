"""Coverage is right where the inference is exact, and shows an inference that is too sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.calibration.coverage import Coverage, coverage, informed_directions
from calor.calibration.surrogate import Surrogate, Training
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from tests.calibration.linear_problem import EXACT, NOISE, PROBLEM, SCORES, STREAM, TARGETS, simulate

DATA_SETS = 40


@pytest.fixture(scope="module")
def surrogate() -> Surrogate:
    points = STREAM.child("training").normals(200, SCORES)
    training = Training(points, simulate(points, 1), np.zeros(200, dtype=bool))
    return Surrogate.of(PROBLEM, training, np.full(TARGETS, NOISE**2))


def covered(surrogate: Surrogate) -> Coverage:
    truths = STREAM.child("truths").normals(DATA_SETS, SCORES)
    return coverage(surrogate, truths, simulate(truths, 2), 150, 3, Stream(4), SILENT)


def test_intervals_of_a_right_inference_hold_their_share(surrogate: Surrogate) -> None:
    found = covered(surrogate)
    assert len(found.ranks) == DATA_SETS * TARGETS
    assert found.within(0.9) == pytest.approx(0.9, abs=4 * found.standard_error(0.9))
    assert found.rank_test() > 1e-4


def test_an_inference_that_is_too_sure_is_found_out(surrogate: Surrogate) -> None:
    problem = surrogate.problem
    sure = replace(problem.observations, standard_errors=problem.observations.standard_errors / 3)

    class Overconfident(Surrogate):
        def log_likelihood(self, points: Numbers) -> Numbers:
            narrow = replace(sure, values=self.problem.observations.values)
            return narrow.log_likelihood(*self.predict(points))

    found = covered(Overconfident(problem, surrogate.emulator, surrogate.noise, None))
    assert found.within(0.9) < 0.8
    assert found.rank_test() < 1e-4


def test_informed_directions_are_those_the_data_narrow() -> None:
    directions = informed_directions(EXACT)
    assert directions.shape == (TARGETS, SCORES)
    spread = directions @ EXACT.covariance @ directions.T
    assert np.all(np.diag(spread) <= 0.5)
