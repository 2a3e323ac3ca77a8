"""Doses above the labelled maximum: found, and said as warnings."""

from __future__ import annotations

from calor.regimen import Regimen
from calor.therapy.dosing import amount_of, route_of
from calor.therapy.drug import Drug, LabelledMaximum
from calor.therapy.units import convert

SAME_TIME = 1e-6
"""Doses this close, in days, to a window's length apart do not share it: three times a day is 3, not 4."""


def warnings_of(regimen: Regimen, drug: Drug, weight: float = 70.0) -> list[str]:
    """Return a warning for every labelled maximum that a regimen exceeds for a body weight in kg.

    Raises InputError for a route that the drug does not have.
    """
    return [
        text
        for limit in drug.labelled_maximum
        if (text := _warning(regimen, drug, limit, weight)) is not None
    ]


def _warning(regimen: Regimen, drug: Drug, limit: LabelledMaximum, weight: float) -> str | None:
    """Return the warning for one limit, or None where it is kept."""
    doses: list[tuple[float, float]] = []
    for record in regimen.records:
        given = record.amount if record.procedure else amount_of(record, weight)
        if limit.route is None or record.procedure or route_of(record, drug) == limit.route:
            doses += [(time, given) for time in record.times_days]
    largest = _largest_sum(sorted(doses), limit.within_days)
    allowed = _allowed(limit, weight)
    if largest <= allowed * (1 + 1e-9):
        return None
    unit = "plasma volumes" if drug.is_procedure else "mg"
    by = f" {limit.route}" if limit.route else ""
    return (
        f"{drug.id}: {largest:g} {unit}{by} {limit.window_text} is above the maximum of "
        f"{limit.amount.value:g} {limit.amount.unit} "
        f"({allowed:g} {unit} at {weight:g} kg; {limit.amount.rationale})"
    )


def _allowed(limit: LabelledMaximum, weight: float) -> float:
    """Return the maximum in mg (or plasma volumes) at a body weight in kg."""
    unit = limit.amount.unit
    if unit == "1":
        return limit.amount.value
    if unit.endswith("/kg"):
        return convert(limit.amount.value, unit.removesuffix("/kg"), "mg") * weight
    return convert(limit.amount.value, unit, "mg")


def _largest_sum(doses: list[tuple[float, float]], window: float) -> float:
    """Return the largest total of doses that begin within less than `window` days of each other."""
    largest = running = 0.0
    first = 0
    for time, amount in doses:
        running += amount
        while time - doses[first][0] > window - SAME_TIME and doses[first][0] < time:
            running -= doses[first][1]
            first += 1
        largest = max(largest, running)
    return largest
