"""Intervals of shares, means and counts are those of SciPy's distributions."""

from __future__ import annotations

import pytest
from scipy import stats

from calor.therapy.counts import (
    beta_binomial_interval,
    beta_interval,
    gamma_interval,
    negative_binomial_interval,
)

ENDS = [0.025, 0.975]


@pytest.mark.parametrize(("a", "b"), [(0.5, 40.5), (3.5, 7.5), (120.5, 0.5)])
def test_shares_and_successes(a: float, b: float) -> None:
    assert beta_interval(a, b) == tuple(stats.beta(a, b).ppf(ENDS))
    for trials in (1, 12, 57, 400):
        assert beta_binomial_interval(trials, a, b) == tuple(stats.betabinom(trials, a, b).ppf(ENDS))


@pytest.mark.parametrize("shape", [0.3, 4.0, 61.7])
def test_means_and_counts(shape: float) -> None:
    for scale in (0.001, 0.4, 30.0):
        assert gamma_interval(shape, scale) == tuple(stats.gamma(shape, scale=scale).ppf(ENDS))
        expected = tuple(stats.nbinom(shape, 1.0 / (1.0 + scale)).ppf(ENDS))
        assert negative_binomial_interval(shape, scale) == expected


def test_nobody_at_risk_has_no_events() -> None:
    assert beta_binomial_interval(0, 0.5, 3.5) == (0.0, 0.0)
    assert negative_binomial_interval(2.0, 0.0) == (0.0, 0.0)
