"""The level at which a test keeps its error though the shares of the arms moved, by simulated null trials.

The blocks are strata and shares are set before a block begins, so the test is close to its level by itself.
What is left is found in trials of normal outcomes without any effect, allocated and analysed as the design
does, at the corners of what they depend on: a trend of outcomes over the trial, and how many are missing.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from threading import Lock

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.study.analysis import Multiplicity
from calor.trial.analysis import adjusted_p_values
from calor.trial.designs.moving_shares import Allocator, Draws, Queues, rising

TRENDS = (-1.0, 1.0)
"""By how many SDs the outcomes of the last patients lie above those of the first."""

LOST = (0.0, 0.3)
"""Share of outcomes that are missing."""

TRIALS = 4000
"""Null trials at each corner: the error at a level of 0.025 is known to 0.0025."""

TOGETHER = 500
SEED = 1

_ONE_AT_A_TIME = Lock()
"""Workers of one process share what is calibrated, so that it is worked out once."""


def calibrated_level(allocator: Allocator, multiplicity: Multiplicity, level: float) -> float:
    """Return the largest level at which at most a share `level` of null trials reject at every corner.

    It is never above `level` itself.
    """
    with _ONE_AT_A_TIME:
        smallest = _smallest_p_values(allocator, multiplicity)
    return float(min(level, smallest[:, int(level * smallest.shape[1])].min()))


@lru_cache(maxsize=16)
def _smallest_p_values(allocator: Allocator, multiplicity: Multiplicity) -> Numbers:
    """Return the smallest adjusted p value of each null trial, rising, (n_corners, TRIALS)."""
    found = []
    for trend, lost in product(TRENDS, LOST):
        parts = [
            _p_values(allocator, np.arange(first, first + TOGETHER), trend, lost)
            for first in range(0, TRIALS, TOGETHER)
        ]
        adjusted = adjusted_p_values(np.concatenate(parts), multiplicity)
        found.append(np.sort(adjusted.min(axis=1)))
    return np.array(found)


def _p_values(allocator: Allocator, numbers: np.ndarray, trend: float, lost: float) -> Numbers:
    """Return the one-sided p values of some null trials, (r, K)."""
    stream, places, arms = Stream(SEED).child("null trial"), allocator.patients, allocator.n_arms
    first = allocator.blocks[0].start
    in_turn = np.arange(first) % arms
    order = np.argsort(stream.child("burn-in").uniforms(numbers, first), axis=1)
    draws = Draws(
        burn_in=in_turn[order],
        order=stream.child("order").uniforms(numbers, places),
        rounding=stream.child("rounding").uniforms(numbers, len(allocator.blocks)),
    )
    length = allocator.longest_queue(draws.burn_in)
    shape = (len(numbers), arms, length)
    outcome = stream.child("outcome").normals(numbers, arms * length).reshape(shape)
    missing = stream.child("missing").uniforms(numbers, arms * length).reshape(shape) < lost
    queues = Queues(np.where(missing, np.nan, outcome))
    found = allocator.allocate(queues, draws, rising(trend, places))
    estimates = allocator.estimates(found.first(places), allocator.contrasts)
    return np.column_stack([each.p_value_one_sided for each in estimates])
