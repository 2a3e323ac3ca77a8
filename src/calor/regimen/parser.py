"""The parser of regimens as people write them.

    regimen := phase ((";" | "," "then" | "then" | "followed by") (phase | taper))* ["then" "stop"]
    phase   := amount clause*             (clauses in any order, each at most once)
    amount  := number unit ["/kg"] ["/day"]  |  number "plasma volume" ["exchange"]
    taper   := "taper" "by" amount "every" length ["to" amount]

A phase after `then` keeps the dose, the route and the infusion time of the phase before it unless it says
its own, and begins when that one ends; after listed times it begins one interval after the last of them. An
infusion without a route is intravenous. `for` a length gives the doses before its end (t < start + length).
"""

from __future__ import annotations

import math
from dataclasses import replace

from calor.core.errors import Place
from calor.regimen.clauses import Clauses, ends_phase, moment_in, read_clauses
from calor.regimen.dose import Dose, read_dose
from calor.regimen.durations import rounded
from calor.regimen.records import DoseUnit, Route
from calor.regimen.regimen import At, Phase, Regimen, Repeated
from calor.regimen.taper import at_taper, read_taper
from calor.regimen.tokens import Token, Tokens

_LONGEST_TRAIN = 100_000


def parse_regimen(text: str, place: Place | None = None) -> Regimen:
    """Return the regimen that a text says.

    Arguments: the text, such as `40 mg oral daily for 14 days then 30 mg daily for 7 days then stop`, and
    where it stands, for messages. Raises InputError that points at the word that is wrong.
    """
    tokens = Tokens(text, place or Place(key="regimen"))
    if tokens.at_end():
        raise tokens.error("is empty", hint="write a dose and when, such as 40 mg oral daily for 14 days")
    phases = [_phase(tokens, None)]
    while _accept_then(tokens):
        if tokens.accept("stop"):
            break
        if at_taper(tokens):
            phases.extend(read_taper(tokens, phases[-1]))
        else:
            phases.append(_phase(tokens, phases[-1]))
    if not tokens.at_end():
        raise tokens.error(f"`{tokens.word}` stands after `stop`", hint="`then stop` ends a regimen")
    return Regimen(tuple(phases))


def parse_moment(text: str) -> float:
    """Return the time of `day 15` or `week 14` in days from study day 1. Raises InputError."""
    return moment_in(text)


def _accept_then(tokens: Tokens) -> bool:
    """Step past `then`, `, then`, `;` or `followed by`; say whether one stood there."""
    if not ends_phase(tokens):
        return False
    tokens.accept(",")
    if tokens.accept("followed"):
        if not tokens.accept("by"):
            raise tokens.unknown("what follows `followed`", ["by"])
    elif tokens.accept(";"):
        tokens.accept("then")
    else:
        tokens.take()
    return True


def _phase(tokens: Tokens, before: Phase | None) -> Phase:
    """Read one phase, which may take dose, route, infusion time and start from the phase before it."""
    first = tokens.here
    dose = _dose(tokens, before)
    clauses = read_clauses(tokens, dose.interval)
    _inherit(clauses, dose.unit, before)
    _check_dose(tokens, dose.unit, clauses, first)
    schedule = _schedule(tokens, clauses, before, first)
    return Phase(dose.amount, dose.unit, schedule, dose.per_kg, clauses.route, clauses.over or 0.0)


def _dose(tokens: Tokens, before: Phase | None) -> Dose:
    """Read the dose; a later phase that begins with a word goes on with the one before it."""
    begins_with_a_word = tokens.here is not None and tokens.word.isalpha()
    if before is not None and begins_with_a_word:
        return Dose(before.amount, before.unit, before.per_kg)
    return read_dose(tokens)


def _inherit(clauses: Clauses, unit: DoseUnit, before: Phase | None) -> None:
    """Fill in the route and infusion time that the phase did not say."""
    if clauses.route is not None or unit is DoseUnit.PLASMA_VOLUME:
        return
    if before is not None:
        clauses.route = before.route
        clauses.over = before.infusion_days if clauses.over is None else clauses.over
    if clauses.route is None and clauses.over:
        clauses.route = Route.INTRAVENOUS


def _check_dose(tokens: Tokens, unit: DoseUnit, clauses: Clauses, first: Token | None) -> None:
    """Refuse a route or an infusion where none can be."""
    if unit is DoseUnit.PLASMA_VOLUME and (clauses.route is not None or clauses.over):
        raise tokens.error("a plasma exchange has no route and no infusion", at=first)
    if clauses.route in {Route.ORAL, Route.INTRAMUSCULAR_DEPOT} and clauses.over:
        raise tokens.error(f"an {clauses.route} dose has no infusion time", at=first, hint="remove `over`")


def _schedule(tokens: Tokens, clauses: Clauses, before: Phase | None, first: Token | None) -> At | Repeated:
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


def _start(tokens: Tokens, clauses: Clauses, before: Phase | None, first: Token | None) -> float:
    if clauses.starting is not None:
        return clauses.starting
    if before is None:
        return 0.0
    if not isinstance(before.schedule, At):
        return before.schedule.end_days
    if clauses.interval is None:
        raise tokens.error(
            "does not say when it starts", at=first,
            hint="after `at`, add `starting week 6`, another `at`, or how often",
        )  # fmt: skip
    return rounded(before.schedule.end_days + clauses.interval)


def _train(tokens: Tokens, clauses: Clauses, start: float, first: Token | None) -> At | Repeated:
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
