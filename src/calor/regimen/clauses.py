"""The clauses of one phase, in any order: route, infusion, times, how often, how long, from when.

clause := route | "over" length | ["at" | "on"] ("day" | "week" | "month") number ("," | "to" number)*
        | "once" | "stat" | frequency | ("for" | "x") (length | number "doses")
        | "starting" moment | "until" moment
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.errors import Place
from calor.regimen.durations import UNIT_OF_WORD, days_of, time_of
from calor.regimen.frequency import OPENINGS, at_frequency, read_frequency, read_time_unit
from calor.regimen.records import Route
from calor.regimen.tokens import Token, Tokens
from calor.regimen.words import DOSE_WORDS, NUMBER_WORDS, PERIODS, ROUTES

ENDS = ("then", "followed", ";")
"""What ends the clauses of a phase."""

_MOMENT_UNITS = {
    "day": "days", "days": "days", "week": "weeks", "weeks": "weeks", "month": "months", "months": "months",
}  # fmt: skip
_SINGLE = ("once", "stat", "single")
_SHOWN = (
    *(route.value for route in Route), "daily", "twice daily", "weekly", "monthly", "every 2 weeks", "q8h",
    "once", "over", "at", "for", "starting", "until", "then",
)  # fmt: skip
_WORDS = (*ROUTES, *OPENINGS, "twice", "stat", "taper", "followed")
_LONGEST_RANGE = 1000


@dataclass
class Clauses:
    """What the clauses of one phase said; None where nothing was said. Times in days."""

    route: Route | None = None
    over: float | None = None
    at: tuple[float, ...] | None = None
    interval: float | None = None
    length: float | None = None
    count: int | None = None
    starting: float | None = None
    until: float | None = None


def read_clauses(tokens: Tokens, interval: float | None = None) -> Clauses:
    """Read clauses up to `then` or the end; `interval` is what the dose's own `/day` has said."""
    clauses = Clauses(interval=interval)
    while not tokens.at_end() and not ends_phase(tokens):
        tokens.accept(",", "and")
        _clause(tokens, clauses)
    return clauses


def ends_phase(tokens: Tokens) -> bool:
    """Say whether `then`, also after a comma, stands at the cursor."""
    return tokens.peek(*ENDS) or (tokens.peek(",") and tokens.peek(*ENDS, ahead=1))


def read_moment(tokens: Tokens) -> float:
    """Read `day 15`, `week 14` or `month 3` as days from study day 1."""
    return _time(tokens, _moment_unit(tokens))


def length_at(tokens: Tokens) -> float:
    """Read a length of time as days; below a day where it is of months or years it is refused."""
    token = tokens.here
    days = days_of(tokens.number("a length of time"), read_time_unit(tokens))
    if days == 0:
        raise tokens.error("is less than a whole day", at=token, hint="write it in days or hours")
    return days


def _clause(tokens: Tokens, clauses: Clauses) -> None:
    """Read one clause. Raises InputError at a word that begins none, or says again what was said."""
    token = tokens.here
    if at_frequency(tokens):
        _once(tokens, clauses.interval, "how often")
        clauses.interval = read_frequency(tokens)
    elif tokens.word in ROUTES or tokens.peek("by"):
        _once(tokens, clauses.route, "the route")
        clauses.route = _route(tokens)
    elif tokens.accept(*_SINGLE):
        tokens.accept("dose")
        _once(tokens, clauses.count, "how many doses", token)
        clauses.count = 1
    elif tokens.accept("over"):
        _once(tokens, clauses.over, "the length of the infusion", token)
        clauses.over = length_at(tokens)
    elif tokens.accept("at", "on") or tokens.word in _MOMENT_UNITS:
        if at_frequency(tokens):  # `on alternate days`
            _once(tokens, clauses.interval, "how often", token)
            clauses.interval = read_frequency(tokens)
        else:
            _once(tokens, clauses.at, "when", token)
            clauses.at = _moments(tokens)
    elif tokens.accept("for", "x", "×"):
        _once(tokens, clauses.length if clauses.count is None else 0.0, "how long", token)
        _extent(tokens, clauses, unit_needed=token is not None and token.text == "for")
    elif tokens.accept("starting", "from"):
        tokens.accept("on", "at")
        _once(tokens, clauses.starting, "the start", token)
        clauses.starting = read_moment(tokens)
    elif tokens.accept("until"):
        _once(tokens, clauses.until, "the end", token)
        clauses.until = read_moment(tokens)
    else:
        raise tokens.unknown("a word of a regimen", _SHOWN, _WORDS)


