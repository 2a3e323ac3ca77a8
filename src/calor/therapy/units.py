"""Units of drug files: masses, volumes, times and amounts of substance, multiplied and divided.

A unit is written as `mg`, `L/day`, `mL/min`, `nmol/L`, `1/h`, `percent` or `1`. Conversion between masses
and amounts of substance needs a molar mass.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASE = {
    "kg": ("mass", 1e3), "g": ("mass", 1.0), "mg": ("mass", 1e-3), "ug": ("mass", 1e-6),
    "ng": ("mass", 1e-9), "pg": ("mass", 1e-12), "kDa": ("molar mass", 1e3),
    "L": ("volume", 1.0), "dL": ("volume", 0.1), "mL": ("volume", 1e-3),
    "week": ("time", 7.0), "day": ("time", 1.0), "h": ("time", 1 / 24), "min": ("time", 1 / 1440),
    "mol": ("substance", 1.0), "umol": ("substance", 1e-6), "nmol": ("substance", 1e-9),
    "pmol": ("substance", 1e-12), "1": ("", 1.0), "percent": ("", 0.01),
}  # fmt: skip
"""The dimension of each name, and its size in g, L, day or mol."""

UNIT_NAMES = tuple(_BASE)
"""The names from which units are made with `/`."""


@dataclass(frozen=True)
class Unit:
    """A unit as powers of mass, volume, time and substance, and its size in g, L, day and mol."""

    mass: int
    volume: int
    time: int
    substance: int
    size: float


def parse_unit(text: str) -> Unit:
    """Return a unit from its text. Raises ValueError that names the allowed words."""
    powers = {"mass": 0, "volume": 0, "time": 0, "substance": 0}
    size = 1.0
    for position, name in enumerate(text.strip().split("/")):
        if name.strip() not in _BASE:
            raise ValueError(f"{text!r} is not a unit; write it from {', '.join(UNIT_NAMES)} with /")
        dimension, factor = _BASE[name.strip()]
        sign = 1 if position == 0 else -1
        size *= factor**sign
        if dimension == "molar mass":
            powers["mass"] += sign
            powers["substance"] -= sign
        elif dimension:
            powers[dimension] += sign
    return Unit(powers["mass"], powers["volume"], powers["time"], powers["substance"], size)


def convert(value: float, unit: str, wanted: str, molar_mass: float | None = None) -> float:
    """Return a value in another unit.

    Arguments: the value, its unit, the wanted unit, and the molar mass in g/mol where one is a mass and the
    other an amount of substance. Raises ValueError where the two cannot be converted.
    """
    have, want = parse_unit(unit), parse_unit(wanted)
    moles = have.substance - want.substance
    if (have.volume, have.time, have.mass + have.substance) != (
        want.volume, want.time, want.mass + want.substance,
    ):  # fmt: skip
        raise ValueError(f"{unit!r} cannot be read as {wanted}")
    if moles and molar_mass is None:
        raise ValueError(f"{unit} needs the drug's molar_mass to be read as {wanted}")
    return value * have.size / want.size * (molar_mass**moles if molar_mass else 1.0)
