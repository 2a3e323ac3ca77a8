"""Effects of two independent groups in which events were counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from calor.core.errors import InputError
from calor.evidence.effects.checks import positive, sample_size
from calor.evidence.effects.effect import Effect, Measure


class Continuity(StrEnum):
    """When the correction is added to all four cells of a table (metafor's `to`: only0, all, none)."""

    ZERO_CELL = "when a cell is zero"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class GroupCount:
    """Number of patients with the event and number of patients of one group.

    Raises InputError when they are not whole numbers with 0 <= events <= n and n >= 1.
    """

    events: int
    n: int

    def __post_init__(self) -> None:
        sample_size("n", self.n, least=1)
        sample_size("events", self.events, least=0)
        if self.events > self.n:
            raise InputError.of(f"is {self.events}", key="events", allowed=f"at most n = {self.n}")


@dataclass(frozen=True)
class _Cells:
    """The four cells after the correction: events and non-events, active then control."""

    a: float
    b: float
    c: float
    d: float

    @property
    def n1(self) -> float:
        return self.a + self.b

    @property
    def n2(self) -> float:
        return self.c + self.d


def log_odds_ratio(
    active: GroupCount,
    control: GroupCount,
    *,
    study: str = "",
    continuity: Continuity = Continuity.ZERO_CELL,
    added: float = 0.5,
) -> Effect:
    """Return the logarithm of the odds ratio, active over control.

    Equation: y = log(a d / (b c)), v = 1/a + 1/b + 1/c + 1/d.
    Arguments: the two groups, and `added` to each cell by the rule `continuity`.
    Raises InputError when a cell stays zero.
    Source: Cochrane Handbook, version 6, chapter 6; metafor::escalc measure "OR".
    """
    cells = _cells(active, control, continuity, added)
    _refuse_zero("odds ratio", (cells.a, cells.b, cells.c, cells.d))
    estimate = math.log(cells.a) - math.log(cells.b) - math.log(cells.c) + math.log(cells.d)
    variance = 1.0 / cells.a + 1.0 / cells.b + 1.0 / cells.c + 1.0 / cells.d
    return Effect(study, estimate, variance, Measure.LOG_ODDS_RATIO)


def log_risk_ratio(
    active: GroupCount,
    control: GroupCount,
    *,
    study: str = "",
    continuity: Continuity = Continuity.ZERO_CELL,
    added: float = 0.5,
) -> Effect:
    """Return the logarithm of the risk ratio, active over control.

    Equation: y = log((a/n1) / (c/n2)), v = 1/a - 1/n1 + 1/c - 1/n2.
    Arguments: the two groups, and `added` to each cell by the rule `continuity`.
    Raises InputError when a group without events stays so, or when every patient has the event (v = 0).
    Source: Cochrane Handbook, version 6, chapter 6; metafor::escalc measure "RR".
    """
    cells = _cells(active, control, continuity, added)
    _refuse_zero("risk ratio", (cells.a, cells.c))
    estimate = math.log(cells.a / cells.n1) - math.log(cells.c / cells.n2)
    variance = 1.0 / cells.a - 1.0 / cells.n1 + 1.0 / cells.c - 1.0 / cells.n2
    return Effect(study, estimate, variance, Measure.LOG_RISK_RATIO)


def risk_difference(
    active: GroupCount,
    control: GroupCount,
    *,
    study: str = "",
    continuity: Continuity = Continuity.ZERO_CELL,
    added: float = 0.5,
) -> Effect:
    """Return the difference of risks, active minus control.

    Equation: y = a/n1 - c/n2, v = a b / n1^3 + c d / n2^3.
    Arguments: the two groups, and `added` to each cell by the rule `continuity`.
    Raises InputError when no variance can be estimated (neither group has both outcomes, uncorrected).
    Source: Cochrane Handbook, version 6, chapter 6; metafor::escalc measure "RD".
    """
    cells = _cells(active, control, continuity, added)
    estimate = cells.a / cells.n1 - cells.c / cells.n2
    variance = cells.a * cells.b / cells.n1**3 + cells.c * cells.d / cells.n2**3
    return Effect(study, estimate, variance, Measure.RISK_DIFFERENCE)


def _cells(active: GroupCount, control: GroupCount, continuity: Continuity, added: float) -> _Cells:
    """Return the cells, with the correction added to all four where the rule says so."""
    positive("added", added)
    counts = (active.events, active.n - active.events, control.events, control.n - control.events)
    corrected = continuity is Continuity.ALWAYS or (continuity is Continuity.ZERO_CELL and 0 in counts)
    a, b, c, d = (count + added if corrected else float(count) for count in counts)
    return _Cells(a, b, c, d)


def _refuse_zero(name: str, cells: tuple[float, ...]) -> None:
    if 0.0 in cells:
        raise InputError.of(
            f"a {name} needs no zero cell",
            key="continuity",
            allowed=f"{Continuity.ZERO_CELL}, {Continuity.ALWAYS}",
        )
