"""The surrogate is as wide as its emulator errs, and stays where a cohort can be found."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.surrogate import LEAST_CHANCE, Surrogate, Training
from calor.core.streams import Stream
from tests.calibration.linear_problem import NOISE, PROBLEM, SCORES, TARGETS, simulate

POINTS = Stream(11).child("training").normals(400, SCORES)
NEAR = np.ones(len(POINTS), dtype=bool)
FRESH = Stream(11).child("fresh").normals(400, SCORES)


def test_monte_carlo_variance_is_taken_off_the_emulators_error() -> None:
    training = Training(POINTS, simulate(POINTS, 3), NEAR)
    with_noise = Surrogate.of(PROBLEM, training, np.zeros(TARGETS)).predict(FRESH)[1]
    without = Surrogate.of(PROBLEM, training, np.full(TARGETS, NOISE**2)).predict(FRESH)[1]
    assert with_noise.mean() == pytest.approx(NOISE**2, rel=0.2)
    assert without.mean() < 0.4 * NOISE**2


def test_where_a_cohort_can_hardly_be_found_is_unlikely() -> None:
    values = simulate(POINTS, 3)
    values[POINTS[:, 0] > 0.5, 2] = np.nan
    surrogate = Surrogate.of(PROBLEM, Training(POINTS, values, NEAR), np.zeros(TARGETS))
    chance = np.exp(surrogate.log_chance(FRESH))
    assert np.median(chance[FRESH[:, 0] < -0.5]) > 0.9
    assert np.median(chance[FRESH[:, 0] > 1.5]) < 0.2
    assert chance.min() >= LEAST_CHANCE


def test_where_every_cohort_was_found_nothing_is_unlikely() -> None:
    surrogate = Surrogate.of(PROBLEM, Training(POINTS, simulate(POINTS, 3), NEAR), np.zeros(TARGETS))
    assert np.all(surrogate.log_chance(FRESH) == 0)
