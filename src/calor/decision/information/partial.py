"""What we do not know, by what it costs: the value of knowing a group of parameters (EVPPI).

    EVPPI(phi) = E max_d E[b_d | phi] - max_d E b_d

The inner expectation is a regression that is never in-sample (`regression`), on the group's parameters and
the rival together: effects work through the rival, and a parameter alone misleads. Increments are over the
rival.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import averaged, moments_of_targets, with_resamples
from calor.decision.information.perfect import evpi
from calor.decision.information.regression import predicted_from
from calor.decision.information.resampling import Resamples


@dataclass(frozen=True)
class Known:
    """What knowing a group of parameters is worth.

    Arguments: the group's name; its worth together with the rival; and its increment over the rival alone.
    """

    name: str
    with_rival: Estimate
    increment: Estimate


@dataclass(frozen=True)
class KnownGroups:
    """What knowing the rival alone is worth, and each group of parameters beyond it, in the order given."""

    rival: Estimate
    groups: tuple[Known, ...]


@one_thread()
def evppi(
    draws: Draws, decision: Decision, parameters: Sequence[str], resamples: Resamples, *, seed: int
) -> Estimate:
    """Return the value, a person, of knowing some parameters (and the rival, where there are several).

    It is held between 0 and the value of perfect information.
    """
    increments = decision.gains.mean(axis=1)
    gains = np.concatenate([np.zeros((draws.worlds, 1)), increments], axis=1)
    believed = np.zeros_like(gains)
    believed[:, 1:] = predicted_from(draws, scores_of(draws, parameters), increments, seed=seed)
    chosen = np.take_along_axis(gains, believed.argmax(axis=1)[:, None], axis=1)[:, 0]
    now = gains[:, int(np.argmax(draws.weights @ gains))]
    raw = float(draws.weights @ believed.max(axis=1) - max(0.0, (draws.weights @ believed).max()))
    change = averaged(resamples.weights - draws.weights, chosen - now)
    return Estimate.of(raw, raw + change, 0.0, evpi(draws, decision, resamples).value)


def evppi_by_group(
    draws: Draws, decision: Decision, groups: Mapping[str, Sequence[str]], resamples: Resamples, *, seed: int
) -> KnownGroups:
    """Return the value, a person, of knowing the rival and each group of parameters beyond it."""
    return _by_group(groups, lambda names: evppi(draws, decision, names, resamples, seed=seed))


@one_thread()
def share_by_group(
    draws: Draws, groups: Mapping[str, Sequence[str]], resamples: Resamples, *, seed: int
) -> KnownGroups:
    """Return the share of the quantity's variance removed by knowing the rival, and each group beyond it."""
    weights = with_resamples(draws, resamples)
    quantity = draws.quantity.mean(axis=1, keepdims=True)
    centred = quantity - draws.weights @ quantity
    # The noise of the bank is in what is left and in the total alike: their difference is free of it.
    total = averaged(weights, centred**2)[:, 0] - averaged(weights, centred)[:, 0] ** 2
    true = moments_of_targets(weights, draws.quantity[:, :, None])[:, 0, 0]

    def share(names: Sequence[str]) -> Estimate:
        if draws.certain:
            return Estimate.of(0.0, np.zeros(resamples.count))
        predicted = predicted_from(draws, scores_of(draws, names), quantity, seed=seed)
        removed = total - averaged(weights, (quantity - predicted) ** 2)[:, 0]
        shares = np.where(true > 0, removed / np.where(true > 0, true, 1.0), 0.0)
        return Estimate.of(shares[0], shares[1:], 0.0, 1.0)

    return _by_group(groups, share)


def scores_of(draws: Draws, parameters: Sequence[str]) -> Numbers:
    """Return the scores of some parameters, (n_worlds, m). Raises ValueError for an unknown name."""
    unknown = [name for name in parameters if name not in draws.parameters]
    if unknown:
        raise ValueError(f"unknown parameters: {', '.join(unknown)}")
    return draws.scores[:, [draws.parameters.index(name) for name in parameters]]


def _by_group(groups: Mapping[str, Sequence[str]], known: Callable[[Sequence[str]], Estimate]) -> KnownGroups:
    """Return the worth of the rival and of each group beyond it; `known` values parameters with the rival."""
    rival = known([])
    found = []
    for name, parameters in groups.items():
        both = known(parameters)
        increment = Estimate.of(both.raw - rival.raw, both.resampled - rival.resampled, 0.0)
        found.append(Known(name, both, increment))
    return KnownGroups(rival, tuple(found))
