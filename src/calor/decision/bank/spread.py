"""Where people of a bank stand, and how far what is written down of them spreads within each world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.bank.people import HALVES

Positions = NDArray[np.int64]

LEAST_SPREAD = 1e-12
"""A variance below this counts as none: everybody shows the same."""


@dataclass(frozen=True)
class Places:
    """Where people stand: the world (n,) and the half (n,) of each, among some worlds."""

    world: Positions
    half: Positions
    n_worlds: int

    def mean_by_half(self, values: Numbers) -> Numbers:
        """Return the mean of what is there, (n_worlds, 2), NaN where nothing is; values are (n,)."""
        seen = np.isfinite(values)
        group = (self.world * HALVES + self.half)[seen]
        size = self.n_worlds * HALVES
        count = np.bincount(group, minlength=size)
        total = np.bincount(group, weights=values[seen], minlength=size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return np.asarray(mean.reshape(-1, HALVES))

    def sums(self, values: Numbers) -> Numbers:
        """Return the sum over the people of each world, (n_worlds,); values are (n,)."""
        return np.asarray(np.bincount(self.world, weights=values, minlength=self.n_worlds), dtype=np.float64)

    def take(self, rows: Positions) -> Places:
        """Return where some of the people stand."""
        return Places(self.world[rows], self.half[rows], self.n_worlds)

    def share_of(self, whole: Places) -> Numbers:
        """Return what share of the people of each world of a whole these are, (n_worlds,), NaN of nobody."""
        mine, all_of_them = (each.sums(np.ones(len(each.world))) for each in (self, whole))
        none = np.full(self.n_worlds, np.nan)
        return np.asarray(np.divide(mine, all_of_them, out=none, where=all_of_them > 0))


def mean_of_copies(values: Numbers) -> Numbers:
    """Return the mean over copies of what is there, (copies, n) -> (n,), NaN where nothing is."""
    seen = np.isfinite(values)
    count = seen.sum(axis=0)
    total = np.where(seen, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def share_seen(values: Numbers, places: Places) -> Numbers:
    """Return the share of people of each world whose outcome is seen, (n_worlds,)."""
    people = places.sums(np.ones(values.shape[1]))
    seen = places.sums(np.isfinite(values).mean(axis=0))
    return np.asarray(np.divide(seen, people, out=np.full(people.shape, np.nan), where=people > 0))


def spread_by_arm(written: Sequence[Numbers], baseline: Numbers | None, places: Places) -> list[Numbers]:
    """Return the variance of the outcome within each arm and world around its line on the baseline.

    The line has one slope for all arms of a world. Each copy is a sample of its own; their sums of squares
    are averaged. Everybody is seen under every arm, so the slope fits each arm as if it were alone: it takes
    one degree of freedom from each.
    """
    x = np.zeros(written[0].shape[1]) if baseline is None else baseline
    moments = [[_moments(copy, x, places) for copy in arm] for arm in written]
    if baseline is None:
        slope = np.zeros(places.n_worlds)
    else:
        xx = np.sum([part.xx for arm in moments for part in arm], axis=0)
        xy = np.sum([part.xy for arm in moments for part in arm], axis=0)
        slope = np.divide(xy, xx, out=np.zeros_like(xx), where=xx > LEAST_SPREAD)
    taken = 1 if baseline is None else 2
    return [np.mean([_variance(part, slope, taken) for part in arm], axis=0) for arm in moments]


@dataclass(frozen=True)
class _Moments:
    """Counts and centred sums of squares of each world, (n_worlds,)."""

    count: Numbers
    xx: Numbers
    xy: Numbers
    yy: Numbers


def _moments(y: Numbers, x: Numbers, places: Places) -> _Moments:
    seen = np.isfinite(y)
    count = places.sums(seen.astype(np.float64))
    held = np.maximum(count, 1)
    mean_x = places.sums(np.where(seen, x, 0.0)) / held
    mean_y = places.sums(np.where(seen, y, 0.0)) / held
    dx = np.where(seen, x - mean_x[places.world], 0.0)
    dy = np.where(seen, y - mean_y[places.world], 0.0)
    return _Moments(count, places.sums(dx * dx), places.sums(dx * dy), places.sums(dy * dy))


def _variance(part: _Moments, slope: Numbers, taken: int) -> Numbers:
    squares = np.maximum(part.yy - 2 * slope * part.xy + slope**2 * part.xx, 0.0)
    degrees = part.count - taken
    return np.asarray(np.divide(squares, degrees, out=np.full(squares.shape, np.nan), where=degrees > 0))


def covariance(values: Numbers, places: Places) -> Numbers:
    """Return the covariance of one person's statistics in each world, allowing for people not seen.

    Arguments: values (copies, n, s), NaN: not seen. Returns (n_worlds, s, s): the variance of a mean over n
    patients enrolled is this over n.
    """
    size = values.shape[2]
    complete = np.asarray(np.isfinite(values).all(axis=2))
    found = np.zeros((places.n_worlds, size, size))
    for copy, there in zip(values, complete, strict=True):
        count = places.sums(there.astype(np.float64))
        held = np.maximum(count, 1)[:, None]
        filled = np.where(there[:, None], copy, 0.0)
        mean = np.stack([places.sums(filled[:, place]) for place in range(size)], axis=-1) / held
        centred = np.where(there[:, None], filled - mean[places.world], 0.0)
        for row in range(size):
            for column in range(size):
                product = places.sums(centred[:, row] * centred[:, column])
                degrees = count - 1
                found[:, row, column] += np.divide(
                    product, degrees, out=np.full(product.shape, np.nan), where=degrees > 0
                )
    share = share_seen(np.where(complete, 1.0, np.nan), places)
    return np.asarray(found / len(values) / share[:, None, None])
