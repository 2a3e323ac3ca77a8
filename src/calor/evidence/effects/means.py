"""Effects of two independent groups whose means and standard deviations are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calor.core.errors import InputError
from calor.core.special import gammaln
from calor.evidence.effects.checks import finite, positive, sample_size
from calor.evidence.effects.effect import Effect, Measure


@dataclass(frozen=True)
class GroupMean:
    """Mean, standard deviation (> 0) and number of patients (>= 2) of one group.

    Raises InputError when a number is out of range.
    """

    mean: float
    standard_deviation: float
    n: int

    def __post_init__(self) -> None:
        finite("mean", self.mean)
        positive("standard_deviation", self.standard_deviation)
        sample_size("n", self.n, least=2)


def mean_difference(active: GroupMean, control: GroupMean, *, study: str = "") -> Effect:
    """Return the difference of two means, active minus control.

    Equation: y = m1 - m2, v = s1^2/n1 + s2^2/n2 (no common variance assumed).
    Source: Cochrane Handbook, version 6, chapter 6; metafor::escalc measure "MD".
    """
    variance = active.standard_deviation**2 / active.n + control.standard_deviation**2 / control.n
    return Effect(study, active.mean - control.mean, variance, Measure.MEAN_DIFFERENCE)


def standardised_mean_difference(active: GroupMean, control: GroupMean, *, study: str = "") -> Effect:
    """Return Hedges' g, active minus control, with the exact correction for small samples.

    Equation: g = J(n1 + n2 - 2) (m1 - m2)/s, s the pooled standard deviation, and the large-sample variance
    v = 1/n1 + 1/n2 + g^2 / (2 (n1 + n2)).
    Source: Hedges 1981, doi:10.3102/10769986006002107; metafor::escalc measure "SMD", vtype "LS".
    """
    freedom = active.n + control.n - 2
    pooled = math.sqrt(
        ((active.n - 1) * active.standard_deviation**2 + (control.n - 1) * control.standard_deviation**2)
        / freedom
    )
    estimate = small_sample_correction(freedom) * (active.mean - control.mean) / pooled
    variance = 1.0 / active.n + 1.0 / control.n + estimate**2 / (2.0 * (active.n + control.n))
    return Effect(study, estimate, variance, Measure.STANDARDISED_MEAN_DIFFERENCE)


def small_sample_correction(degrees_of_freedom: float) -> float:
    """Return Hedges' exact factor J that makes a standardised mean difference unbiased.

    Equation: J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)), for m > 1 degrees of freedom.
    Source: Hedges 1981, doi:10.3102/10769986006002107.
    """
    if not degrees_of_freedom > 1.0:
        raise InputError.of(f"is {degrees_of_freedom}", key="degrees_of_freedom", allowed="a number above 1")
    half = degrees_of_freedom / 2.0
    return math.exp(float(gammaln(half)) - 0.5 * math.log(half) - float(gammaln(half - 0.5)))
