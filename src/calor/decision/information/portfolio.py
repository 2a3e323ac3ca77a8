"""Two studies: which pair teaches most, and what to run next after each result of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calor.decision.information.draws import Draws, Numbers, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


@dataclass(frozen=True)
class Pair:
    """Two studies by their places in the sequence given, and the share of variance that both remove."""

    first: int
    second: int
    share: Estimate


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What a range of the first study's results would do, and what to run after it.

    Arguments: how probable the range is; the expected quantity after it and its standard deviation; the share
    of what is then uncertain that each further study would remove, in the order given; the best one's place.
    """

    probability: float
    mean: float
    deviation: float
    shares: tuple[Estimate, ...]
    best: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A first study, a branch for each range of its results, and the share of variance removed by both.

    `fixed` is the share where the second study is chosen beforehand, `adaptive` where it follows the result.
    """

    first: str
    branches: tuple[Branch, ...]
    fixed: float
    adaptive: float


def pairs(
    draws: Draws,
    studies: Sequence[Study],
    resamples: Resamples,
    *,
    costs: Numbers | None = None,
    budget: float = float("inf"),
) -> tuple[Pair, ...]:
    """Return all pairs of studies within a budget, the most instructive first."""
    raise NotImplementedError


def next_after(
    draws: Draws,
    first: Study,
    others: Sequence[Study],
    resamples: Resamples,
    *,
    seed: int,
    branches: int = 3,
) -> Plan:
    """Return what to run after a low, middle or high result of a first study."""
    raise NotImplementedError
