"""The order of candidates, with ties and how stable it is over resamples of the worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calor.decision.information.estimate import Estimate


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
    """The places, best first, and the share of resamples in which the same candidates lead.

    `stability` asks for the same set of the first `leading` candidates.
    """

    places: tuple[Place, ...]
    leading: int
    stability: float


def rank(estimates: Sequence[Estimate], *, leading: int = 3) -> Ranking:
    """Return the order of candidates by a figure that was estimated on common resamples, largest first."""
    raise NotImplementedError
