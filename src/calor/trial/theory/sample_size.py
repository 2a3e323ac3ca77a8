"""Sample size and power of fixed and group-sequential trials in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.special import brentq, ndtr, ndtri
from calor.trial.theory.boundaries import Boundaries
from calor.trial.theory.endpoints import LARGEST_DRIFT, Endpoint
from calor.trial.theory.plan import check_alpha
from calor.trial.theory.sequential import Stopping, stopping_probabilities


@dataclass(frozen=True)
class SampleSize:
    """The size of a trial that reaches a power; not rounded.

    `n_per_arm` is active, then control (crossover: the two sequences). In a group-sequential trial `n_total`
    is the largest size and the expected sizes count trials that stop early; else they equal `n_total`.
    """

    n_total: float
    n_per_arm: tuple[float, float]
    expected_n_h1: float
    expected_n_h0: float


def fixed_sample_size(endpoint: Endpoint, power: float, alpha: float, sided: int) -> SampleSize:
    """Return the size of a trial with one analysis.

    A two-sided test at alpha is sized as a one-sided test at alpha / 2: rejection on the wrong side is no
    success. Raises InputError where power does not exceed that level or the effect is 0.
    """
    check_alpha(alpha, sided)
    check_power(power, alpha / sided)
    n_total = endpoint.fixed_size(alpha / sided, power)
    return SampleSize(n_total, endpoint.per_arm(n_total), n_total, n_total)


def sequential_sample_size(endpoint: Endpoint, power: float, bounds: Boundaries) -> SampleSize:
    """Return the size of a group-sequential trial: the fixed size times the design's inflation.

    Inflation = drift² / (z(1 - level) + z(power))², where the drift gives the boundaries the power.
    Source: Jennison and Turnbull (2000), Group Sequential Methods, section 2.3.
    """
    level = bounds.plan.alpha / bounds.plan.sided
    check_power(power, level)
    fixed_drift = float(ndtri(power) - ndtri(level))

    def shortfall(drift: float) -> float:
        return power - _towards_effect(bounds, drift)

    drift = float(brentq(shortfall, 0.0, 4 * fixed_drift, xtol=1e-13, rtol=1e-14))
    n_total = endpoint.fixed_size(level, power) * (drift / fixed_drift) ** 2
    return SampleSize(
        n_total,
        endpoint.per_arm(n_total),
        n_total * _expected_information(bounds, drift),
        n_total * _expected_information(bounds, 0.0),
    )


def fixed_power(endpoint: Endpoint, n_total: float, alpha: float, sided: int) -> float:
    """Return the power of a trial with one analysis; a two-sided test counts rejection on either side.

    power = Φ(drift - z) (+ Φ(-drift - z)), z = z(1 - alpha / sides).
    """
    check_alpha(alpha, sided)
    check_size(n_total)
    quantile = float(-ndtri(alpha / sided))
    drift = min(endpoint.drift(n_total, alpha / sided), LARGEST_DRIFT)
    wrong_side = float(ndtr(-drift - quantile)) if sided == 2 else 0.0
    return float(ndtr(drift - quantile)) + wrong_side


@dataclass(frozen=True)
class SequentialPower:
    """What a group-sequential trial of a given largest size does under the effect.

    `power` counts rejection, in a two-sided test on either side; `power_per_look` says when, (n_looks,).
    """

    power: float
    power_per_look: Numbers
    expected_n: float


def sequential_power(endpoint: Endpoint, n_total: float, bounds: Boundaries) -> SequentialPower:
    """Return the power of a group-sequential trial whose last look has n_total patients."""
    check_size(n_total)
    drift = min(endpoint.drift(n_total, bounds.plan.alpha / bounds.plan.sided), LARGEST_DRIFT)
    stopping = _stopping(bounds, drift)
    rejected = stopping.above + stopping.below
    return SequentialPower(float(rejected.sum()), rejected, n_total * _expected_information(bounds, drift))


def check_power(power: float, level: float) -> None:
    """Raise InputError unless power lies above the one-sided level and below 1."""
    if not level < power < 1:
        raise InputError.of(
            f"is {power:g}", key="power", allowed=f"above the one-sided level {level:g} and below 1",
            hint="0.8 and 0.9 are usual",
        )  # fmt: skip


def check_size(n_total: float) -> None:
    """Raise InputError unless the sample size is a finite number of at least 1."""
    if not (np.isfinite(n_total) and n_total >= 1):
        raise InputError.of(f"is {n_total:g}", key="n", allowed="a finite number, 1 or more")


def _stopping(bounds: Boundaries, drift: float) -> Stopping:
    return stopping_probabilities(bounds.lower, bounds.critical_values, bounds.information, drift)


def _towards_effect(bounds: Boundaries, drift: float) -> float:
    return float(_stopping(bounds, drift).above.sum())


def _expected_information(bounds: Boundaries, drift: float) -> float:
    """Return the expected information fraction at the end of the trial."""
    stopping = _stopping(bounds, drift)
    early = (stopping.above + stopping.below)[:-1]
    return float(early @ bounds.information[:-1] + (1 - early.sum()))
