"""Smoothed weights keep the mean, know the heaviness of their tail, and resample in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.weights import Weights, resampled, smooth_tail
from calor.core.streams import Stream

STREAM = Stream(2)


def test_weighted_draws_have_the_moments_of_the_target() -> None:
    points = 1.2 * STREAM.child("weights").normals(4000, 1)[:, 0]
    density = stats.norm(0, 1.2).logpdf(points)
    found = Weights.tempered(np.log(5) + stats.norm(0, 1).logpdf(points) - density)
    assert found.power == 1
    assert found.shares @ points**2 == pytest.approx(1.0, abs=0.1)
    assert 2000 < found.effective_size < 4000
    assert found.tail_shape < 0.7


def test_equal_weights_are_worth_every_draw() -> None:
    assert Weights.tempered(np.full(100, -3.0)).effective_size == pytest.approx(100)


def test_weights_that_draws_cannot_bear_are_tempered_and_say_so() -> None:
    log_weights = 5 * STREAM.child("heavy").normals(400, 1)[:, 0]
    found = Weights.tempered(log_weights)
    assert found.effective_size == pytest.approx(100)
    assert 0 < found.power < 1
    assert found.tail_shape > 0.7


def test_an_impossible_draw_weighs_nothing() -> None:
    log_weights = np.zeros(50)
    log_weights[7] = -np.inf
    found = Weights.tempered(log_weights)
    assert found.shares[7] == 0
    assert found.shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("shape", [0.2, 0.8])
def test_the_tail_shape_of_pareto_weights_is_found(shape: float) -> None:
    uniforms = STREAM.child("pareto").uniforms(4000, 1)[:, 0]
    assert smooth_tail(np.log(uniforms**-shape))[1] == pytest.approx(shape, abs=0.15)


def test_rows_are_kept_in_proportion_to_their_shares() -> None:
    shares = np.array([0.5, 0.2, 0.0, 0.3])
    rows = resampled(shares, 1000, 0.5)
    assert np.bincount(rows, minlength=4) == pytest.approx(1000 * shares, abs=1)