def _once(tokens: Tokens, said: object, what: str, token: Token | None = None) -> None:
    if said is not None:
        raise tokens.error(f"{what} is said twice", at=token, hint="begin a new phase with `then`")


def _route(tokens: Tokens) -> Route:
    if tokens.accept("by"):
        if not tokens.accept("mouth"):
            raise tokens.unknown("a route", ["mouth"])
        return Route.ORAL
    route = ROUTES[tokens.take().text]
    if route is Route.INTRAMUSCULAR and tokens.accept("depot"):
        return Route.INTRAMUSCULAR_DEPOT
    return route


def _extent(tokens: Tokens, clauses: Clauses, *, unit_needed: bool) -> None:
    """Read what `for` says: a length, or a number of doses; after `x` a bare number counts doses."""
    token = tokens.here
    number = tokens.number("how long, or how many doses,")
    bare = not unit_needed and tokens.word not in UNIT_OF_WORD
    if tokens.accept(*DOSE_WORDS) or bare:
        if tokens.peek(*PERIODS, "a", "per", "/"):
            raise tokens.error(
                "may mean doses in all or doses in each period", at=token,
                allowed="three times daily · daily for 3 doses",
            )  # fmt: skip
        if number != int(number):
            raise tokens.error("the number of doses is not whole", at=token)
        clauses.count = int(number)
        return
    clauses.length = days_of(number, read_time_unit(tokens))
    if clauses.length == 0:
        raise tokens.error("is less than a whole day", at=token, hint="write it in days or hours")


def _moment_unit(tokens: Tokens) -> str:
    if tokens.word not in _MOMENT_UNITS:
        raise tokens.unknown("`day`, `week` or `month`", ["day", "week", "month"])
    return _MOMENT_UNITS[tokens.take().text]


def _time(tokens: Tokens, unit: str) -> float:
    token = tokens.here
    time = time_of(tokens.number(f"the number of the {unit[:-1]}", positive=False), unit)
    if time < 0:
        raise tokens.error(
            "lies before study day 1", allowed="day 1 or later, week 0 or later", at=token,
            hint="study day 1 is the first day; there is no day 0",
        )  # fmt: skip
    return time


def _moments(tokens: Tokens) -> tuple[float, ...]:
    """Read the times after `at`, which must increase; `day 1 to 5` is each day from 1 to 5."""
    unit = _moment_unit(tokens)
    times: list[float] = []
    while True:
        token = tokens.here
        first = tokens.here.number if tokens.here else None
        for time in (_time(tokens, unit), *_rest_of_range(tokens, unit, first)):
            if times and time <= times[-1]:
                raise tokens.error("the times do not increase", at=token)
            times.append(time)
        if not _goes_on(tokens):
            return tuple(times)
        tokens.accept(",")
        tokens.accept("and")
        if tokens.word in _MOMENT_UNITS:
            unit = _moment_unit(tokens)


def _goes_on(tokens: Tokens) -> bool:
    """Say whether another time follows; a comma may also begin the next clause."""
    steps = 1 if tokens.peek(",", "and") else 0
    if not steps:
        return False
    steps += tokens.peek("and", ahead=1)
    following = tokens.ahead(steps)
    if following is None or following.text in _MOMENT_UNITS:
        return True
    return following.number is not None or following.text in {*NUMBER_WORDS, "-"}


def _rest_of_range(tokens: Tokens, unit: str, first: float | None) -> tuple[float, ...]:
    """Read the `to 5` of `day 1 to 5` and return the times after the first."""
    if not tokens.accept("to", "-", "–"):
        return ()
    token = tokens.here
    last = tokens.number(f"the last {unit[:-1]}")
    if first is None or first != int(first) or last != int(last) or not first < last:
        raise tokens.error(
            "the range does not run upwards in whole numbers", at=token, allowed="day 1 to 5, week 0 to 3"
        )
    if last - first > _LONGEST_RANGE:
        raise tokens.error(
            f"the range holds {last - first:,.0f} times", at=token, hint="use `every` and `for`"
        )
    return tuple(time_of(number, unit) for number in range(int(first) + 1, int(last) + 1))


def moment_in(text: str) -> float:
    """Return the time of `day 15` or `week 14` in days from study day 1. Raises InputError."""
    tokens = Tokens(text, Place(key="time"))
    time = read_moment(tokens)
    if not tokens.at_end():
        raise tokens.error(f"`{tokens.word}` stands after the time", allowed="day 15, week 14")
    return time
