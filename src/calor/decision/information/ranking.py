"""The order of candidates, with ties and how stable it is over resamples of the worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.information.estimate import Estimate

CLEAR = 2.0
"""Errors of a paired difference that make one candidate clearly better than another."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A candidate's place: its position in what was given, its rank, and with how many it is tied.

    The rank is one more than the number of candidates that are clearly better (by two errors of the paired
    difference); `tied` are the positions of those that are neither clearly better nor clearly worse.
    """

    position: int
    rank: int
    tied: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The places, best first, and the shares of resamples in which the same candidates lead.

    `stability` asks for the same set of the first `leading` candidates, ties or not. `group` are the
    positions of these and of those that are tied with the last of them, and `stability_of_group` asks whether
    the first `leading` candidates are all among them.
    """

    places: tuple[Place, ...]
    leading: int
    stability: float
    group: tuple[int, ...]
    stability_of_group: float


def rank(estimates: Sequence[Estimate], *, leading: int = 3) -> Ranking:
    """Return the order of candidates by a figure that was estimated on common resamples, largest first.

    Candidates with the same value keep the order that they were given in.
    """
    values = np.array([estimate.value for estimate in estimates])
    resampled = np.array([estimate.resampled for estimate in estimates])
    better = _clearly_better(values, resampled)
    order = np.argsort(-values, kind="stable")
    tied = ~better & ~better.T & ~np.eye(len(values), dtype=bool)
    places = tuple(
        Place(
            position=int(one),
            rank=1 + int(better[:, one].sum()),
            tied=tuple(map(int, np.flatnonzero(tied[one]))),
        )
        for one in order
    )
    leaders = order[:leading].tolist()
    group = {*leaders, *(np.flatnonzero(tied[leaders[-1]]).tolist() if leaders else ())}
    ahead = [set(column.tolist()) for column in np.argsort(-resampled, axis=0, kind="stable")[:leading].T]
    return Ranking(
        places=places,
        leading=leading,
        stability=float(np.mean([each == set(leaders) for each in ahead])),
        group=tuple(sorted(group)),
        stability_of_group=float(np.mean([each <= group for each in ahead])),
    )


def _clearly_better(values: Numbers, resampled: Numbers) -> NDArray[np.bool_]:
    """Return whether candidate i is better than j by two errors of their paired difference, (n, n)."""
    better = np.zeros((len(values), len(values)), dtype=bool)
    for one, value in enumerate(values):
        differences = resampled[one] - resampled
        error = differences.std(axis=1, ddof=1) if resampled.shape[1] > 1 else np.full(len(values), np.inf)
        apart = value - values
        better[one] = (apart > 0) & (apart >= CLEAR * error)
    return better
