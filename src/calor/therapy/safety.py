"""How many patients of an arm to expect with each adverse event, with what is uncertain about it.

For a proportion k of n the posterior under the Jeffreys prior is Beta(k + 1/2, n - k + 1/2), and the count in
an arm of N is beta-binomial. For a rate with a published 95 % interval the posterior is the gamma
distribution with that mean and coefficient of variation, and the count over T patient-years is negative
binomial. A printed interval of a percentage is taken as it stands. Source of both distributions: Gelman et
al., Bayesian Data Analysis, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calor.core.calendar_time import DAYS_PER_YEAR
from calor.core.provenance import Grade
from calor.therapy.counts import (
    beta_binomial_interval,
    beta_interval,
    gamma_interval,
    negative_binomial_interval,
)
from calor.therapy.drug import Drug
from calor.therapy.signals import Incidence, Percentage, Proportion, Rate, Relative, Signal

_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class ExpectedEvents:
    """What to expect of one adverse event in one arm.

    Arguments: the drug, the event, whether it is serious; the expected number of patients (None where no
    incidence was read), the 95 % interval of that mean and of the number that will be seen (None where the
    source gives no denominator); in words what it rests on and with what it was scaled (`not scaled`: as
    counted in the source, at its dose and over its duration); its source and grade.
    """

    drug: str
    event: str
    serious: bool
    expected: float | None
    interval: tuple[float, float] | None
    predictive_interval: tuple[float, float] | None
    basis: str
    scaled: str
    source: str
    grade: Grade

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "drug": self.drug,
            "event": self.event,
            "serious": self.serious,
            "expected": self.expected,
            "interval95": list(self.interval) if self.interval else None,
            "basis": self.basis,
            "scaled": self.scaled,
            "source": self.source,
            "grade": str(self.grade),
        }


NOT_SCALED = "not scaled"


SAME_DOSE = 0.05
"""Daily doses this close, as a share, count as the same."""


def expected_events(
    drug: Drug, patients: int, years: float, daily_mg: float | None = None
) -> tuple[ExpectedEvents, ...]:
    """Return the events to expect in an arm.

    Arguments: the drug, the number of patients treated, the mean time at risk of each in years, and the mean
    daily dose (None: not of one dose). What the source counts per patient-year follows that time; of what it
    counts at several daily doses the nearest one is taken; nothing else is scaled.
    """
    signals = drug.safety.signals
    if daily_mg is not None:
        signals = tuple(each for each in signals if each is _nearest(signals, each, daily_mg))
    return tuple(_expected(drug, signal, patients, years, daily_mg) for signal in signals)


def _nearest(signals: Sequence[Signal], signal: Signal, daily_mg: float) -> Signal:
    """Return that signal of the same event that was counted nearest to a daily dose, by ratio."""
    counted = [each for each in signals if each.event == signal.event and each.daily_mg is not None]
    if signal.daily_mg is None:
        return signal
    return min(counted, key=lambda each: abs(math.log((each.daily_mg or math.inf) / daily_mg)))


def _scaled_by_dose(signal: Signal, daily_mg: float | None) -> str:
    """Return what a count at a dose has to do with the arm's, in words."""
    if signal.daily_mg is None:
        return NOT_SCALED
    at = f"{signal.daily_mg:g} mg a day"
    if daily_mg is not None and abs(daily_mg / signal.daily_mg - 1) <= SAME_DOSE:
        return f"at {at}, as here"
    return f"{NOT_SCALED}: at {at}" + ("" if daily_mg is None else f", here {daily_mg:.3g}")


def _expected(
    drug: Drug, signal: Signal, patients: int, years: float, daily_mg: float | None
) -> ExpectedEvents:
    expected: float | None = None
    interval: tuple[float, float] | None = None
    predictive: tuple[float, float] | None = None
    scaled = _scaled_by_dose(signal, daily_mg)
    incidence = signal.incidence
    if signal.among is not None:
        basis = f"{_share_in_words(incidence)} of {signal.among}; how many an arm has was not asked"
    elif isinstance(incidence, Proportion):
        a, b = incidence.events + 0.5, incidence.patients - incidence.events + 0.5
        expected = patients * a / (a + b)
        low, high = beta_interval(a, b)
        interval = low * patients, high * patients
        predictive = beta_binomial_interval(patients, a, b)
        basis = f"{incidence.events} of {incidence.patients} patients"
    elif isinstance(incidence, Rate):
        exposure = patients * years
        scaled = f"to {years * DAYS_PER_YEAR:.0f} days"
        expected = incidence.per_1000_patient_years / 1000 * exposure
        interval, predictive = _intervals_of_rate(incidence, exposure)
        basis = f"{incidence.per_1000_patient_years:g} per 1,000 patient-years"
        basis += " (no interval was read)" if interval is None else ""
    elif isinstance(incidence, Percentage):
        expected = patients * incidence.percent / 100
        if incidence.lower is None or incidence.upper is None:
            basis = f"{incidence.percent:g} % (number of patients not read, so no interval)"
        else:
            interval = patients * incidence.lower / 100, patients * incidence.upper / 100
            basis = f"{_share_in_words(incidence)} of patients"
    elif isinstance(incidence, Relative):
        ends = f" ({incidence.lower:g} to {incidence.upper:g})" if incidence.lower and incidence.upper else ""
        basis = f"{incidence.ratio:g}{ends} times the rate without it; no background rate was read"
    else:
        basis = "known hazard; no incidence was read"
    basis = f"{basis}; {signal.population}"
    return ExpectedEvents(
        drug=drug.id,
        event=signal.event,
        serious=signal.serious,
        expected=expected,
        interval=interval,
        predictive_interval=predictive,
        basis=basis,
        scaled=scaled,
        source=signal.source,
        grade=signal.grade,
    )


def _intervals_of_rate(
    rate: Rate, exposure: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Return the intervals of the mean and of the count over an exposure, None where none was read."""
    if rate.lower is None:
        return None, None
    shape, scale = gamma_of(rate)
    # A Poisson count whose mean is gamma distributed is negative binomial.
    low, high = gamma_interval(shape, scale)
    return (low * exposure, high * exposure), negative_binomial_interval(shape, scale * exposure)


def _share_in_words(incidence: Incidence) -> str:
    """Return a proportion or percentage as it was printed."""
    if isinstance(incidence, Proportion):
        return f"{incidence.events} of {incidence.patients}"
    if isinstance(incidence, Percentage):
        known = incidence.lower is not None and incidence.upper is not None
        ends = f" ({incidence.lower:g} to {incidence.upper:g})" if known else ""
        return f"{incidence.percent:g} %{ends}"
    return "a hazard"


def gamma_of(rate: Rate) -> tuple[float, float]:
    """Return shape and scale (per patient-year) of the gamma distribution of a rate.

    Its mean is the rate and its coefficient of variation that of the interval on the log scale. Raises
    ValueError for a rate without an interval.
    """
    if rate.lower is None or rate.upper is None:
        raise ValueError("a rate without an interval has no distribution")
    spread = math.log(rate.upper / rate.lower) / (2 * _NORMAL_95)
    shape = 1 / math.expm1(spread * spread)
    return shape, rate.per_1000_patient_years / 1000 / shape
