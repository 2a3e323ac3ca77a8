"""What values by cell say: a cell is a world under a rival, so it knows both, and both are averaged over.

Worlds of one rival count alike; the rivals have weights. Where data have not weighed them, their range leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.bank.bank import Cell
from calor.trial.bank.intervals import Interval, cell_shares, weighted_interval
from calor.trial.results.monte_carlo import Positions, WithError


@dataclass(frozen=True)
class UnderRival:
    """Values in the worlds of one rival: their mean, their 95 % interval, and how many worlds they are."""

    mean: float
    interval: Interval
    worlds: int

    def to_document(self) -> dict[str, Any]:
        """Return the effect under a rival as JSON-like data."""
        return {
            "predicted_mean": self.mean,
            "effect_interval95": self.interval.pair(),
            "worlds": self.worlds,
        }


@dataclass(frozen=True)
class OverCells:
    """Values by cell: the mean with its Monte Carlo error, the interval over worlds and rivals, each rival.

    `by_rival` has the rivals with a known value, by the index that cells carry.
    """

    mean: WithError
    interval: Interval
    by_rival: Mapping[int, UnderRival]

    @property
    def rival_range(self) -> Interval:
        """The lowest and the highest of the rivals' means."""
        means = [each.mean for each in self.by_rival.values()]
        return Interval(min(means), max(means))

    def to_document(self) -> dict[str, Any]:
        """Return the value of an effect over worlds and rivals as JSON-like data."""
        return {
            "predicted_mean": self.mean.value,
            "monte_carlo_error": self.mean.mc_error,
            "effect_interval95": self.interval.pair(),
            "range_over_rivals": self.rival_range.pair(),
        }


def over_cells(cells: Sequence[Cell], values: Numbers, weights: Numbers) -> OverCells:
    """Return what a value of each cell says of the trial.

    Arguments: the cells; a value of each (n_cells,), NaN where it is not known, which leaves the cell out;
    and the weight of each rival (n_rivals,). Raises ValueError where no value is known.
    """
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("no cell has a value")
    rivals = np.array([cell.rival for cell in cells])[known]
    worlds = np.array([cell.world for cell in cells])[known]
    own = values[known]
    shares = cell_shares(rivals, weights)
    return OverCells(
        mean=WithError(float(shares @ own), _error(own, rivals, worlds, weights)),
        interval=weighted_interval(own, shares),
        by_rival={int(rival): _under(own[rivals == rival]) for rival in np.unique(rivals)},
    )


def _under(values: Numbers) -> UnderRival:
    return UnderRival(float(values.mean()), weighted_interval(values, np.ones(len(values))), len(values))


def _error(values: Numbers, rivals: Positions, worlds: Positions, weights: Numbers) -> float:
    """Return the Monte Carlo error of the mean: the jackknife over worlds of Σ_rivals w_r mean over worlds.

    A world is left out under every rival at once: its draws and people are shared by them.
    """
    ids, place = np.unique(worlds, return_inverse=True)
    if len(ids) < 2:
        return 0.0
    shape = (len(ids), len(weights))
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (place, rivals), values)
    np.add.at(counts, (place, rivals), 1.0)
    # What is left of each rival without each world: nothing is added up anew, so it costs what the cells do.
    left, left_sum = counts.sum(axis=0) - counts, sums.sum(axis=0) - sums
    there = np.where(left > 0, weights, 0.0)
    mean_of_rival = np.divide(left_sum, left, out=np.zeros(shape), where=left > 0)
    total = there.sum(axis=1)
    means = (there * mean_of_rival).sum(axis=1)[total > 0] / total[total > 0]
    if len(means) < 2:
        return 0.0
    return float(np.sqrt((len(means) - 1) * np.var(means)))
