"""Which pair of studies teaches most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from calor.core.linear_algebra import one_thread
from calor.decision.information.draws import Draws, Numbers, Study, together
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import moments_under
from calor.decision.information.resampling import Resamples
from calor.decision.information.shares import share_of_variance, shares_of

BEST = 20
"""How many pairs are returned unless told."""


@dataclass(frozen=True)
class Pair:
    """Two studies by their places in the sequence given, and the share of variance that both remove."""

    first: int
    second: int
    share: Estimate


@one_thread()
def pairs(
    draws: Draws,
    studies: Sequence[Study],
    resamples: Resamples,
    *,
    costs: Numbers | None = None,
    budget: float = float("inf"),
    best: int = BEST,
) -> tuple[Pair, ...]:
    """Return the most instructive pairs of studies within a budget, best first.

    Arguments: the draws, the studies, the resamples; the cost of each study (n_studies,) in the budget's
    money; how many pairs are wanted.
    """
    prices = np.zeros(len(studies)) if costs is None else costs
    affordable = [
        (one, other)
        for one, other in combinations(range(len(studies)), 2)
        if prices[one] + prices[other] <= budget
    ]
    weights, quantity = draws.weights[None, :], draws.quantity[:, :, None]
    both = [together(studies[one], studies[other]) for one, other in affordable]
    shares = np.array([shares_of(moments_under(weights, quantity, study))[0] for study in both])
    leading = np.argsort(-shares, kind="stable")[:best]
    return tuple(
        Pair(one, other, share_of_variance(draws, both[place], resamples))
        for place, (one, other) in ((place, affordable[place]) for place in leading)
    )
