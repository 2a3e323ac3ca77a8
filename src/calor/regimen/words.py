"""The words of regimens: routes, units of a dose, and how often, as people and prescriptions write them."""

from __future__ import annotations

from calor.core.calendar_time import DAYS_PER_MONTH, DAYS_PER_YEAR
from calor.regimen.records import DoseUnit, Route

ROUTES = {
    "oral": Route.ORAL,
    "orally": Route.ORAL,
    "po": Route.ORAL,
    "iv": Route.INTRAVENOUS,
    "intravenous": Route.INTRAVENOUS,
    "intravenously": Route.INTRAVENOUS,
    "sc": Route.SUBCUTANEOUS,
    "sq": Route.SUBCUTANEOUS,
    "subcut": Route.SUBCUTANEOUS,
    "subcutaneous": Route.SUBCUTANEOUS,
    "subcutaneously": Route.SUBCUTANEOUS,
    "im": Route.INTRAMUSCULAR,
    "intramuscular": Route.INTRAMUSCULAR,
    "intramuscularly": Route.INTRAMUSCULAR,
    "depot": Route.INTRAMUSCULAR_DEPOT,
    "regional": Route.REGIONAL,
    "intrathecal": Route.INTRATHECAL,
    "intrathecally": Route.INTRATHECAL,
}

MASS_UNITS = {
    "ug": DoseUnit.MICROGRAM,
    "mcg": DoseUnit.MICROGRAM,
    "microgram": DoseUnit.MICROGRAM,
    "micrograms": DoseUnit.MICROGRAM,
    "mg": DoseUnit.MILLIGRAM,
    "milligram": DoseUnit.MILLIGRAM,
    "milligrams": DoseUnit.MILLIGRAM,
    "g": DoseUnit.GRAM,
    "gram": DoseUnit.GRAM,
    "grams": DoseUnit.GRAM,
}

NUMBER_WORDS = {
    word: float(value)
    for value, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        start=1,
    )
}

ORDINALS = {"other": 2, "second": 2, "third": 3, "fourth": 4}
"""What stands between `every` and a unit: `every other day` is every 2 days."""

PERIODS = {
    "hourly": 1 / 24,
    "daily": 1.0,
    "weekly": 7.0,
    "fortnightly": 14.0,
    "monthly": DAYS_PER_MONTH,
    "yearly": DAYS_PER_YEAR,
    "annually": DAYS_PER_YEAR,
}
"""Days between doses that a word means, also after `once`, `twice` and `three times`."""

PRESCRIBED = {
    "od": 1.0,
    "qd": 1.0,
    "bid": 1 / 2,
    "bd": 1 / 2,
    "tid": 1 / 3,
    "tds": 1 / 3,
    "qid": 1 / 4,
    "qds": 1 / 4,
    "qod": 2.0,
    "qw": 7.0,
}
"""Days between doses that an abbreviation of prescriptions means."""

AMBIGUOUS = {
    "biw": ("twice weekly", "every 2 weeks"),
    "biweekly": ("twice weekly", "every 2 weeks"),
    "bimonthly": ("twice a month", "every 2 months"),
    "biannually": ("twice a year", "every 2 years"),
}
"""Words that mean one thing to some and another to others, with both."""

TIMES = {"once": 1, "twice": 2}

PARTS_OF_DAY = ("morning", "evening", "night")
"""`every morning` is once a day: doses have no hour of the day."""

DOSE_WORDS = (
    "dose", "doses", "infusion", "infusions", "injection", "injections", "session", "sessions", "exchange",
    "exchanges", "times",
)  # fmt: skip
"""What `for 6 ...` counts."""
