"""The published facts that a drug's model must meet, run and compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.errors import CalorError
from calor.regimen import Regimen, parse_regimen
from calor.therapy.drug import Check, Drug
from calor.therapy.exposure import Quantity, quantity_of, simulate, typical_person
from calor.therapy.profile import RestingProfile, course_of, half_life_of, values_at


@dataclass(frozen=True)
class CheckOutcome:
    """A check with the value that the drug's model gives, and whether it lies in the allowed range."""

    check: Check
    value: float

    @property
    def holds(self) -> bool:
        """Whether the value lies in the allowed range."""
        return self.check.low <= self.value <= self.check.high


def run_checks(drug: Drug) -> tuple[CheckOutcome, ...]:
    """Return every check of a drug with the value of a typical person."""
    return tuple(CheckOutcome(check, _value(drug, check)) for check in drug.checks)


def _value(drug: Drug, check: Check) -> float:
    if check.parameters is not None:
        drug = drug.with_alternative(check.parameters)
    regimen = parse_regimen(check.regimen)
    people = typical_person(check.weight)
    quantity = quantity_of(drug, check.quantity)
    above = "above baseline" in check.unit
    if check.measure in {"value", "change"}:
        return _at(drug, check, regimen, quantity, above=above)
    course = course_of(drug, regimen, people, quantity, until=check.until_days)
    return _over(course, check, regimen, above=above)


def _at(drug: Drug, check: Check, regimen: Regimen, quantity: Quantity, *, above: bool) -> float:
    """Return the value at a time, or its change as a share of the value before treatment."""
    people = typical_person(check.weight)
    time = 0.0 if check.at_days is None else check.at_days
    value = float(values_at(drug, regimen, people, quantity, [time])[0, 0])
    untreated, _ = simulate(drug, None, people, [quantity], np.array([0.0]))
    baseline = float(untreated[0, 0, 0])
    if check.measure == "change":
        return value / baseline - 1
    return value - baseline if above else value


def _over(course: RestingProfile, check: Check, regimen: Regimen, *, above: bool) -> float:
    """Return a measure over the window of a check."""
    window = course.times >= check.from_days
    times, values = course.times[window], course.values[0, window]
    baseline = float(course.baseline[0])
    if check.measure == "lowest_change":
        return float(values.min() / baseline - 1)
    if check.measure == "time_of_lowest":
        return float(times[int(np.argmin(values))] - regimen.first_dose_days)
    if check.measure == "maximum":
        return float(values.max() - (baseline if above else 0.0))
    if check.measure == "time_of_maximum":
        return float(times[int(np.argmax(values))] - regimen.first_dose_days)
    if check.measure == "area":
        return float(np.trapezoid(values - baseline, times))
    if check.measure == "mean":
        return float(np.trapezoid(values, times) / (times[-1] - times[0]))
    half_life = half_life_of(times, values - baseline, regimen.last_dose_days)
    if half_life is None:
        raise CalorError(f"{check.name}: nothing falls, so there is no half-life")
    return half_life
