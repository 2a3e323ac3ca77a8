"""Intervals of means and of counts whose rate or share is uncertain, without SciPy's slow distributions."""

from __future__ import annotations

import math

import numpy as np

from calor.core.special import betainc, betaincinv, betaln, gammaincinv

LOWER, UPPER = 0.025, 0.975


def beta_interval(a: float, b: float) -> tuple[float, float]:
    """Return the 95 % interval of a share that has a beta distribution."""
    return float(betaincinv(a, b, LOWER)), float(betaincinv(a, b, UPPER))


def gamma_interval(shape: float, scale: float) -> tuple[float, float]:
    """Return the 95 % interval of a mean that has a gamma distribution, in the unit of its scale."""
    return float(gammaincinv(shape, LOWER) * scale), float(gammaincinv(shape, UPPER) * scale)


def beta_binomial_interval(trials: int, a: float, b: float) -> tuple[float, float]:
    """Return the 95 % interval of how many of some trials succeed, their share being beta distributed.

    Each end is the least count whose probability of that many or fewer reaches the end's.
    """
    counts = np.arange(trials + 1)
    choices = -math.log(trials + 1) - betaln(trials - counts + 1, counts + 1)
    below = np.cumsum(np.exp(choices + betaln(counts + a, trials - counts + b) - betaln(a, b)))
    low, high = np.searchsorted(below, (LOWER, UPPER))
    return float(min(low, trials)), float(min(high, trials))


def negative_binomial_interval(shape: float, scale: float) -> tuple[float, float]:
    """Return the 95 % interval of a Poisson count whose mean is gamma distributed with that shape and scale.

    Each end is the least count whose probability of that many or fewer reaches the end's.
    """
    success = 1.0 / (1.0 + scale)
    return _least_count(shape, success, LOWER), _least_count(shape, success, UPPER)


def _least_count(shape: float, success: float, share: float) -> float:
    """Return the least count k with I_success(shape, k + 1) >= share, found by doubling and halving."""
    above = 1
    while betainc(shape, above, success) < share:
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (middle, above) if betainc(shape, middle, success) < share else (below, middle)
    return float(above - 1)
