"""How wide the interval of a quantity would still be after a study."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.decision.information.bank_noise import true_targets
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.preposterior import Preposterior, expected, through_others
from calor.decision.information.resampling import Resamples

_STEP = 0.01
"""Half the span of probability over which the density at a quantile is read."""


def expected_width(draws: Draws, after: Preposterior, resamples: Resamples, level: float = 0.95) -> Estimate:
    """Return the expected width of the quantity's interval after the study, in the quantity's unit."""
    quantity = true_targets(draws, draws.quantity[:, :, None])[:, 0]
    tail = (1 - level) / 2
    step = min(_STEP, tail / 2)
    asked = np.array([end + shift for end in (tail, 1 - tail) for shift in (-step, 0.0, step)])
    found = weighted_quantiles(quantity, after.weights, asked)
    low, high = found[:, 1], found[:, 4]
    # A quantile changes with a world's weight by -(1[world below] - probability) / density.
    slope_low, slope_high = ((found[:, [2, 5]] - found[:, [0, 3]]) / (2 * step)).T[:, :, None]
    below_low, below_high = quantity <= low[:, None], quantity <= high[:, None]
    derivative = slope_low * (below_low - tail) - slope_high * (below_high - (1 - tail))
    return expected(draws, after, resamples, high - low, through_others(after, derivative), (0.0, np.inf))


def prior_width(draws: Draws, level: float = 0.95) -> float:
    """Return the width of the quantity's interval before any study."""
    quantity = true_targets(draws, draws.quantity[:, :, None])[:, 0]
    tail = (1 - level) / 2
    low, high = weighted_quantiles(quantity, draws.weights[None, :], np.array([tail, 1 - tail]))[0]
    return float(high - low)


def weighted_quantiles(values: Numbers, weights: Numbers, probabilities: Numbers) -> Numbers:
    """Return quantiles (n, n_probabilities) of values (w,) under rows of weights (n, w) that sum to one.

    Each value stands at the middle of its weight; between them the quantile is linear.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    upper = np.cumsum(weights[:, order], axis=1)
    found = np.empty((len(weights), len(probabilities)))
    for row, ends in enumerate(upper):
        middles = ends - weights[row, order] / 2
        found[row] = np.interp(probabilities, middles, ordered)
    return found
