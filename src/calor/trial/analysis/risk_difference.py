"""Responders compared by the difference of two arms' response rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.special import ndtr, ndtri
from calor.trial.analysis.data import ParallelData
from calor.trial.analysis.estimate import Contrast, Direction, Estimability, Estimate
from calor.trial.analysis.method import Method


@dataclass(frozen=True)
class RiskDifference:
    """The difference of response rates: z test with the pooled variance, Newcombe's score interval.

    z = (p1 - p0) / √(p(1-p)(1/n1 + 1/n0)) with p pooled. `standard_error` is √(q1(1-q1)/m1 + q0(1-q0)/m0)
    with one responder and one other patient added to each arm, so that it is never 0. Where both arms answer
    all or none, nothing varies: the p values are 1.
    Raises InputError where an outcome is neither 0 nor 1.
    Source: Newcombe (1998), Stat Med 17:873-90, method 10; Agresti and Caffo (2000), Am Stat 54:280-8.
    """

    missing_data: ClassVar[str] = "patients without an outcome are left out (complete cases)"

    def estimate(self, data: ParallelData, contrast: Contrast) -> Estimate:
        """Return the difference of rates for every replicate."""
        check_responders(data.outcome)
        n_active, rate_active = _rate(data, contrast.active)
        n_control, rate_control = _rate(data, contrast.control)
        effect = rate_active - rate_control
        with np.errstate(invalid="ignore", divide="ignore"):
            pooled = (n_active * rate_active + n_control * rate_control) / (n_active + n_control)
            under_null = np.sqrt(pooled * (1 - pooled) * (1 / n_active + 1 / n_control))
            z = effect / under_null
            error = np.sqrt(_variance(n_active, rate_active) + _variance(n_control, rate_control))
        enough = (n_active > 0) & (n_control > 0)
        varies = under_null > 0
        estimability = np.select(
            [~enough, ~varies], [Estimability.TOO_FEW, Estimability.NO_VARIATION], Estimability.ESTIMATED
        ).astype(np.int8)
        towards = z if contrast.direction is Direction.LESS else -z
        lower, upper = _newcombe(n_active, rate_active, n_control, rate_control, contrast.confidence)
        return Estimate(
            contrast=contrast,
            effect=effect,
            standard_error=error,
            degrees_of_freedom=np.where(enough, np.inf, np.nan),
            p_value_one_sided=np.where(enough & varies, ndtr(towards), 1.0),
            p_value_two_sided=np.where(enough & varies, 2 * ndtr(-np.abs(z)), 1.0),
            lower=np.where(enough, lower, -np.inf),
            upper=np.where(enough, upper, np.inf),
            estimability=estimability,
        )


def check_responders(outcome: Numbers) -> None:
    """Raise InputError unless every outcome is 0, 1 or missing."""
    if not (np.isnan(outcome) | (outcome == 0) | (outcome == 1)).all():
        raise InputError.of(
            "holds numbers other than 0 and 1", key="outcome", allowed="1 (responder), 0, or NaN for missing"
        )


def _rate(data: ParallelData, arm: int) -> tuple[Numbers, Numbers]:
    """Return each replicate's number of patients with an outcome in an arm, and their response rate."""
    member = (data.arm == arm) & ~np.isnan(data.outcome)
    count = member.sum(axis=1).astype(np.float64)
    responders = np.where(member, data.outcome, 0.0).sum(axis=1)
    return count, np.divide(responders, count, out=np.full(count.shape, np.nan), where=count > 0)


def _variance(count: Numbers, rate: Numbers) -> Numbers:
    """Return the variance of a rate with one responder and one other patient added."""
    more = (count * rate + 1) / (count + 2)
    return more * (1 - more) / (count + 2)


def _newcombe(
    n1: Numbers, p1: Numbers, n0: Numbers, p0: Numbers, confidence: float
) -> tuple[Numbers, Numbers]:
    """Return the interval that joins the two arms' Wilson intervals."""
    (low1, high1), (low0, high0) = _wilson(n1, p1, confidence), _wilson(n0, p0, confidence)
    effect = p1 - p0
    return effect - np.hypot(p1 - low1, high0 - p0), effect + np.hypot(high1 - p1, p0 - low0)


def _wilson(n: Numbers, p: Numbers, confidence: float) -> tuple[Numbers, Numbers]:
    z = float(ndtri((1 + confidence) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return centre - half, centre + half


METHODS = (Method(name="risk-difference", estimator=RiskDifference(), responders=True),)
