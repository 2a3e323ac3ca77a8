"""What a study would say about which rival explanation is right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.preposterior import Preposterior, expected, through_others
from calor.decision.information.resampling import Resamples


def rival_probability(
    draws: Draws, after: Preposterior, resamples: Resamples, groups: Mapping[str, str] | None = None
) -> Estimate:
    """Return the expected posterior probability of the true rival, or of its group (rival: group's name).

    Without a study it is the sum of the squared prior weights (`prior_probability`).
    """
    group = _group_of_worlds(draws, groups)
    same = group[after.source][:, None] == group[None, :]
    values = np.einsum("nw,nw->n", after.weights, same)
    influence = through_others(after, same - values[:, None])
    return expected(draws, after, resamples, values, influence, (0.0, 1.0))


def prior_probability(draws: Draws, groups: Mapping[str, str] | None = None) -> float:
    """Return the probability of the true rival, or of its group, that is expected before any study."""
    totals = np.bincount(_group_of_worlds(draws, groups), weights=draws.weights)
    return float(np.sum(totals**2))


def _group_of_worlds(draws: Draws, groups: Mapping[str, str] | None) -> NDArray[np.int64]:
    """Return the number of each world's group. Raises ValueError for a rival without a group."""
    if groups is None:
        return draws.rival
    missing = [name for name in draws.rivals if name not in groups]
    if missing:
        raise ValueError(f"rivals without a group: {', '.join(missing)}")
    names = list(dict.fromkeys(groups[name] for name in draws.rivals))
    return np.array([names.index(groups[name]) for name in draws.rivals], dtype=np.int64)[draws.rival]
