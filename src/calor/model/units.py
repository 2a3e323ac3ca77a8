"""The model's units as people write them."""

from __future__ import annotations

SIGNS: dict[str, str] = {
    "dimensionless": "1",
    "day": "day",
    "per_day": "1/day",
    "pg_per_ml": "pg/mL",
    "nrs_point": "NRS point",
    "degree_celsius": "°C",
    "percent": "%",
    "kilogram": "kg",
    "gram": "g",
    "litre": "L",
    "gram_per_litre": "g/L",
    "litre_per_day": "L/day",
    "litre_per_kilogram": "L/kg",
    "litre_per_kilogram_per_day": "L/kg/day",
}


def sign_of(unit: str) -> str:
    """Return the sign of a unit of the model's tables: `pg/mL` for `pg_per_ml`."""
    return SIGNS[unit]
