"""How often, as people write it: `twice daily`, `every other week`, `q8w`, `tid`, `3 times a week`."""

from __future__ import annotations

from calor.core.errors import InputError
from calor.regimen.durations import UNIT_OF_WORD, exact_days_of
from calor.regimen.tokens import Tokens
from calor.regimen.words import AMBIGUOUS, NUMBER_WORDS, ORDINALS, PARTS_OF_DAY, PERIODS, PRESCRIBED, TIMES

OPENINGS = ("every", "each", "q", "alternate", *PERIODS, *PRESCRIBED, *AMBIGUOUS)
"""The words that begin a frequency, besides `once`, `twice` and a number of `times`."""

_PER = ("a", "an", "per", "each", "every")
_COUNTED = ("times", "x")


def at_frequency(tokens: Tokens) -> bool:
    """Say whether a frequency begins at the cursor; `once` alone is a number of doses, not a frequency."""
    if tokens.peek(*OPENINGS, "twice"):
        return True
    if tokens.peek("once"):
        return tokens.peek(*PERIODS, *_PER, ahead=1)
    counts = tokens.here is not None and (tokens.here.number is not None or tokens.word in NUMBER_WORDS)
    return counts and tokens.peek(*_COUNTED, ahead=1) and tokens.peek(*PERIODS, *_PER, ahead=2)


def read_frequency(tokens: Tokens) -> float:
    """Return the days between doses. Raises InputError at the word that cannot be read."""
    if tokens.word in AMBIGUOUS:
        raise _ambiguous(tokens)
    if tokens.word in PRESCRIBED:
        return PRESCRIBED[tokens.take().text]
    if tokens.accept("alternate"):
        return 2 * _one_unit(tokens)
    if tokens.accept("every", "each"):
        return _after_every(tokens)
    if tokens.accept("q"):
        return _length_or_unit(tokens)
    return _times_and_period(tokens)


def read_time_unit(tokens: Tokens) -> str:
    """Return the unit of time at the cursor by its name in `UNIT_WORDS`."""
    if tokens.word not in UNIT_OF_WORD:
        raise tokens.unknown(
            "a unit of time", ["min", "h", "day", "days", "week", "weeks", "month", "months", "year", "years"]
        )
    return UNIT_OF_WORD[tokens.take().text]


def _after_every(tokens: Tokens) -> float:
    if tokens.accept(*PARTS_OF_DAY):
        return 1.0
    if tokens.word in ORDINALS:
        return ORDINALS[tokens.take().text] * _one_unit(tokens)
    return _length_or_unit(tokens)


def _length_or_unit(tokens: Tokens) -> float:
    """Read `8 weeks`, or `week` alone, as an exact number of days."""
    if tokens.here is not None and (tokens.here.number is not None or tokens.word in NUMBER_WORDS):
        number = tokens.number("a length of time")
        return exact_days_of(number, read_time_unit(tokens))
    return _one_unit(tokens)


def _one_unit(tokens: Tokens) -> float:
    return exact_days_of(1, read_time_unit(tokens))


def _times_and_period(tokens: Tokens) -> float:
    """Read `daily`, `twice weekly`, `3 times a month` as days between doses."""
    times = 1.0
    if tokens.word in TIMES:
        times = TIMES[tokens.take().text]
    elif tokens.word not in PERIODS:
        times = tokens.number("how many times")
        tokens.accept(*_COUNTED)
    if tokens.accept(*_PER):
        return _one_unit(tokens) / times
    if tokens.word not in PERIODS:
        raise tokens.unknown("how often", [*PERIODS, "a day", "a week", "a month"])
    return PERIODS[tokens.take().text] / times


def _ambiguous(tokens: Tokens) -> InputError:
    one, other = AMBIGUOUS[tokens.word]
    return tokens.error(
        f"`{tokens.word}` means {one} to some and {other} to others", allowed=f"{one} · {other}"
    )
