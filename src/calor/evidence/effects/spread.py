"""Standard errors and standard deviations from what papers print instead of them."""

from __future__ import annotations

import math

from calor.core.errors import InputError
from calor.core.special import ndtri, stdtrit
from calor.evidence.effects.checks import finite, ordered, positive, proportion, sample_size


def critical_value(level: float, degrees_of_freedom: float | None = None) -> float:
    """Return the two-sided critical value of a confidence level.

    Equation: Phi^-1((1 + level) / 2), or the same quantile of Student's t with the degrees of freedom given.
    """
    proportion("level", level)
    if degrees_of_freedom is None:
        return float(-ndtri((1.0 - level) / 2.0))
    return float(-stdtrit(positive("degrees_of_freedom", degrees_of_freedom), (1.0 - level) / 2.0))


def standard_error_from_interval(
    lower: float, upper: float, *, level: float = 0.95, degrees_of_freedom: float | None = None
) -> float:
    """Return the standard error behind a symmetric confidence interval.

    Equation: SE = (upper - lower) / (2 c), with c the critical value; use the t where the paper did (small
    samples, degrees of freedom n - 1 for one mean and n1 + n2 - 2 for a difference).
    Arguments: the limits in the unit of the estimate. For a ratio give the logarithms of its limits.
    Raises InputError when the limits are not in order or are equal.
    Source: Cochrane Handbook for Systematic Reviews of Interventions, version 6, chapter 6.
    """
    ordered({"lower": lower, "upper": upper})
    if lower == upper:
        raise InputError.of(
            f"equals the lower limit {lower}", key="upper", allowed="a limit above the lower one"
        )
    return (upper - lower) / (2.0 * critical_value(level, degrees_of_freedom))


def standard_error_from_p(
    estimate: float, p: float, *, degrees_of_freedom: float | None = None, two_sided: bool = True
) -> float:
    """Return the standard error behind an estimate and the p value of its test against zero.

    Equation: SE = |estimate| / q, q the normal (or t) quantile that leaves p/2 above it (p when one-sided).
    Arguments: the exact p value; "p < 0.05" is a bound, and gives a bound (the largest SE that fits).
    Raises InputError when the estimate is zero or p does not lie between 0 and 1 (0.5 when one-sided).
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    if finite("estimate", estimate) == 0.0:
        raise InputError.of("is 0", key="estimate", hint="an estimate of zero has p = 1 whatever its error")
    tail = proportion("p", p) / 2.0 if two_sided else proportion("p", p)
    if tail >= 0.5:
        raise InputError.of(
            f"is {p}", key="p", allowed="below 0.5 for a one-sided test in the effect's direction"
        )
    if degrees_of_freedom is None:
        quantile = float(-ndtri(tail))
    else:
        quantile = float(-stdtrit(positive("degrees_of_freedom", degrees_of_freedom), tail))
    return abs(estimate) / quantile


def standard_deviation_from_standard_error(standard_error: float, n: int) -> float:
    """Return the standard deviation of one group from its mean's standard error: SD = SE sqrt(n).

    Source: Cochrane Handbook, version 6, chapter 6.
    """
    return positive("standard_error", standard_error) * math.sqrt(sample_size("n", n, least=2))


def standard_deviation_from_interval(lower: float, upper: float, n: int, *, level: float = 0.95) -> float:
    """Return the standard deviation of one group from its mean's confidence interval.

    Equation: SD = sqrt(n) (upper - lower) / (2 t), t with n - 1 degrees of freedom.
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    sample_size("n", n, least=2)
    error = standard_error_from_interval(lower, upper, level=level, degrees_of_freedom=n - 1)
    return standard_deviation_from_standard_error(error, n)


def pooled_standard_deviation_from_difference(standard_error: float, n1: int, n2: int) -> float:
    """Return the within-group standard deviation behind the standard error of a difference of two means.

    Equation: SD = SE / sqrt(1/n1 + 1/n2), both groups having the same SD.
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    sample_size("n1", n1, least=1)
    sample_size("n2", n2, least=1)
    return positive("standard_error", standard_error) / math.sqrt(1.0 / n1 + 1.0 / n2)
