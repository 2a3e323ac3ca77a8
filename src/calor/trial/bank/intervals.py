"""Intervals over worlds and rivals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers

BOUNDS = (0.025, 0.975)

FEWEST_FOR_INTERVAL = 20
"""Of fewer values that count the same, the outermost stand at more than 2.5 % (midpoints of steps, 1/2n): an
interval of 95 % then runs from the lowest to the highest of them."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    lower: float
    upper: float

    def pair(self) -> list[float]:
        """Return [lower, upper]."""
        return [self.lower, self.upper]


def weighted_interval(values: Numbers, weights: Numbers) -> Interval:
    """Return the 2.5 % and 97.5 % quantiles of a weighted sample (midpoints of the weights' steps)."""
    order = np.argsort(values)
    steps = np.cumsum(weights[order]) - weights[order] / 2
    lower, upper = np.interp(BOUNDS, steps / weights.sum(), values[order])
    return Interval(float(lower), float(upper))


def cell_shares(rival_of_cell: NDArray[np.int64], weights: Numbers) -> Numbers:
    """Return the probability of each cell: its rival's weight, shared equally by the rival's worlds.

    Arguments: the rival of each cell (n_cells,) and the weight of each rival (n_rivals,).
    """
    worlds = np.bincount(rival_of_cell, minlength=len(weights))
    share = weights[rival_of_cell] / worlds[rival_of_cell]
    return np.asarray(share / share.sum())
