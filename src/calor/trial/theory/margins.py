"""Tests against a margin in closed form: equivalence of two means by two one-sided tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.core.errors import InputError
from calor.core.special import brentq, ndtr, ndtri, stdtrit
from calor.trial.theory.endpoints import LARGEST_SAMPLE_SIZE, MeanEndpoint

NODES = 200
"""Points of the quadrature over the estimated standard deviation."""

SPREAD = 12.0
"""Standard errors of the estimated standard deviation about the true one within which it is integrated."""


def non_inferiority(delta: float, margin: float, sd: float, allocation: float = 1.0) -> MeanEndpoint:
    """Return the test that the active arm is worse by less than a margin: the t test of margin - delta.

    Arguments: by how much the active arm truly is worse (below 0: better), the margin, the SD in each arm and
    n1 / n2. Raises InputError where it truly is worse by the margin or more.
    """
    _check_margin(margin)
    if delta >= margin:
        raise InputError.of(f"is {delta:g}", key="delta", allowed=f"below the margin, {margin:g}")
    return MeanEndpoint(margin - delta, sd, allocation)


@dataclass(frozen=True)
class EquivalenceEndpoint:
    """Two means that differ by less than a margin either way: two one-sided t tests.

    Power = ∫ [Φ((m - t s k - δ) / σk) - Φ((-m + t s k - δ) / σk)]+ f(s) ds, with k² = 1 / n1 + 1 / n2, t the
    quantile of Student's t at the level and f the density of the estimated SD. Arguments: the true difference
    δ, the margin m, the SD σ in each arm and n1 / n2. Raises InputError where the difference is not within
    the margin.
    Source: Schuirmann (1987), J Pharmacokinet Biopharm 15:657-80; Phillips (1990), ibid. 18:137-44.
    """

    delta: float
    margin: float
    sd: float
    allocation: float = 1.0

    def __post_init__(self) -> None:
        _check_margin(self.margin)
        MeanEndpoint(self.delta, self.sd, self.allocation)
        if abs(self.delta) >= self.margin:
            raise InputError.of(
                f"is {self.delta:g}", key="delta", allowed=f"within the margin, {self.margin:g}"
            )

    def power(self, n_total: float, level: float) -> float:
        """Return the power at a total sample size and one-sided level."""
        degrees = n_total - 2
        if degrees <= 0:
            raise InputError.of(f"is {n_total:g}", key="n", allowed="more than 2")
        first, second = self.per_arm(n_total)
        error = self.sd * math.sqrt(1 / first + 1 / second)
        quantile = float(stdtrit(degrees, 1 - level))
        most = self.margin / (quantile * error)
        spread = SPREAD / math.sqrt(2 * degrees)
        low, high = max(0.0, 1 - spread), min(most, 1 + spread)
        if high <= low:
            return 0.0
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        ratio = low + (high - low) * (nodes + 1) / 2
        room = self.margin - quantile * ratio * error
        within = ndtr((room - self.delta) / error) - ndtr((-room - self.delta) / error)
        constant = 0.5 * degrees * math.log(degrees / 2) + math.log(2) - math.lgamma(degrees / 2)
        density = np.exp(constant + (degrees - 1) * np.log(ratio) - degrees * ratio**2 / 2)
        return float((high - low) / 2 * (weights @ (within * density)))

    def fixed_size(self, level: float, power: float) -> float:
        """Return the total sample size that gives a power at a one-sided level."""
        most = 8.0
        while self.power(most, level) < power:
            most *= 2
            if most > LARGEST_SAMPLE_SIZE:
                raise InputError.of("needs too many patients", key="delta", hint="widen the margin")
        return float(brentq(lambda n: self.power(n, level) - power, 2.5, most, xtol=1e-9, rtol=1e-12))

    def drift(self, n_total: float, level: float) -> float:
        """Return the drift of a normal statistic with the same power."""
        return float(ndtri(max(self.power(n_total, level), 1e-300)) - ndtri(level))

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return n1 and n2 with n1 / n2 the allocation."""
        control = n_total / (1 + self.allocation)
        return control * self.allocation, control


def _check_margin(margin: float) -> None:
    if not (np.isfinite(margin) and margin > 0):
        raise InputError.of(f"is {margin:g}", key="margin", allowed="a number above 0")
