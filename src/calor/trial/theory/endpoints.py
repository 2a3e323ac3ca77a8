"""Fixed-size tests of a mean, a rate and a crossover: sample size, and the drift of their statistic.

The drift is the mean of the normal statistic whose one-sided power is the test's own. It carries tests that
are not normal (Student's t, rates with unequal variances) to group-sequential designs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from calor.core.errors import InputError
from calor.core.special import brentq, nctdtr, ndtri, stdtrit

LEAST_DEGREES_OF_FREEDOM = 0.1
"""Below it Student's quantiles overflow; a size that small means the effect is out of any trial's reach."""

LARGEST_DRIFT = 37.0
"""A drift beyond it is power 1 to every digit a computer holds."""

LARGEST_SAMPLE_SIZE = 1e9


class Endpoint(Protocol):
    """A test of one effect at a one-sided level, of any sample size (not rounded)."""

    def fixed_size(self, level: float, power: float) -> float:
        """Return the total sample size that gives a power at a one-sided level."""

    def drift(self, n_total: float, level: float) -> float:
        """Return the drift at a total sample size and one-sided level."""

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return the sizes of the active and the control arm."""


@dataclass(frozen=True)
class MeanEndpoint:
    """The difference of two arms' means.

    Arguments: difference delta and common standard deviation sd, in the endpoint's unit; allocation n1 / n2;
    whether the normal distribution stands in for Student's t.
    """

    delta: float
    sd: float
    allocation: float = 1.0
    normal_approximation: bool = False

    def __post_init__(self) -> None:
        _check_effect(self.delta, self.sd)
        check_allocation(self.allocation)

    @property
    def _effect(self) -> float:
        """The drift of one patient: √r / (1 + r) |delta| / sd."""
        return float(np.sqrt(self.allocation) / (1 + self.allocation) * abs(self.delta) / self.sd)

    def fixed_size(self, level: float, power: float) -> float:
        """Return the total sample size of the two-sample test."""
        return _mean_size(self._effect, 2, self.normal_approximation, level, power)

    def drift(self, n_total: float, level: float) -> float:
        """Return the drift √n √r / (1 + r) |delta| / sd, adjusted to the power of Student's t."""
        return _mean_drift(self._effect, 2, self.normal_approximation, n_total, level)

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return n1 and n2 with n1 / n2 the allocation."""
        return allocated(n_total, self.allocation)


@dataclass(frozen=True)
class CrossoverEndpoint:
    """The mean of within-patient differences, active minus control, in an AB/BA crossover.

    Arguments: difference delta; standard deviation sd of one patient's difference (√2 times that within a
    patient, where treatments do not change it); whether the normal distribution stands in for Student's t;
    and whether the analysis adjusts for period, which takes a second degree of freedom.
    """

    delta: float
    sd: float
    normal_approximation: bool = False
    period_adjusted: bool = False

    def __post_init__(self) -> None:
        _check_effect(self.delta, self.sd)

    @property
    def _means(self) -> int:
        return 2 if self.period_adjusted else 1

    def fixed_size(self, level: float, power: float) -> float:
        """Return the total sample size of the paired test."""
        return _mean_size(abs(self.delta) / self.sd, self._means, self.normal_approximation, level, power)

    def drift(self, n_total: float, level: float) -> float:
        """Return the drift √n |delta| / sd, adjusted to the power of Student's t."""
        return _mean_drift(abs(self.delta) / self.sd, self._means, self.normal_approximation, n_total, level)

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return the sizes of the two sequences, which are equal."""
        return allocated(n_total, 1.0)


@dataclass(frozen=True)
class RateEndpoint:
    """The difference of two arms' rates, by the normal approximation with the pooled variance under H0.

    Arguments: rates of the active arm (1) and the control arm (2); allocation n1 / n2.
    Source: Fleiss, Tytun and Ury (1980), Biometrics 36:343-6, without continuity correction.
    """

    rate1: float
    rate2: float
    allocation: float = 1.0

    def __post_init__(self) -> None:
        for name, rate in (("rate1", self.rate1), ("rate2", self.rate2)):
            if not 0 < rate < 1:
                raise InputError.of(f"is {rate:g}", key=name, allowed="above 0 and below 1")
        check_allocation(self.allocation)

    def _deviations(self) -> tuple[float, float]:
        """Return √(p(1-p)(1+r)) with p pooled, and √(p1(1-p1) + r p2(1-p2))."""
        r = self.allocation
        pooled = (r * self.rate1 + self.rate2) / (1 + r)
        apart = self.rate1 * (1 - self.rate1) + r * self.rate2 * (1 - self.rate2)
        return float(np.sqrt(pooled * (1 - pooled) * (1 + r))), float(np.sqrt(apart))

    def fixed_size(self, level: float, power: float) -> float:
        """Return n1 + n2, where n1 = (z(1-level) s0 + z(power) s1)² / (rate1 - rate2)²."""
        _check_nonzero(self.rate1 - self.rate2, "rate1 minus rate2")
        under_null, under_effect = self._deviations()
        numerator = -ndtri(level) * under_null + ndtri(power) * under_effect
        n_active = (numerator / (self.rate1 - self.rate2)) ** 2
        return float(n_active * (1 + 1 / self.allocation))

    def drift(self, n_total: float, level: float) -> float:
        """Return z(1-level) - (z(1-level) s0 - √n1 |rate1 - rate2|) / s1."""
        under_null, under_effect = self._deviations()
        n_active, _ = self.per_arm(n_total)
        quantile = -ndtri(level)
        shortfall = quantile * under_null - np.sqrt(n_active) * abs(self.rate1 - self.rate2)
        return float(quantile - shortfall / under_effect)

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return n1 and n2 with n1 / n2 the allocation."""
        return allocated(n_total, self.allocation)


