"""Shares of variance and EVSI by reweighting worlds: what the linear forms are checked with."""

from __future__ import annotations

import numpy as np

from calor.core.linear_algebra import one_thread
from calor.decision.information.bank_noise import true_targets
from calor.decision.information.decision import Decision, gains
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.preposterior import Preposterior, expected, through_others
from calor.decision.information.resampling import Resamples


@one_thread()
def share_by_reweighting(draws: Draws, after: Preposterior, resamples: Resamples) -> Estimate:
    """Return the expected share of the quantity's variance that the study removes, linear or not.

    The variance is that of the means after each result and what is left on average: the share of the former.
    """
    if draws.certain:
        return Estimate.of(0.0, np.zeros(resamples.count))
    quantity = true_targets(draws, draws.quantity[:, :, None])[:, 0]
    quantity = quantity - draws.weights @ quantity
    mean = np.einsum("nw,w->n", after.weights, quantity)
    left = np.einsum("nw,w->n", after.weights, quantity**2) - mean**2
    from_mean = quantity[None, :] - mean[:, None]
    first = expected(draws, after, resamples, mean, through_others(after, from_mean))
    second = expected(draws, after, resamples, mean**2, through_others(after, 2 * mean[:, None] * from_mean))
    rest = expected(draws, after, resamples, left, through_others(after, from_mean**2 - left[:, None]))
    moved = second.raw - first.raw**2
    moved_resampled = second.resampled - first.resampled**2
    return Estimate.of(
        moved / (moved + rest.raw), moved_resampled / (moved_resampled + rest.resampled), 0.0, 1.0
    )


@one_thread()
def evsi_by_reweighting(
    draws: Draws, decision: Decision, after: Preposterior, resamples: Resamples
) -> Estimate:
    """Return the value of the study to a decision, a person, linear or not.

    What is best without the study is taken on average over the same results, so the value is never negative.
    """
    true = gains(draws, decision)
    means = np.einsum("nw,wd->nd", after.weights, true)
    now = int(np.argmax(after.importance @ means))
    best = np.argmax(means, axis=1)
    values = means.max(axis=1) - means[:, now]
    change = true.T[best] - true[:, now] - values[:, None]
    return expected(draws, after, resamples, values, through_others(after, change), (0.0, np.inf))
