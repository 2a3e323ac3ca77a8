"""Which pair of studies teaches most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from calor.decision.information.draws import Draws, Numbers, Study, together
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples
from calor.decision.information.shares import share_of_variance


@dataclass(frozen=True)
class Pair:
    """Two studies by their places in the sequence given, and the share of variance that both remove."""

    first: int
    second: int
    share: Estimate


def pairs(
    draws: Draws,
    studies: Sequence[Study],
    resamples: Resamples,
    *,
    costs: Numbers | None = None,
    budget: float = float("inf"),
) -> tuple[Pair, ...]:
    """Return all pairs of studies within a budget, the most instructive first.

    Arguments: the draws, the studies, the resamples; the cost of each study (n_studies,) in the budget's
    money.
    """
    prices = np.zeros(len(studies)) if costs is None else costs
    found = [
        Pair(one, other, share_of_variance(draws, together(studies[one], studies[other]), resamples))
        for one, other in combinations(range(len(studies)), 2)
        if prices[one] + prices[other] <= budget
    ]
    return tuple(sorted(found, key=lambda pair: -pair.share.value))