def _mean_drift(effect: float, n_means: int, normal: bool, n_total: float, level: float) -> float:
    """Return the drift of a test of means: z(1-level) - z(1-power of the test)."""
    if normal:
        return float(effect * np.sqrt(n_total))
    degrees = n_total - n_means
    if degrees <= 0:
        raise InputError.of(
            f"is {n_total:g}", key="n", allowed=f"more than {n_means}", hint="a t test needs a spare patient"
        )
    return float(-ndtri(level) - ndtri(max(_miss(effect, degrees, n_total, level), 1e-300)))


def _miss(effect: float, degrees: float, n_total: float, level: float) -> float:
    """Return the type II error of the one-sided t test: the noncentral t's distribution at its quantile."""
    quantile = stdtrit(degrees, 1 - level)
    return float(nctdtr(degrees, effect * np.sqrt(n_total), quantile))


def _mean_size(effect: float, n_means: int, normal: bool, level: float, power: float) -> float:
    """Return the total sample size of a test of means with a standardised effect per √patient."""
    _check_nonzero(effect, "delta")
    approximate = float(((ndtri(power) - ndtri(level)) / effect) ** 2)
    if approximate > LARGEST_SAMPLE_SIZE:
        raise InputError.of(
            f"needs {approximate:.2g} patients", key="delta", allowed=f"at most {LARGEST_SAMPLE_SIZE:.0g}"
        )
    if normal:
        return approximate

    def excess(n_total: float) -> float:
        return _miss(effect, n_total - n_means, n_total, level) - (1 - power)

    least, most = n_means + LEAST_DEGREES_OF_FREEDOM, 2 * n_means + 2 * approximate
    if excess(least) <= 0:
        raise InputError.of(
            "is detected by fewer than three patients", key="delta", hint="check delta and sd"
        )
    while excess(most) > 0:
        most *= 2
    return float(brentq(excess, least, most, xtol=1e-11, rtol=1e-13))


def allocated(n_total: float, allocation: float) -> tuple[float, float]:
    """Return n1 and n2 of a total, n1 / n2 the allocation."""
    n_control = n_total / (1 + allocation)
    return n_control * allocation, n_control


def _check_effect(delta: float, sd: float) -> None:
    if not np.isfinite(delta):
        raise InputError.of(f"is {delta:g}", key="delta", allowed="a finite number")
    if not (np.isfinite(sd) and sd > 0):
        raise InputError.of(f"is {sd:g}", key="sd", allowed="a number above 0")


def check_allocation(allocation: float) -> None:
    """Raise InputError for an allocation that no trial has."""
    if not 0.01 <= allocation <= 100:
        raise InputError.of(
            f"is {allocation:g}",
            key="allocation",
            allowed="0.01 to 100",
            hint="it is n1 / n2; 1 is equal arms",
        )


def _check_nonzero(effect: float, name: str) -> None:
    if effect == 0:
        raise InputError.of("is 0", key=name, allowed="an effect other than 0", hint="no size detects none")
