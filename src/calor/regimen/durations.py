"""Lengths of time and points in time as people write them, exact on the way there and back.

Study day 1 is time 0, so day d is d - 1 days and week w is 7 w days after it. A month is 30.4375 days and a
year 365.25: between doses exactly, as a length or a time cut to whole days (3 months are 91 days), so that
`weekly for 3 months` gives 13 doses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from calor.core.calendar_time import DAYS_PER_MONTH, DAYS_PER_YEAR

UNIT_WORDS = {
    "minutes": ("min", "mins", "minute", "minutes"),
    "hours": ("h", "hr", "hrs", "hour", "hours"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "wk", "wks", "week", "weeks"),
    "fortnights": ("fortnight", "fortnights"),
    "months": ("mo", "mos", "month", "months"),
    "years": ("y", "yr", "yrs", "year", "years"),
}
"""The words for each unit of time."""

UNIT_OF_WORD = {word: unit for unit, words in UNIT_WORDS.items() for word in words}

TIME_DECIMALS = 9
"""Times are kept to a nanoday, so that sums of intervals land on whole days."""

_TO_DAYS: dict[str, Callable[[float], float]] = {
    "years": lambda number: number * DAYS_PER_YEAR,
    "months": lambda number: number * DAYS_PER_MONTH,
    "fortnights": lambda number: number * 14,
    "weeks": lambda number: number * 7,
    "days": lambda number: number,
    "hours": lambda number: number / 24,
    "minutes": lambda number: number / 1440,
}
_FROM_DAYS: dict[str, Callable[[float], float]] = {
    "weeks": lambda days: days / 7,
    "days": lambda days: days,
    "hours": lambda days: days * 24,
    "minutes": lambda days: days * 1440,
}
_SHORT_DAYS = 7
"""Lengths of a week or more are never written in hours."""

_SYMBOLS = {"hours": "h", "minutes": "min"}


def exact_days_of(number: float, unit: str) -> float:
    """Return a length of time in days; `unit` is one of `UNIT_WORDS`."""
    return _TO_DAYS[unit](number)


def days_of(number: float, unit: str) -> float:
    """Return how long something lasts in days; months and years are cut to whole days."""
    days = exact_days_of(number, unit)
    return float(math.floor(rounded(days))) if unit in {"months", "years"} else days


def time_of(number: float, unit: str) -> float:
    """Return the time of `day number`, `week number` or `month number` in days from study day 1."""
    return rounded(number - 1 if unit == "days" else days_of(number, unit))


def rounded(time_days: float) -> float:
    """Return a time to the nanoday."""
    return round(time_days, TIME_DECIMALS)


def number_text(number: float) -> str:
    """Return the shortest text that reads back as exactly this number."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(float(number))


def length_text(days: float, *, in_weeks: bool = False) -> str:
    """Return a length of time as people write it: `2 h`, `14 days`, or `24 weeks` where asked."""
    order = ["weeks"] if in_weeks else []
    order += ["days"] if days == int(days) or days >= _SHORT_DAYS else ["hours", "minutes", "days"]
    texts = {unit: text for unit in order if (text := _exactly(days, unit)) is not None}
    if not texts:
        return f"{number_text(days)} days"
    unit = min(texts, key=lambda name: len(texts[name]))
    singular = unit[:-1] if texts[unit] == "1" else unit
    return f"{texts[unit]} {_SYMBOLS.get(unit, singular)}"


def _exactly(days: float, unit: str) -> str | None:
    """Return the number of units that reads back as exactly `days`, or None where no short one does."""
    number = float(f"{_FROM_DAYS[unit](days):.12g}")
    if days_of(number, unit) != days or (unit == "weeks" and number != int(number)):
        return None
    return number_text(number)


def moment_text(times: Sequence[float]) -> str:
    """Return times as people write them: `week 0, 2, 6` where all are whole weeks, else `day 1, 3`."""
    if all(time % 7 == 0 for time in times) and any(times):
        return "week " + ", ".join(number_text(time / 7) for time in times)
    return "day " + ", ".join(number_text(rounded(time + 1)) for time in times)
