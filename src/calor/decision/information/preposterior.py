"""What would be believed after each result of a study: worlds reweighted by simulated results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws, Numbers, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


@dataclass(frozen=True, kw_only=True)
class Preposterior:
    """Posterior weights of the worlds after simulated results, one result from each world.

    Arguments: the study's name; weights (n_worlds, n_worlds), row i the posterior after a result of world i,
    in which world i itself is left out; the effective number of worlds behind each row (n_worlds,).
    """

    name: str
    weights: Numbers
    effective: Numbers


@dataclass(frozen=True)
class Rule:
    """When a result settles a question: P(quantity > threshold) at least `certainty`, or at most its rest.

    A 95 % interval that excludes the threshold is the rule with certainty 0.975.
    """

    threshold: float
    certainty: float = 0.95


@dataclass(frozen=True)
class Decisive:
    """The probability that a study settles a question: in favour, against, or either."""

    favour: Estimate
    against: Estimate
    either: Estimate


def preposterior(draws: Draws, study: Study, *, seed: int) -> Preposterior:
    """Return what would be believed after a simulated result of each world."""
    raise NotImplementedError


def rival_probability(
    draws: Draws, after: Preposterior, resamples: Resamples, groups: Mapping[str, str] | None = None
) -> Estimate:
    """Return the expected posterior probability of the true rival, or of its group (rival: group's name)."""
    raise NotImplementedError


def expected_width(draws: Draws, after: Preposterior, resamples: Resamples, level: float = 0.95) -> Estimate:
    """Return the expected width of the quantity's interval after the study, in the quantity's unit."""
    raise NotImplementedError


def decisive(draws: Draws, after: Preposterior, rule: Rule, resamples: Resamples) -> Decisive:
    """Return the probability that the study's result passes a stated rule."""
    raise NotImplementedError


def share_by_reweighting(draws: Draws, after: Preposterior, resamples: Resamples) -> Estimate:
    """Return the expected share of the quantity's variance that the study removes, without linearity."""
    raise NotImplementedError


def evsi_by_reweighting(
    draws: Draws, decision: Decision, after: Preposterior, resamples: Resamples
) -> Estimate:
    """Return the value of the study to a decision, a person, without linearity."""
    raise NotImplementedError
