"""The parser of regimens as people write them.

    regimen  := phase ("then" phase)* ["then" "stop"]
    phase    := amount clause*            (clauses in any order, each at most once)
    amount   := number unit ["/kg"]  |  number "plasma volume" ["exchange"]
    clause   := route | "over" length | "at" ("day" | "week") number ("," number)*
              | "once" | frequency | "for" (length | number "doses")
              | "starting" ("day" | "week") number | "until" ("day" | "week") number
    frequency := ["once" | "twice" | "three times" | "four times"] ("daily" | "weekly")
              | "every" (length | "other day" | "day" | "week")

A phase after `then` keeps the route and the infusion time of the phase before it unless it says its own,
and begins when that one ends. An infusion without a route is intravenous. `for` a length gives the doses
before its end (t < start + length).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from calor.core.errors import Place
from calor.regimen.durations import UNIT_OF_WORD, days_of, rounded, time_of
from calor.regimen.records import DoseUnit, Route
from calor.regimen.regimen import At, Phase, Regimen, Repeated
from calor.regimen.tokens import Token, Tokens

_ROUTES = {
    "oral": Route.ORAL,
    "orally": Route.ORAL,
    "po": Route.ORAL,
    "iv": Route.INTRAVENOUS,
    "intravenous": Route.INTRAVENOUS,
    "intravenously": Route.INTRAVENOUS,
    "sc": Route.SUBCUTANEOUS,
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
_UNITS = {
    "ug": DoseUnit.MICROGRAM,
    "mcg": DoseUnit.MICROGRAM,
    "mg": DoseUnit.MILLIGRAM,
    "g": DoseUnit.GRAM,
}
_TIMES_PER = {"once": 1, "twice": 2, "three": 3, "four": 4}
_FREQUENCIES = ("daily", "weekly", "every", *_TIMES_PER)
_CLAUSES = (*_ROUTES, *_FREQUENCIES, "over", "at", "for", "starting", "until", "then")
_LONGEST_TRAIN = 100_000


@dataclass
class _Clauses:
    """What the clauses of one phase said; None where nothing was said."""

    route: Route | None = None
    over: float | None = None
    at: tuple[float, ...] | None = None
    interval: float | None = None
    length: float | None = None
    count: int | None = None
    starting: float | None = None
    until: float | None = None


def parse_regimen(text: str, place: Place | None = None) -> Regimen:
    """Return the regimen that a text says.

    Arguments: the text, such as `40 mg oral daily for 14 days then 30 mg daily for 7 days then stop`, and
    where it stands, for messages. Raises InputError that points at the word that is wrong.
    """
    tokens = Tokens(text, place or Place(key="regimen"))
    if tokens.at_end():
        raise tokens.error("is empty", hint="write a dose and when, such as 40 mg oral daily for 14 days")
    phases = [_phase(tokens, None)]
    while tokens.accept("then"):
        if tokens.accept("stop"):
            break
        phases.append(_phase(tokens, phases[-1]))
    if not tokens.at_end():
        raise tokens.error(f"`{tokens.word}` stands after `stop`", hint="`then stop` ends a regimen")
    return Regimen(tuple(phases))


def parse_moment(text: str) -> float:
    """Return the time of `day 15` or `week 14` in days from study day 1. Raises InputError."""
    tokens = Tokens(text, Place(key="time"))
    time = _moment(tokens)
    if not tokens.at_end():
        raise tokens.error(f"`{tokens.word}` stands after the time", allowed="day 15, week 14")
    return time


def _phase(tokens: Tokens, before: Phase | None) -> Phase:
    """Read one phase, which may take route, infusion time and start from the phase before it."""
    first = tokens.here
    amount = tokens.number("the amount of a dose")
    unit = _unit(tokens)
    per_kg = _per_kg(tokens, unit)
    clauses = _read_clauses(tokens)
    _inherit(clauses, unit, before)
    _check_dose(tokens, unit, clauses, first)
    schedule = _schedule(tokens, clauses, before, first)
    return Phase(amount, unit, schedule, per_kg, clauses.route, clauses.over or 0.0)


def _inherit(clauses: _Clauses, unit: DoseUnit, before: Phase | None) -> None:
    """Fill in the route and infusion time that the phase did not say."""
    if clauses.route is not None or unit is DoseUnit.PLASMA_VOLUME:
        return
    if before is not None:
        clauses.route = before.route
        clauses.over = before.infusion_days if clauses.over is None else clauses.over
    if clauses.route is None and clauses.over:
        clauses.route = Route.INTRAVENOUS


def _unit(tokens: Tokens) -> DoseUnit:
    if tokens.accept("plasma"):
        if not tokens.accept("volume", "volumes"):
            raise tokens.unknown("the rest of `plasma volume`", ["volume"])
        tokens.accept("exchange", "exchanges")
        return DoseUnit.PLASMA_VOLUME
    if tokens.word not in _UNITS:
        raise tokens.unknown("the unit of a dose", [*_UNITS, "plasma volume exchange"])
    return _UNITS[tokens.take().text]


def _per_kg(tokens: Tokens, unit: DoseUnit) -> bool:
    if not tokens.peek("/", "per"):
        return False
    sign = tokens.take()
    if unit is DoseUnit.PLASMA_VOLUME or not tokens.accept("kg"):
        raise tokens.error(
            "a dose is an amount, or an amount per kg", allowed="mg/kg, g/kg, ug/kg", at=sign,
            hint="write an infusion as its amount and `over` its length: 500 mg iv over 24 h",
        )  # fmt: skip
    return True


def _read_clauses(tokens: Tokens) -> _Clauses:
    """Read clauses in any order up to `then` or the end."""
    clauses = _Clauses()
    while not tokens.at_end() and not tokens.peek("then"):
        token = tokens.here
        if tokens.word in _ROUTES:
            _once(tokens, clauses.route, "the route")
            clauses.route = _route(tokens)
        elif tokens.word in _FREQUENCIES and not (tokens.peek("once") and not _is_rate(tokens)):
            _once(tokens, clauses.interval, "how often")
            clauses.interval = _interval(tokens)
        elif tokens.accept("once"):
            _once(tokens, clauses.count, "how many doses", token)
            clauses.count = 1
        elif tokens.accept("over"):
            _once(tokens, clauses.over, "the length of the infusion", token)
            clauses.over = _length(tokens)
        elif tokens.accept("at"):
            _once(tokens, clauses.at, "when", token)
            clauses.at = _moments(tokens)
        elif tokens.accept("for"):
            _once(tokens, clauses.length if clauses.count is None else 0.0, "how long", token)
            _extent(tokens, clauses)
        elif tokens.accept("starting", "from"):
            _once(tokens, clauses.starting, "the start", token)
            clauses.starting = _moment(tokens)
        elif tokens.accept("until"):
            _once(tokens, clauses.until, "the end", token)
            clauses.until = _moment(tokens)
        else:
            raise tokens.unknown("a word of a regimen", _CLAUSES)
    return clauses


def _is_rate(tokens: Tokens) -> bool:
    return tokens.peek("daily", "weekly", "every", "a", "per", ahead=1)


def _once(tokens: Tokens, said: object, what: str, token: Token | None = None) -> None:
    if said is not None:
        raise tokens.error(f"{what} is said twice", at=token, hint="begin a new phase with `then`")


def _route(tokens: Tokens) -> Route:
    route = _ROUTES[tokens.take().text]
    if route is Route.INTRAMUSCULAR and tokens.accept("depot"):
        return Route.INTRAMUSCULAR_DEPOT
    return route


def _interval(tokens: Tokens) -> float:
    """Read how often, as days between doses."""
    if tokens.accept("every"):
        if tokens.accept("other"):
            if not tokens.accept("day"):
                raise tokens.unknown("what `every other` takes", ["day"])
            return 2.0
        if tokens.here is not None and tokens.here.number is None:
            return days_of(1, _time_unit(tokens))
        return _length(tokens)
    times = 1
    if tokens.peek(*_TIMES_PER):
        word = tokens.take().text
        times = _TIMES_PER[word]
        if times > 2 and not tokens.accept("times"):
            raise tokens.unknown(f"what follows `{word}`", ["times"])
    period = {"daily": 1, "weekly": 7}
    if tokens.accept("a", "per"):
        return days_of(1, _time_unit(tokens)) / times
    if tokens.word not in period:
        raise tokens.unknown("how often", period)
    return period[tokens.take().text] / times


def _time_unit(tokens: Tokens) -> str:
    if tokens.word not in UNIT_OF_WORD:
        if tokens.peek("month", "months", "year", "years"):
            raise tokens.error("months and years have no fixed length", allowed="h, days, weeks")
        raise tokens.unknown("a unit of time", ["min", "h", "day", "days", "week", "weeks"])
    return UNIT_OF_WORD[tokens.take().text]


def _length(tokens: Tokens) -> float:
    number = tokens.number("a length of time")
    return days_of(number, _time_unit(tokens))


def _extent(tokens: Tokens, clauses: _Clauses) -> None:
    """Read what `for` says: a length, or a number of doses."""
    token = tokens.here
    number = tokens.number("how long, or how many doses,")
    if tokens.accept("dose", "doses"):
        if number != int(number):
            raise tokens.error("the number of doses is not whole", at=token)
        clauses.count = int(number)
    else:
        clauses.length = days_of(number, _time_unit(tokens))


def _moment_unit(tokens: Tokens) -> str:
    words = {"day": "days", "days": "days", "week": "weeks", "weeks": "weeks"}
    if tokens.word not in words:
        raise tokens.unknown("`day` or `week`", ["day", "week"])
    return words[tokens.take().text]


def _time(tokens: Tokens, unit: str) -> float:
    token = tokens.here
    time = time_of(tokens.number(f"the number of the {unit[:-1]}", positive=False), unit)
    if time < 0:
        raise tokens.error(
            "lies before study day 1", allowed="day 1 or later, week 0 or later", at=token,
            hint="study day 1 is the first day; there is no day 0",
        )  # fmt: skip
    return time


def _moment(tokens: Tokens) -> float:
    return _time(tokens, _moment_unit(tokens))


def _moments(tokens: Tokens) -> tuple[float, ...]:
    """Read the times after `at`, which must increase."""
    unit = _moment_unit(tokens)
    times = [_time(tokens, unit)]
    while tokens.accept(",", "and"):
        tokens.accept("and")
        if tokens.peek("day", "week", "days", "weeks"):
            unit = _moment_unit(tokens)
        token = tokens.here
        time = _time(tokens, unit)
        if time <= times[-1]:
            raise tokens.error("the times do not increase", at=token)
        times.append(time)
    return tuple(times)


def _check_dose(tokens: Tokens, unit: DoseUnit, clauses: _Clauses, first: Token | None) -> None:
    """Refuse a route or an infusion where none can be."""
    if unit is DoseUnit.PLASMA_VOLUME and (clauses.route is not None or clauses.over):
        raise tokens.error("a plasma exchange has no route and no infusion", at=first)
    if clauses.route in {Route.ORAL, Route.INTRAMUSCULAR_DEPOT} and clauses.over:
        raise tokens.error(f"an {clauses.route} dose has no infusion time", at=first, hint="remove `over`")


def _schedule(tokens: Tokens, clauses: _Clauses, before: Phase | None, first: Token | None) -> At | Repeated:
    """Return the schedule that the clauses say, checked against the phase before it."""
    if clauses.at is not None:
        if (clauses.interval, clauses.length, clauses.until, clauses.starting) != (None,) * 4:
            raise tokens.error(
                "`at` lists every dose, so nothing else can say when", at=first,
                hint="use either `at week 0, 2, 6` or `every 2 weeks starting week 0 for 12 weeks`",
            )  # fmt: skip
        schedule: At | Repeated = At(clauses.at)
    else:
        schedule = _train(tokens, clauses, _start(tokens, clauses, before, first), first)
    _check_order(tokens, schedule, before, first)
    return schedule


def _start(tokens: Tokens, clauses: _Clauses, before: Phase | None, first: Token | None) -> float:
    if clauses.starting is not None:
        return clauses.starting
    if before is None:
        return 0.0
    if isinstance(before.schedule, At):
        raise tokens.error(
            "does not say when it starts", at=first,
            hint="after `at`, add `starting week 6` or another `at`",
        )  # fmt: skip
    return before.schedule.end_days


def _train(tokens: Tokens, clauses: _Clauses, start: float, first: Token | None) -> At | Repeated:
    """Return doses at an interval, or a single dose."""
    if clauses.interval is None:
        if clauses.count == 1 or clauses.starting is not None:
            clauses = replace(clauses, interval=1.0, count=clauses.count or 1)
        else:
            raise tokens.error(
                "does not say when the doses are given", at=first,
                allowed="at day 1, 22 · once · daily · twice daily · weekly · every 2 weeks · every 8 h",
            )  # fmt: skip
    interval = clauses.interval or 1.0
    length = clauses.length
    if clauses.until is not None:
        length = clauses.until - start
    if length is None and clauses.count is None:
        raise tokens.error(
            "does not say when it ends", at=first, hint="add `for 14 days`, `for 6 doses` or `until week 12`"
        )
    count = clauses.count or 0
    if length is not None:
        count = math.ceil(rounded(length) / interval - 1e-9)
    if not 0 < count <= _LONGEST_TRAIN:
        raise tokens.error(f"gives {count:,} doses", at=first, allowed=f"1 to {_LONGEST_TRAIN:,}")
    return At((start,)) if count == 1 else Repeated(start, interval, count)


def _check_order(tokens: Tokens, schedule: At | Repeated, before: Phase | None, first: Token | None) -> None:
    """Refuse a phase that begins before the one before it has ended."""
    if before is None:
        return
    ended = before.schedule.end_days
    early = schedule.start_days < ended
    if early or (isinstance(before.schedule, At) and schedule.start_days == ended):
        raise tokens.error(
            "starts before the phase before it has ended", at=first,
            hint="phases follow one another; give overlapping doses as two regimens",
        )  # fmt: skip
