"""One dose, as people write it: `40 mg`, `5 mg/kg`, `2 mg/kg/day`, `1.5 plasma volumes exchange`."""

from __future__ import annotations

from dataclasses import dataclass

from calor.regimen.durations import UNIT_OF_WORD, exact_days_of
from calor.regimen.frequency import read_time_unit
from calor.regimen.records import DoseUnit
from calor.regimen.tokens import Token, Tokens
from calor.regimen.words import MASS_UNITS

_SHORTEST_PER = 1.0
"""Days: an amount per hour is the rate of an infusion, not a dose."""


LARGEST_MG, LARGEST_MG_PER_KG, MOST_PLASMA_VOLUMES = 1e6, 2e4, 20
"""A kilogram, 20 g/kg, 20 volumes: beyond every dose that is given, so that more is a slip of the pen."""


@dataclass(frozen=True)
class Dose:
    """An amount in a unit, per kg of weight or not, and the interval in days that a `/day` says."""

    amount: float
    unit: DoseUnit
    per_kg: bool = False
    interval: float | None = None


def read_dose(tokens: Tokens) -> Dose:
    """Read an amount, its unit, and `/kg` and `/day` in either order. Raises InputError at the word."""
    first = tokens.here
    amount = tokens.number("the amount of a dose")
    unit = _unit(tokens)
    per_kg, interval = _per(tokens, unit)
    _refuse_beyond_use(tokens, first, amount, unit, per_kg)
    return Dose(amount, unit, per_kg, interval)


def _refuse_beyond_use(tokens: Tokens, at: Token | None, amount: float, unit: DoseUnit, per_kg: bool) -> None:
    """Raise InputError, pointing at the amount, where nobody is given so much."""
    if unit is DoseUnit.PLASMA_VOLUME:
        beyond, most = amount > MOST_PLASMA_VOLUMES, f"{MOST_PLASMA_VOLUMES} plasma volumes"
    else:
        largest = LARGEST_MG_PER_KG if per_kg else LARGEST_MG
        beyond, most = amount * unit.milligrams > largest, f"{largest / 1000:,.0f} g{'/kg' if per_kg else ''}"
    if beyond:
        raise tokens.error("a dose is too large", at=at, allowed=f"at most {most}")


def _unit(tokens: Tokens) -> DoseUnit:
    if tokens.accept("plasma"):
        if not tokens.accept("volume", "volumes"):
            raise tokens.unknown("the rest of `plasma volume`", ["volume"])
        tokens.accept("exchange", "exchanges")
        return DoseUnit.PLASMA_VOLUME
    if tokens.word not in MASS_UNITS:
        raise tokens.unknown("the unit of a dose", [*MASS_UNITS, "plasma volume exchange"])
    return MASS_UNITS[tokens.take().text]


def _per(tokens: Tokens, unit: DoseUnit) -> tuple[bool, float | None]:
    per_kg, interval = False, None
    while tokens.peek("/", "per"):
        sign = tokens.take()
        if tokens.accept("dose"):
            continue
        if not per_kg and unit is not DoseUnit.PLASMA_VOLUME and tokens.accept("kg"):
            per_kg = True
            continue
        days = exact_days_of(1, read_time_unit(tokens)) if tokens.word in UNIT_OF_WORD else 0.0
        if interval is not None or days < _SHORTEST_PER:
            raise tokens.error(
                "a dose is an amount, per kg, per day or both", at=sign,
                allowed="mg/kg, g/kg, ug/kg, mg/day, mg/kg/day, mg/week",
                hint="write an infusion as its amount and `over` its length: 500 mg iv over 24 h",
            )  # fmt: skip
        interval = days
    return per_kg, interval
