"""What to run next after each result of a first study.

After each simulated result the worlds have new weights, and under them each further study removes a share of
the variance that is left. Results are put into ranges by the mean that they leave; within a range covariances
after each result are averaged, so the second study is read with one slope a range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.core.streams import Stream
from calor.decision.information.bank_noise import true_means, true_targets
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.preposterior import Preposterior, preposterior
from calor.decision.information.resampling import Resamples

Groups = list[tuple[Numbers, NDArray[np.int64]]]

_GROUPS = 20
"""Groups of worlds that are left out in turn for the errors."""


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


@one_thread()
def next_after(
    draws: Draws,
    first: Study,
    others: Sequence[Study],
    resamples: Resamples,
    *,
    seed: int,
    branches: int = 3,
) -> Plan:
    """Return what to run after a low, middle or high result of a first study.

    Arguments: the draws; the first study; those that may follow; resamples, whose number is that of the
    errors'; the seed; the number of ranges of results, equally probable.
    """
    after = preposterior(draws, first, seed=seed)
    quantity = true_targets(draws, draws.quantity[:, :, None])
    quantity = np.zeros_like(quantity) if draws.certain else quantity - draws.weights @ quantity
    centre = float(draws.weights @ draws.quantity.mean(axis=1))
    told = _ranges(after, after.weights @ quantity[:, 0], branches)
    groups = _groups(draws, after, seed)
    multipliers = Stream(seed, ("information", "multipliers")).normals(resamples.count, _GROUPS)
    shares = [
        _shares(
            draws, after, quantity, true_means(draws, draws.quantity[:, :, None], study), study, told, groups
        )
        for study in others
    ]
    probability = np.array([after.importance[range_].sum() for range_ in told])
    means = np.array([after.importance[range_] @ (after.weights[range_] @ quantity[:, 0]) for range_ in told])
    left = _left(after, quantity, told)
    variance = float(draws.weights @ quantity[:, 0] ** 2)
    removed = np.array([found[0] for found in shares]).clip(0.0, 1.0)
    found = tuple(
        Branch(
            probability=float(probability[index]),
            mean=centre + float(means[index] / probability[index]),
            deviation=float(np.sqrt(max(left[index], 0.0))),
            shares=tuple(_estimate(one[:, index], multipliers) for one in shares),
            best=int(removed[:, index].argmax()),
        )
        for index in range(branches)
    )
    remaining = (1 - removed) * (probability * left) / (variance if variance > 0 else 1.0)
    known = 0.0 if draws.certain else 1.0
    return Plan(
        first=first.name,
        branches=found,
        fixed=float(known - remaining.sum(axis=1).min()),
        adaptive=float(known - remaining.min(axis=0).sum()),
    )


def _ranges(after: Preposterior, means: Numbers, branches: int) -> list[NDArray[np.int64]]:
    """Return the results in each range of the mean that they leave, lowest first, equally probable."""
    order = np.argsort(means, kind="stable")
    place = np.cumsum(after.importance[order]) - after.importance[order] / 2
    number = np.minimum((place * branches).astype(int), branches - 1)
    return [order[number == index] for index in range(branches)]


def _groups(draws: Draws, after: Preposterior, seed: int) -> Groups:
    """Return groups of worlds, balanced over rivals: their posterior weights, and which they are."""
    uniforms = Stream(seed, ("information", "groups")).uniforms(draws.worlds, 1)[:, 0]
    group = np.empty(draws.worlds, dtype=np.int64)
    group[np.lexsort((uniforms, draws.rival))] = np.arange(draws.worlds) % _GROUPS
    members = [np.flatnonzero(group == one) for one in range(_GROUPS)]
    return [(np.ascontiguousarray(after.weights[:, one]), one) for one in members]


def _left(after: Preposterior, quantity: Numbers, told: list[NDArray[np.int64]]) -> Numbers:
    """Return the variance of the quantity that is left after a result, on average over each range."""
    mean = after.weights @ quantity[:, 0]
    left = after.weights @ quantity[:, 0] ** 2 - mean**2
    return np.array([after.importance[one] @ left[one] / after.importance[one].sum() for one in told])


def _shares(
    draws: Draws,
    after: Preposterior,
    quantity: Numbers,
    means: Numbers,
    study: Study,
    told: list[NDArray[np.int64]],
    groups: Groups,
) -> Numbers:
    """Return the share that a study removes in each range, (1 + g, b): of all worlds, then less a group."""
    s = study.statistics
    seen = np.concatenate([quantity, means - draws.weights @ means], axis=1)
    products = (seen[:, :, None] * seen[:, None, :]).reshape(len(seen), -1)
    values = np.concatenate(
        [np.ones((len(seen), 1)), seen, products, study.sampling.reshape(-1, s * s)], axis=1
    )
    parts = np.stack([weights @ values[members] for weights, members in groups])
    whole = parts.sum(axis=0)
    found = np.empty((1 + _GROUPS, len(told)))
    for row in range(1 + _GROUPS):
        sums = whole if row == 0 else whole - parts[row - 1]
        heard = np.full(len(whole), True) if row == 0 else ~np.isin(after.source, groups[row - 1][1])
        sums = sums / np.maximum(sums[:, :1], 1e-300)
        for column, results in enumerate(told):
            found[row, column] = _share(sums, after.importance, results[heard[results]], s)
    return found


def _share(sums: Numbers, importance: Numbers, results: NDArray[np.int64], s: int) -> float:
    """Return the share removed, from the means after each result: 1, seen (1 + s), products, sampling."""
    weights = importance[results] / importance[results].sum()
    first = sums[results, 1 : 2 + s]
    second = (weights @ sums[results, 2 + s : 2 + s + (1 + s) ** 2]).reshape(1 + s, 1 + s)
    covariance = second - np.einsum("n,ni,nj->ij", weights, first, first)
    sampling = (weights @ sums[results, 2 + s + (1 + s) ** 2 :]).reshape(s, s)
    if covariance[0, 0] <= 0:
        return 0.0
    solved = np.linalg.pinv(covariance[1:, 1:] + sampling, rcond=1e-12, hermitian=True) @ covariance[1:, 0]
    return float(covariance[1:, 0] @ solved / covariance[0, 0])


def _estimate(found: Numbers, multipliers: Numbers) -> Estimate:
    """Return a share with the error of the grouped jackknife, paired across studies."""
    scale = np.sqrt((_GROUPS - 1) / _GROUPS)
    resampled = found[0] + scale * multipliers @ (found[1:] - found[1:].mean())
    return Estimate.of(float(found[0]), resampled, 0.0, 1.0)
