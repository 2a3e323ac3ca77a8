"""The probability that a study settles a question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.decision.information.bank_noise import true_targets
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.preposterior import Preposterior, expected, through_others
from calor.decision.information.resampling import Resamples

_NEAR = 0.02
"""How near to the rule a probability is one that a small change of the worlds may carry across it."""


@dataclass(frozen=True)
class Rule:
    """When a result settles a question: P(quantity > threshold) at least `certainty`, or at most its rest.

    A 95 % interval that excludes the threshold is the rule with certainty 0.975. `most_left`: the largest
    share of the variance that may then be left, so that it is the study that settles the question.
    """

    threshold: float
    certainty: float = 0.95
    most_left: float = np.inf


@dataclass(frozen=True)
class Decisive:
    """The probability that a study settles a question: in favour, against, or either."""

    favour: Estimate
    against: Estimate
    either: Estimate


def decisive(draws: Draws, after: Preposterior, rule: Rule, resamples: Resamples) -> Decisive:
    """Return the probability that the study's result passes a stated rule.

    Its error is that of the probabilities; whether enough variance has gone is taken as it is found.
    """
    quantity = true_targets(draws, draws.quantity[:, :, None])[:, 0]
    above = (quantity > rule.threshold).astype(np.float64)
    belief = np.einsum("nw,w->n", after.weights, above)
    told = (_variance(after.weights, quantity) <= rule.most_left * _variance(draws.weights, quantity)).astype(
        np.float64
    )

    def passing(sign: float) -> tuple[Numbers, Numbers]:
        beyond = sign * (belief - 0.5) + 0.5 - rule.certainty
        near = np.maximum(0.0, 1.0 - np.abs(beyond) / _NEAR) / _NEAR
        change = sign * near[:, None] * (above[None, :] - belief[:, None])
        return told * (beyond >= -1e-12), through_others(after, told[:, None] * change)

    (yes, yes_change), (no, no_change) = passing(1.0), passing(-1.0)
    bounds = (0.0, 1.0)
    return Decisive(
        favour=expected(draws, after, resamples, yes, yes_change, bounds),
        against=expected(draws, after, resamples, no, no_change, bounds),
        either=expected(draws, after, resamples, np.maximum(yes, no), yes_change + no_change, bounds),
    )


def _variance(weights: Numbers, values: Numbers) -> Numbers:
    """Return the variance of the worlds' values (n_worlds,) under each row of weights (..., n_worlds)."""
    return np.asarray(weights @ values**2 - (weights @ values) ** 2)


def settled_now(draws: Draws, rule: Rule) -> float:
    """Return P(quantity > threshold) before any study."""
    quantity = true_targets(draws, draws.quantity[:, :, None])[:, 0]
    return float(draws.weights[quantity > rule.threshold].sum())
