"""Pareto smoothing written a second time from its sources, with SciPy's distribution; resampling by counting.

Sources: Zhang and Stephens (2009), Technometrics 51:316-325; Vehtari et al. (2024), J Mach Learn Res 25(72).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from calor.calibration.weights import Weights, resampled, smooth_tail
from calor.core.arrays import Numbers
from calor.core.streams import Stream

STREAM = Stream(8)


def zhang_stephens(excess: list[float]) -> tuple[float, float]:
    """Return shape and scale: the posterior mean of theta = -shape / scale on their grid, by loops."""
    n = len(excess)
    quartile = excess[math.floor(n / 4 + 0.5) - 1]
    m = 30 + math.floor(math.sqrt(n))
    grid, heights = [], []
    for j in range(1, m + 1):
        theta = 1 / max(excess) + (1 - math.sqrt(m / (j - 0.5))) / (3 * quartile)
        shape = sum(math.log1p(-theta * x) for x in excess) / n
        grid.append(theta)
        heights.append(n * (math.log(-theta / shape) - shape - 1))
    weights = [1 / sum(math.exp(other - mine) for other in heights) for mine in heights]
    theta = sum(t * w for t, w in zip(grid, weights, strict=True)) / sum(weights)
    shape = sum(math.log1p(-theta * x) for x in excess) / n
    # The scale belongs to the shape before the prior of ten points at 0.5 draws it in.
    return (n * shape + 10 * 0.5) / (n + 10), -shape / theta


def smoothed_by_hand(log_weights: Numbers) -> tuple[Numbers, float]:
    n = len(log_weights)
    size = int(min(n / 5, 3 * math.sqrt(n)))
    raw = np.exp(log_weights - log_weights.max())
    order = np.argsort(raw)
    threshold = raw[order[n - size - 1]]
    shape, scale = zhang_stephens((raw[order[n - size :]] - threshold).tolist())
    quantiles = stats.genpareto(shape, loc=threshold, scale=scale).ppf((np.arange(size) + 0.5) / size)
    result = raw.copy()
    result[order[n - size :]] = np.minimum(quantiles, 1.0)
    return np.log(result) + log_weights.max(), shape


@pytest.mark.parametrize("n", [25, 100, 226, 400])
@pytest.mark.parametrize("spread", [0.3, 1.0, 3.0])
def test_smoothing_is_that_of_its_sources(n: int, spread: float) -> None:
    log_weights = 2.0 + spread * STREAM.child("weights", n).normals(n, 1)[:, 0]
    found, shape = smooth_tail(log_weights)
    expected, expected_shape = smoothed_by_hand(log_weights)
    assert shape == pytest.approx(expected_shape, rel=1e-6)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)
    assert found.max() <= log_weights.max() + 1e-12


def test_a_tail_that_is_too_short_or_flat_is_left_as_it_is() -> None:
    for log_weights in (STREAM.child("few").normals(24, 1)[:, 0], np.zeros(400)):
        found, shape = smooth_tail(log_weights)
        assert np.array_equal(found, log_weights)
        assert shape == np.inf
    enough, shape = smooth_tail(STREAM.child("few").normals(25, 1)[:, 0])
    assert np.isfinite(shape)
    assert len(enough) == 25
    # One weight of the tail at the threshold is no excess.
    tied = np.concatenate([np.full(30, -1.0), [0.0, -0.1, -0.2, -0.3, -0.4, -1.0]])
    assert smooth_tail(tied)[1] == np.inf


def test_the_order_and_the_scale_of_weights_do_not_matter() -> None:
    log_weights = STREAM.child("order").normals(200, 1)[:, 0]
    found, shape = smooth_tail(log_weights)
    rows = np.random.default_rng(1).permutation(200)
    other, same = smooth_tail(log_weights[rows] + 50.0)
    assert same == pytest.approx(shape)
    assert other == pytest.approx(found[rows] + 50.0)


def test_the_effective_size_of_unequal_weights() -> None:
    assert Weights(np.array([0.5, 0.25, 0.25])).effective_size == pytest.approx(1 / (0.25 + 2 * 0.0625))
    assert Weights.equal(4).shares.tolist() == [0.25] * 4


def test_systematic_resampling_takes_the_rows_under_evenly_spaced_points() -> None:
    shares = np.array([0.1, 0.4, 0.0, 0.5])
    # Points 0.1, 0.35, 0.6, 0.85 and cumulated shares 0.1, 0.5, 0.5, 1.
    assert resampled(shares, 4, 0.4).tolist() == [0, 1, 3, 3]
    # Points 0.0225, 0.2725, ...
    assert resampled(shares, 4, 0.09).tolist() == [0, 1, 3, 3]
    assert resampled(shares, 4, 0.9).tolist() == [1, 1, 3, 3]
    assert resampled(shares, 2, 0.99).tolist() == [1, 3]
    # A sum that rounds to just below 1 leaves no point without a row.
    assert resampled(np.array([0.3, 0.3, 0.4 - 1e-9]), 1000, 0.9999999)[-1] == 2
