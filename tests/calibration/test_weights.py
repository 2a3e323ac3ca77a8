"""Smoothed weights keep the mean, know the heaviness of their tail, and resample in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.weights import Weights, resampled, smooth_tail
from calor.core.streams import Stream

STREAM = Stream(2)


def test_smoothed_weights_keep_the_moments_of_the_target() -> None:
    points = 1.2 * STREAM.child("weights").normals(4000, 1)[:, 0]
    density = stats.norm(0, 1.2).logpdf(points)
    smoothed, shape = smooth_tail(np.log(5) + stats.norm(0, 1).logpdf(points) - density)
    found = Weights(np.exp(smoothed) / np.exp(smoothed).sum())
    assert found.shares @ points**2 == pytest.approx(1.0, abs=0.1)
    assert 2000 < found.effective_size < 4000
    assert shape < 0.7


def test_equal_weights_are_worth_every_draw() -> None:
    assert Weights.equal(100).effective_size == pytest.approx(100)


def test_weights_that_draws_cannot_bear_say_so() -> None:
    assert smooth_tail(5 * STREAM.child("heavy").normals(400, 1)[:, 0])[1] > 0.7


@pytest.mark.parametrize("shape", [0.2, 0.8])
def test_the_tail_shape_of_pareto_weights_is_found(shape: float) -> None:
    uniforms = STREAM.child("pareto").uniforms(4000, 1)[:, 0]
    assert smooth_tail(np.log(uniforms**-shape))[1] == pytest.approx(shape, abs=0.15)


def test_rows_are_kept_in_proportion_to_their_shares() -> None:
    shares = np.array([0.5, 0.2, 0.0, 0.3])
    rows = resampled(shares, 1000, 0.5)
    assert np.bincount(rows, minlength=4) == pytest.approx(1000 * shares, abs=1)
