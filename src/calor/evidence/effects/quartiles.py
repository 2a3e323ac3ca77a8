"""Mean and standard deviation of a group from its median and quartiles, or its range.

All estimators assume roughly normal values. A skewed outcome (the median far from the middle of the
quartiles) makes them biased: say so where such a number is used.
"""

from __future__ import annotations

from calor.core.errors import InputError
from calor.core.special import ndtri
from calor.evidence.effects.checks import ordered, sample_size
from calor.evidence.effects.means import GroupMean


def from_quartiles(q1: float, median: float, q3: float, n: int) -> GroupMean:
    """Return mean (Luo 2018) and standard deviation (Wan 2014) from median and quartiles.

    Equation: mean = w (q1 + q3)/2 + (1 - w) median, w = 0.7 + 0.39/n;
    SD = (q3 - q1) / (2 Phi^-1((0.75 n - 0.125)/(n + 0.25))).
    Raises InputError when the quartiles are not in order or are equal.
    Source: Luo et al. 2018, doi:10.1177/0962280216669183; Wan et al. 2014,
    doi:10.1186/1471-2288-14-135.
    """
    ordered({"q1": q1, "median": median, "q3": q3})
    weight = 0.7 + 0.39 / sample_size("n", n, least=2)
    mean = weight * (q1 + q3) / 2.0 + (1.0 - weight) * median
    return GroupMean(mean, _spread("q3", q1, q3) / _quartile_width(n), n)


def from_range(minimum: float, median: float, maximum: float, n: int) -> GroupMean:
    """Return mean (Luo 2018) and standard deviation (Wan 2014) from median and range.

    Equation: mean = w (min + max)/2 + (1 - w) median, w = 4/(4 + n^0.75);
    SD = (max - min) / (2 Phi^-1((n - 0.375)/(n + 0.25))).
    Raises InputError when the values are not in order or the range is empty.
    Source: Luo et al. 2018, doi:10.1177/0962280216669183; Wan et al. 2014,
    doi:10.1186/1471-2288-14-135.
    """
    ordered({"minimum": minimum, "median": median, "maximum": maximum})
    weight = 4.0 / (4.0 + sample_size("n", n, least=2) ** 0.75)
    mean = weight * (minimum + maximum) / 2.0 + (1.0 - weight) * median
    return GroupMean(mean, _spread("maximum", minimum, maximum) / _range_width(n), n)


def from_five_numbers(
    minimum: float, q1: float, median: float, q3: float, maximum: float, n: int
) -> GroupMean:
    """Return mean (Luo 2018) and standard deviation (Wan 2014) from median, quartiles and range.

    Equation: mean = w1 (min + max)/2 + w2 (q1 + q3)/2 + (1 - w1 - w2) median, w1 = 2.2/(2.2 + n^0.75),
    w2 = 0.7 - 0.72/n^0.55; SD = the mean of the range's and the quartiles' estimate.
    Raises InputError when the values are not in order or a range is empty.
    Source: Luo et al. 2018, doi:10.1177/0962280216669183; Wan et al. 2014,
    doi:10.1186/1471-2288-14-135.
    """
    ordered({"minimum": minimum, "q1": q1, "median": median, "q3": q3, "maximum": maximum})
    sample_size("n", n, least=2)
    outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = outer * (minimum + maximum) / 2.0 + inner * (q1 + q3) / 2.0 + (1.0 - outer - inner) * median
    from_extremes = _spread("maximum", minimum, maximum) / _range_width(n)
    return GroupMean(mean, (from_extremes + _spread("q3", q1, q3) / _quartile_width(n)) / 2.0, n)


def _spread(key: str, lower: float, upper: float) -> float:
    if lower == upper:
        raise InputError.of(
            f"is {upper}, the same as the lower value", key=key, hint="no spread can be read off"
        )
    return upper - lower


def _quartile_width(n: int) -> float:
    """Return the expected distance of the quartiles of n standard normal values (Blom's approximation)."""
    return 2.0 * float(ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _range_width(n: int) -> float:
    """Return the expected range of n standard normal values (Blom's approximation)."""
    return 2.0 * float(ndtri((n - 0.375) / (n + 0.25)))
