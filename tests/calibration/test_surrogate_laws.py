"""The surrogate's parts by hand: what is taken off an error, what a chance adds, what linearising means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.calibration.batches import Batches, batches_of
from calor.calibration.gaussian import linear_update
from calor.calibration.surrogate import LEAST_CHANCE, LEAST_SHARE_OF_ERROR, WIDENING, Surrogate, Training
from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Silent, Stopped
from calor.core.streams import Stream
from calor.store.pieces import Pieces
from tests.calibration.linear_problem import OBSERVATIONS, PROBLEM, SCORES, TARGETS, simulate

POINTS = Stream(11).child("training").normals(300, SCORES)
TRAINING = Training(POINTS, simulate(POINTS, 3), np.ones(300, dtype=bool))
FRESH = Stream(11).child("fresh").normals(20, SCORES)


@pytest.fixture(scope="module")
def surrogate() -> Surrogate:
    return Surrogate.of(PROBLEM, TRAINING, np.full(TARGETS, 0.004))


def test_the_monte_carlo_variance_is_taken_off_but_never_all_of_the_error(surrogate: Surrogate) -> None:
    values, errors = surrogate.emulator.predict(FRESH)
    found, variance = surrogate.predict(FRESH)
    assert np.array_equal(found, values)
    assert variance == pytest.approx(np.maximum(errors - 0.004, LEAST_SHARE_OF_ERROR * errors))
    much = replace(surrogate, noise=np.full(TARGETS, 9.0)).predict(FRESH)[1]
    assert much == pytest.approx(LEAST_SHARE_OF_ERROR * errors)


def test_the_reference_is_a_little_wider_and_some_of_the_error_is_the_emulators_own() -> None:
    assert 1 < WIDENING < 1.5
    assert 0 < LEAST_SHARE_OF_ERROR < 1
    assert 0 < LEAST_CHANCE < 0.1


def test_the_likelihood_is_that_of_the_prediction_with_its_variance(surrogate: Surrogate) -> None:
    values, variance = surrogate.predict(FRESH)
    assert surrogate.log_likelihood(FRESH) == pytest.approx(OBSERVATIONS.log_likelihood(values, variance))


def test_a_chance_below_one_is_a_factor() -> None:
    values = simulate(POINTS, 3)
    values[POINTS[:, 0] > 0.3, 1] = np.nan
    found = Surrogate.of(PROBLEM, replace(TRAINING, values=values), np.zeros(TARGETS))
    assert found.chance is not None
    chance = np.clip(found.chance.predict(FRESH)[0][:, 0], LEAST_CHANCE, 1.0)
    assert found.log_chance(FRESH) == pytest.approx(np.log(chance))
    alone = OBSERVATIONS.log_likelihood(*found.predict(FRESH))
    assert found.log_likelihood(FRESH) == pytest.approx(alone + np.log(chance))
    assert found.log_chance(FRESH).max() <= 0
    assert found.log_chance(FRESH).min() >= np.log(LEAST_CHANCE)


def test_it_is_linearised_at_the_mean_of_points_under_a_power_of_the_likelihood(surrogate: Surrogate) -> None:
    middle = FRESH.mean(axis=0)
    jacobian = surrogate.emulator.jacobian(middle)
    values, variance = surrogate.predict(middle[None, :])
    for power in (1.0, 0.25):
        expected = linear_update(
            jacobian,
            values[0] - jacobian @ middle,
            OBSERVATIONS.values,
            (OBSERVATIONS.variance + variance[0]) / power,
        )
        found = surrogate.linearised(FRESH, power)
        assert found.mean == pytest.approx(expected.mean)
        assert found.covariance == pytest.approx(expected.covariance)
        reference = surrogate.reference(FRESH, power)
        assert reference.covariance == pytest.approx(WIDENING**2 * expected.covariance)
        assert reference.mean == pytest.approx(expected.mean)
    assert surrogate.linearised(FRESH).mean == pytest.approx(surrogate.linearised(FRESH, 1.0).mean)


def test_training_points_are_joined_in_order() -> None:
    other = Training(FRESH, simulate(FRESH, 4), np.zeros(20, dtype=bool))
    both = Training.joined([TRAINING, other])
    assert np.array_equal(both.points, np.concatenate([POINTS, FRESH]))
    assert np.array_equal(both.values, np.concatenate([TRAINING.values, other.values]))
    assert both.near.tolist() == [True] * 300 + [False] * 20


def test_points_are_simulated_in_batches_with_seeds_of_their_own(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []

    def counted(scores: Numbers, seed: int) -> Numbers:
        calls.append((len(scores), seed))
        return scores[:, :1] + seed

    class Counter(Silent):
        steps = 0

        def advance(self, steps: int = 1) -> None:
            self.steps += steps

    counter = Counter()
    batches = Batches(8, Pieces.in_folder(tmp_path, "f"), counter)
    found = batches.simulate("some", counted, FRESH, 100)
    assert calls == [(8, 100), (8, 101), (4, 102)]
    assert counter.steps == 3
    assert found[:, 0] == pytest.approx(FRESH[:, 0] + np.repeat([100, 101, 102], [8, 8, 4]))
    assert np.array_equal(batches.simulate("some", counted, FRESH, 100), found)
    assert len(calls) == 3  # kept
    assert [batches_of(points, 8) for points in (1, 8, 9, 16, 17)] == [1, 1, 2, 2, 3]
    counter.stop_requested = True
    with pytest.raises(Stopped):
        batches.simulate("others", counted, FRESH, 100)
    assert len(calls) == 3


def test_the_variance_is_half_the_mean_squared_difference(tmp_path: Path) -> None:
    before = np.array([[1.0, np.nan, 2.0, np.nan], [2.0, 3.0, 2.0, np.nan]])

    def again(scores: Numbers, seed: int) -> Numbers:
        return np.array([[3.0, 5.0, np.nan, 1.0], [2.0, 7.0, np.nan, 1.0]])

    batches = Batches(8, Pieces.in_folder(tmp_path, "f"), SILENT)
    found = batches.variances("again", again, np.zeros((2, 3)), before, 1)
    assert found == pytest.approx([(4 / 2 + 0) / 2, 16 / 2, 0, 0])
