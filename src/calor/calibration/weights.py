"""Weights of draws, resampling by them, and importance weights whose tail is smoothed.

The tail of importance weights is replaced by quantiles of a generalised Pareto distribution, whose shape says
whether they can be trusted (below 0.7).
Source: Vehtari et al. (2024), Pareto smoothed importance sampling, J Mach Learn Res 25(72).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Weights:
    """Weights of draws that sum to 1, (n,)."""

    shares: Numbers

    @classmethod
    def equal(cls, count: int) -> Weights:
        """Return the same weight for every draw."""
        return cls(np.full(count, 1 / count))

    @property
    def effective_size(self) -> float:
        """The number of equally weighted draws that would be worth as much."""
        return float(1 / (self.shares**2).sum())


def smooth_tail(log_weights: Numbers) -> tuple[Numbers, float]:
    """Return log weights with their upper tail replaced by generalised Pareto quantiles, and its shape.

    The tail is the largest min(n/5, 3 sqrt(n)) weights; a tail of fewer than 5, or one without spread, is
    left as it is and has an infinite shape.
    """
    n = len(log_weights)
    size = int(min(0.2 * n, 3 * np.sqrt(n)))
    shifted = log_weights - log_weights.max()
    if size < 5:
        return log_weights, np.inf
    order = np.argsort(shifted)
    tail = order[-size:]
    threshold = np.exp(shifted[order[-size - 1]])
    excess = np.exp(shifted[tail]) - threshold
    if not np.all(excess > 0):
        return log_weights, np.inf
    shape, scale = _pareto_fit(excess)
    probabilities = (np.arange(1, size + 1) - 0.5) / size
    if abs(shape) < 1e-12:
        quantiles = -scale * np.log1p(-probabilities)
    else:
        quantiles = scale * np.expm1(-shape * np.log1p(-probabilities)) / shape
    smoothed = shifted.copy()
    smoothed[tail] = np.minimum(np.log(threshold + quantiles), 0.0)
    return smoothed + log_weights.max(), float(shape)


def resampled(shares: Numbers, count: int, offset: float) -> NDArray[np.int64]:
    """Return the rows that systematic resampling keeps: each about count x its share times.

    Arguments: shares that sum to 1 (n,), the number of rows wanted, and a uniform number.
    """
    positions = (np.arange(count) + offset) / count
    rows = np.searchsorted(np.cumsum(shares), positions)
    return np.asarray(np.minimum(rows, len(shares) - 1), dtype=np.int64)


def _pareto_fit(excess: Numbers) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution fitted to sorted positive excesses.

    Profile-likelihood average over a grid, with a weak prior towards 0.5.
    Source: Zhang and Stephens (2009), Technometrics 51:316-325; prior as in Vehtari et al. (2024).
    """
    n = len(excess)
    grid_size = 30 + int(np.sqrt(n))
    grid = np.arange(1, grid_size + 1)
    quartile = excess[int(n / 4 + 0.5) - 1]
    theta = 1 / excess[-1] + (1 - np.sqrt(grid_size / (grid - 0.5))) / (3 * quartile)
    shape = np.mean(np.log1p(-theta[:, None] * excess[None, :]), axis=1)
    profile = n * (np.log(-theta / shape) - shape - 1)
    weight = 1 / np.exp(profile[None, :] - profile[:, None]).sum(axis=1)
    best = float((theta * weight).sum() / weight.sum())
    fitted = float(np.mean(np.log1p(-best * excess)))
    scale = -fitted / best
    return (fitted * n + 0.5 * 10) / (n + 10), scale
