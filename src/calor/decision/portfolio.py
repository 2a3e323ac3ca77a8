"""Two studies: which pair teaches most within a budget, which comes first, and what follows each result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from calor.core.progress import Progress, stop_if_requested
from calor.decision.comparison import Comparison, Row
from calor.decision.information.draws import together
from calor.decision.information.estimate import Estimate
from calor.decision.information.following import Plan, next_after
from calor.decision.information.preposterior import preposterior
from calor.decision.information.rivals import rival_probability
from calor.decision.information.shares import share_of_variance

SHORTLIST = 10
"""The leading studies that are paired."""
SHOWN = 5


@dataclass(frozen=True)
class PairOfStudies:
    """Two studies and what both together teach: share of variance, or probability of the true explanation."""

    first: Row
    second: Row
    teaches: Estimate
    cost: float


@dataclass(frozen=True)
class Portfolio:
    """The best pairs, and for the best one the order and what follows each result (None between rivals)."""

    pairs: tuple[PairOfStudies, ...]
    plan: Plan | None
    followers: tuple[Row, ...]


def portfolio_of(comparison: Comparison, seed: int, progress: Progress) -> Portfolio:
    """Return the pairs of the leading affordable studies, best first.

    Two sizes of one study are no pair. Which of the best pair is run first is decided by what both then teach
    if the second one is chosen after the first one's result.
    """
    rows = _shortlist(comparison)
    chosen = [
        (one, other)
        for one, other in combinations(rows, 2)
        if one.candidate.family != other.candidate.family
        and (comparison.budget is None or one.cost + other.cost <= comparison.budget)
    ]
    progress.start("pairing studies", len(chosen))
    found = []
    for one, other in chosen:
        stop_if_requested(progress)
        found.append(PairOfStudies(one, other, _teaches(comparison, one, other, seed), one.cost + other.cost))
        progress.advance()
    found.sort(key=lambda pair: -pair.teaches.value)
    if not found or comparison.believed.question.kind == "rivals":
        return Portfolio(tuple(found[:SHOWN]), None, ())
    best = found[0]
    plans = [_plan(comparison, first, rows, seed) for first in (best.first, best.second)]
    place = 0 if plans[0][0].adaptive >= plans[1][0].adaptive else 1
    plan, followers = plans[place]
    ordered = best if place == 0 else PairOfStudies(best.second, best.first, best.teaches, best.cost)
    return Portfolio((ordered, *found[1:SHOWN]), plan, followers)


def _shortlist(comparison: Comparison) -> list[Row]:
    """Return the leading affordable rows that teach anything."""
    rows = [row for row, _, _ in comparison.ordered if row.affordable and not row.nothing]
    return rows[:SHORTLIST]


def _teaches(comparison: Comparison, one: Row, other: Row, seed: int) -> Estimate:
    draws, both = comparison.believed.draws, together(one.study, other.study)
    if comparison.believed.question.kind == "rivals":
        return rival_probability(draws, preposterior(draws, both, seed=seed), comparison.resamples)
    return share_of_variance(draws, both, comparison.resamples)


def _plan(comparison: Comparison, first: Row, rows: Sequence[Row], seed: int) -> tuple[Plan, tuple[Row, ...]]:
    """Return what follows each result of a study, among those that are left and affordable."""
    left = None if comparison.budget is None else comparison.budget - first.cost
    others = tuple(
        row
        for row in rows
        if row.candidate.family != first.candidate.family and (left is None or row.cost <= left)
    )
    studies = [row.study for row in others]
    return (
        next_after(comparison.believed.draws, first.study, studies, comparison.resamples, seed=seed),
        others,
    )
