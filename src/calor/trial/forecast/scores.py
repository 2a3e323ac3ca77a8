"""How a forecast distribution of trial results does against one published result.

Nothing here knows a trial: a forecast is a weighted sample, a result is a number or a category.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.trial.bank.intervals import Interval, weighted_interval

Flags = NDArray[np.bool_]
Worlds = NDArray[np.int64]

DISCRIMINATES_BELOW = 0.8
"""Overlap from which on a trial could not have told: about half a standard error between the means."""

GRID_POINTS = 256


@dataclass(frozen=True)
class Forecast:
    """A weighted sample of trial results.

    Arguments: the results (r,), the weight of each (r,), the world each was drawn from (r,), the lowest and
    highest result that the scale allows, whether the scale is a size, which has no values below zero, and
    the narrowest kernel: half the step of a result that can only take steps (a share of 25 patients).
    """

    values: Numbers
    weights: Numbers
    worlds: Worlds
    limits: tuple[float, float]
    is_size: bool = False
    narrowest: float = 1e-3

    def without_world(self, world: int) -> Forecast:
        """Return the forecast without the results of one world."""
        kept = self.worlds != world
        return replace(self, values=self.values[kept], weights=self.weights[kept], worlds=self.worlds[kept])

    @property
    def interval(self) -> Interval:
        """The central 95 % of the results."""
        return weighted_interval(self.values, self.weights)

    @property
    def mean(self) -> float:
        """The mean result."""
        return float(np.average(self.values, weights=self.weights))

    def density(self, points: Numbers) -> Numbers:
        """Return the density at points (n,), by Gaussian kernels.

        h = 0.9 min(SD, IQR / 1.34) n_eff^(-1/5) (Silverman 1986); on a scale of sizes what the kernels spread
        below zero is folded back.
        """
        spread = np.sqrt(np.average((self.values - self.mean) ** 2, weights=self.weights))
        quartiles = _quantiles(self.values, self.weights, (0.25, 0.75))
        between = (quartiles[1] - quartiles[0]) / 1.34
        width = max(0.9 * min(spread, between or spread) * self.effective**-0.2, self.narrowest)
        found = self._kernels(points, width)
        return found + self._kernels(-points, width) if self.is_size else found

    def _kernels(self, points: Numbers, width: float) -> Numbers:
        steps = (points[:, None] - self.values[None, :]) / width
        return np.asarray(
            np.exp(-0.5 * steps**2) @ self.weights / (self.weights.sum() * width * np.sqrt(2 * np.pi))
        )

    @property
    def effective(self) -> float:
        """The effective number of results: (sum w)^2 / sum w^2."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    def log_score(self, published: float) -> float:
        """Return the log density at the published number.

        log[(n f + u) / (n + 1)]: f from n effective results, u even over all that the scale allows. What a
        sample of n cannot rule out is not called impossible.
        """
        density = float(self.density(np.array([published]))[0])
        even = 1.0 / (self.limits[1] - self.limits[0])
        return float(np.log((self.effective * density + even) / (self.effective + 1)))


def _quantiles(values: Numbers, weights: Numbers, shares: tuple[float, float]) -> tuple[float, float]:
    order = np.argsort(values)
    steps = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    low, high = np.interp(shares, steps, values[order])
    return float(low), float(high)


def overlap(one: Forecast, other: Forecast) -> float:
    """Return the overlapping coefficient of two forecasts: the integral of the lower density, 0 to 1."""
    both = np.concatenate([one.values, other.values])
    margin = 0.2 * (both.max() - both.min()) + 1e-9
    lowest = 0.0 if one.is_size else both.min() - margin
    grid = np.linspace(lowest, both.max() + margin, GRID_POINTS)
    first, second = one.density(grid), other.density(grid)
    areas = np.trapezoid(first, grid), np.trapezoid(second, grid)
    if min(areas) <= 0:
        return 0.0
    return float(min(1.0, np.trapezoid(np.minimum(first / areas[0], second / areas[1]), grid)))


@dataclass(frozen=True)
class Shares:
    """Of each forecast trial, whether it showed the published direction, its weight and world, (r,) each."""

    shown: Flags
    weights: Numbers
    worlds: Worlds

    def without_world(self, world: int) -> Shares:
        """Return the trials without those of one world."""
        kept = self.worlds != world
        return Shares(self.shown[kept], self.weights[kept], self.worlds[kept])

    @property
    def probability(self) -> float:
        """The share of trials that show the direction."""
        return float(self.weights @ self.shown / self.weights.sum())

    @property
    def log_score(self) -> float:
        """The log of that share, with half a trial added on either side so that it is finite."""
        effective = self.weights.sum() ** 2 / (self.weights**2).sum()
        return float(np.log((self.probability * effective + 0.5) / (effective + 1)))


def jackknife_error(worlds: Worlds, statistic: Callable[[int | None], float]) -> float:
    """Return the Monte Carlo error of a statistic of worlds, leaving out one world at a time.

    sqrt((k - 1) / k sum over worlds of (t_i - mean t)^2). Arguments: the world of each result, and the
    statistic without one world (None: with all).
    """
    known = np.unique(worlds)
    if len(known) < 2:
        return float("inf")
    without = np.array([statistic(int(world)) for world in known])
    return float(np.sqrt((len(known) - 1) / len(known) * ((without - without.mean()) ** 2).sum()))
