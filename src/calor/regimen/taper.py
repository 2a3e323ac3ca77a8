"""Tapers in words: `then taper by 5 mg every 3 days to 10 mg` as phases of smaller doses."""

from __future__ import annotations

import math
from dataclasses import replace

from calor.regimen.clauses import length_at
from calor.regimen.dose import Dose, read_dose
from calor.regimen.durations import exact_days_of, number_text, rounded
from calor.regimen.frequency import read_time_unit
from calor.regimen.regimen import At, Phase, Repeated
from calor.regimen.tokens import Token, Tokens

_WORDS = ("taper", "tapering", "tapered", "reduce", "reducing", "reduced")
_MOST_STEPS = 200
_TINY_DAYS = 1e-6


def at_taper(tokens: Tokens) -> bool:
    """Say whether a taper begins at the cursor."""
    return tokens.peek(*_WORDS)


def read_taper(tokens: Tokens, before: Phase) -> list[Phase]:
    """Read a taper of the phase before it.

    Each step lasts as long as `every` says, at the interval of the phase before. Without `to` the doses fall
    until nothing is left; with it the last step is that dose. Raises InputError where the steps do not lead
    there.
    """
    first = tokens.take()
    train = before.schedule
    if isinstance(train, At):
        raise tokens.error(
            "a taper follows doses at an interval", at=first,
            hint="write the doses before it as `daily for 14 days`, not `at` days",
        )  # fmt: skip
    if not tokens.accept("by"):
        raise tokens.unknown("what a taper goes `by`", ["by"])
    step = _same_dose(tokens, before)
    lasting = step.interval or _every(tokens)
    target = _same_dose(tokens, before).amount if tokens.accept("to") else 0.0
    return _phases(tokens, before, train, step.amount, lasting, target, first)


def _same_dose(tokens: Tokens, before: Phase) -> Dose:
    """Read an amount in the unit of the phase before."""
    token = tokens.here
    if tokens.peek("0", "zero"):
        tokens.take()
        if tokens.word == before.unit:
            tokens.take()
        return Dose(0.0, before.unit, before.per_kg)
    dose = read_dose(tokens)
    if (dose.unit, dose.per_kg) != (before.unit, before.per_kg):
        raise tokens.error(
            "is not in the unit of the dose that is tapered", at=token,
            allowed=f"{before.unit}{'/kg' if before.per_kg else ''}",
        )  # fmt: skip
    return dose


def _every(tokens: Tokens) -> float:
    """Read how long each step lasts: `every 3 days`, `a week`, `weekly`."""
    if tokens.accept("weekly"):
        return 7.0
    if tokens.accept("daily"):
        return 1.0
    if not tokens.accept("every", "each", "a"):
        raise tokens.unknown("how long each step lasts", ["every", "weekly", "daily"])
    if tokens.here is not None and tokens.here.number is None:
        return exact_days_of(1, read_time_unit(tokens))
    return length_at(tokens)


def _phases(
    tokens: Tokens, before: Phase, train: Repeated, step: float, lasting: float, target: float, first: Token
) -> list[Phase]:
    """Return a phase for each step down."""
    count = round(lasting / train.interval_days)
    if count < 1 or abs(count * train.interval_days - lasting) > _TINY_DAYS:
        raise tokens.error("a step does not last a whole number of doses", at=first)
    steps = math.ceil(rounded((before.amount - target) / step)) if target < before.amount else 0
    amounts = [rounded(before.amount - step * index) for index in range(1, min(steps, _MOST_STEPS) + 1)]
    if not steps or (target and amounts[-1] != target):
        raise tokens.error(
            f"steps of {number_text(step)} do not lead from {number_text(before.amount)} "
            f"to {number_text(target)} {before.unit}",
            at=first,
        )
    if steps > _MOST_STEPS:
        raise tokens.error(f"takes {steps:,} steps", at=first, allowed=f"1 to {_MOST_STEPS}")
    starts = [rounded(train.end_days + lasting * index) for index in range(steps)]
    return [
        replace(
            before,
            amount=amount,
            schedule=At((start,)) if count == 1 else Repeated(start, train.interval_days, count),
        )
        for amount, start in zip(amounts, starts, strict=True)
        if amount > 0
    ]
