"""The units that evidence records may use, by kind.

A unit is a word of this list, so that a misspelt one is found when a record is read; what a kind implies
(a count is whole, a percentage lies between 0 and 100) is checked with it.
"""

from __future__ import annotations

from difflib import get_close_matches

UNITS_BY_KIND: dict[str, tuple[str, ...]] = {
    "people": ("patients", "people", "controls", "women", "men", "cases", "volunteers"),
    "count": (
        "centres", "trials", "studies", "articles", "reviews", "doses", "infusions", "injections", "sessions",
        "blocks", "applications", "courses", "groups", "limbs", "cycles", "scores", "items", "instruments",
        "parameters", "domains", "mice", "sera", "treatments", "observations", "models", "sites", "visits",
    ),
    "time": ("minutes", "hours", "days", "weeks", "months", "years"),
    "rate": ("1/hour", "1/day", "1/month", "1/day (applications)", "% per patient-year",
             "patients per site-month", "people per month", "per 100,000 person-years",
             "per 100,000 people", "rears per 3 minutes"),
    "dose": (
        "ug", "mg", "g", "L", "mL", "mg/day", "mg/week", "mg/kg", "mg/kg/day", "g/kg", "g/kg/month",
        "mg/hour per 70 kg", "IU/day", "mg per step", "ug/m2", "ug/kg", "ng/kg", "% solution",
    ),
    "score": (
        "NRS 0-10", "VAS 0-10", "VAS 0-100", "BOX-11 0-10", "CRPS score 0-14", "CSS", "ISS",
        "Barthel points", "PRWE points", "DASH points", "score points",
    ),
    "utility": ("utility", "QALY"),
    "money": ("GBP", "US dollars", "GBP per QALY"),
    "percent": ("%",),
    "ratio": (
        "ratio", "odds ratio", "hazard ratio", "risk ratio", "fold", "share", "Cohen d", "effect size",
        "correlation", "rho", "chi-squared", "t", "c index", "ICC", "ln units", "dimensionless", "p",
        "rate ratio", "adjusted R2 %", "Hill",
    ),
    "concentration": ("pg/mL", "ng/mL", "ng/L", "U/mL", "pmol/L", "nM", "nM (Kd)", "g/L"),
    "kinetics": (
        "mL/min/kg", "mL/hour/kg", "mL/kg", "L/day", "ng/day",
    ),
    "temperature": ("deg C",),
}  # fmt: skip

KIND_OF_UNIT: dict[str, str] = {unit: kind for kind, units in UNITS_BY_KIND.items() for unit in units}


CLOSE = 0.75
"""How alike a typing error and a unit must be to guess: `points` is no `patients`."""


def known_unit(unit: str) -> str:
    """Return the unit; raise ValueError, with the nearest known one, when it is not in the list."""
    if unit in KIND_OF_UNIT:
        return unit
    holding = [known for known in KIND_OF_UNIT if unit.casefold() in known.casefold().split()]
    near = holding or get_close_matches(unit, KIND_OF_UNIT, n=1, cutoff=CLOSE)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; known ones are {', '.join(KIND_OF_UNIT)}"
    raise ValueError(f"has the unknown unit {unit!r}{hint}")
