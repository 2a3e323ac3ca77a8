"""What is missing and what to fetch first.

A gap's worth is how much a number would change: gaps of records that are fitted or held back come before
those of records that nobody uses, wanted ones before the rest, large randomised studies before small ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from calor.evidence.record import Record
from calor.evidence.vocabulary import Direction, Role

WEIGHT_OF_ROLE = {Role.HELD_BACK: 3.0, Role.CALIBRATION: 3.0, Role.PRIOR_ONLY: 1.5, Role.NONE: 1.0}
WEIGHT_OF_WANT = {1: 4.0, 2: 2.0, 3: 1.0}


@dataclass(frozen=True)
class Gap:
    """Something to read: the record, what it is, where it may stand, what was tried, and its worth."""

    record: str
    what: str
    where: str | None
    tried: str | None
    want: int
    worth: float


@dataclass(frozen=True)
class Fetch:
    """A study worth reading further: all that is missing from it, and what that is worth together."""

    record: str
    worth: float
    gaps: tuple[Gap, ...]


def what_to_fetch(records: Iterable[Record]) -> tuple[Fetch, ...]:
    """Return the studies with something missing, worth most first: one reading may close several gaps."""
    by_record: dict[str, list[Gap]] = {}
    for gap in gaps(records):
        by_record.setdefault(gap.record, []).append(gap)
    fetches = [Fetch(name, sum(gap.worth for gap in own), tuple(own)) for name, own in by_record.items()]
    return tuple(sorted(fetches, key=lambda fetch: (-fetch.worth, fetch.record)))


def gaps(records: Iterable[Record]) -> tuple[Gap, ...]:
    """Return what is missing, worth most first.

    Equation: worth = role x want x log2(2 + n) x (1.5 when randomised) x (1.5 when no result was read).
    """
    found = [
        Gap(record.id, missing.what, missing.where, missing.tried, missing.want, _worth(record, missing.want))
        for record in records
        for missing in record.missing
    ]
    return tuple(sorted(found, key=lambda gap: (-gap.worth, gap.record, gap.what)))


def _worth(record: Record, want: int) -> float:
    design = record.design
    sizes = (design.n_randomised, design.n_enrolled, design.n_included, design.n_planned)
    n = next((size.value for size in sizes if size is not None and size.value is not None), 10.0)
    worth = WEIGHT_OF_ROLE[record.model_use.role] * WEIGHT_OF_WANT[want] * math.log2(2 + n)
    if design.randomised:
        worth *= 1.5
    if record.headline.direction is Direction.NOT_READ and not record.model_use.blind:
        worth *= 1.5
    return worth
