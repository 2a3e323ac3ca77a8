"""The win ratio: pairs of patients compared by what matters most first, then by the next thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.study import Misfit, Protocol, Strategy
from calor.trial.analysis.data import Flags, Integers
from calor.trial.analysis.estimate import Contrast, Direction, Estimate, estimability_of, t_estimate
from calor.trial.analysis.method import Effect, Method, Reads

MOST_PATIENTS = 2000
"""Every patient of one arm meets every one of the other; more pairs than this makes are not held at once."""

MOST_PAIRS = 2_000_000
"""Pairs, over replicates, that are compared at a time."""


@dataclass(frozen=True)
class Level:
    """One thing that pairs are compared by.

    Arguments: a value of each patient (n_replicates, n_patients), more is better and NaN is not compared; the
    difference up to which two are alike; and, where the value is the time of an event (infinite: none), until
    when each patient was seen. An event counts only where both were seen until then.
    """

    values: Numbers
    tie_within: float = 0.0
    seen_until: Numbers | None = None

    def rows(self, which: slice) -> Level:
        """Return some replicates."""
        seen = None if self.seen_until is None else self.seen_until[which]
        return replace(self, values=self.values[which], seen_until=seen)

    def people(self, which: Integers) -> Level:
        """Return some patients."""
        seen = None if self.seen_until is None else self.seen_until[:, which]
        return replace(self, values=self.values[:, which], seen_until=seen)

    def beside(self, other: Level) -> Level:
        """Return the patients of this level and then those of another one of the same kind."""
        seen = None
        if self.seen_until is not None and other.seen_until is not None:
            seen = np.concatenate([self.seen_until, other.seen_until], axis=1)
        return replace(self, values=np.concatenate([self.values, other.values], axis=1), seen_until=seen)

    def better(self) -> Flags:
        """Return whether each patient is better than each other one, (n_replicates, n, n)."""
        mine, other = self.values[:, :, None], self.values[:, None, :]
        if self.seen_until is not None:
            mine = np.minimum(mine, self.seen_until[:, :, None])
        with np.errstate(invalid="ignore"):
            return np.asarray(mine > other + self.tie_within)


@dataclass(frozen=True)
class HierarchicalData:
    """Several outcomes per patient of a parallel-group trial, what matters most first.

    Arguments: the levels, and the arm of each patient (n_replicates, n_patients), -1 where nobody is. Raises
    InputError where there is no level or shapes differ.
    """

    levels: tuple[Level, ...]
    arm: Integers

    def __post_init__(self) -> None:
        if not self.levels:
            raise InputError.of("is empty", key="levels", allowed="one level or more")
        for level in self.levels:
            if level.values.shape != self.arm.shape:
                raise InputError.of(
                    f"has the shape {level.values.shape}", key="levels", allowed=str(self.arm.shape)
                )

    def rows(self, which: slice) -> HierarchicalData:
        """Return some replicates."""
        return HierarchicalData(tuple(level.rows(which) for level in self.levels), self.arm[which])


@dataclass(frozen=True)
class WinRatio:
    """The log of the win ratio: pairs in which the active patient does better, over those in which worse.

    Every active patient i meets every control patient j; the first level on which they differ decides.
    effect = log(W / L), W and L the shares of pairs won and lost. Its variance by U-statistics, with w_i. and
    w_.j the shares that i and j are in, and likewise l:

        var = cov_i(w_i./W - l_i./L) / n_1 + cov_j(w_.j/W - l_.j/L) / n_0,   inference normal.

    Sources: Pocock et al. (2012), Eur Heart J 33:176-82; Bebu and Lachin (2016), Biostatistics 17:178-87.
    """

    missing_data: ClassVar[str] = "a level that is missing in one of a pair is passed over"

    def estimate(self, data: HierarchicalData, contrast: Contrast) -> Estimate:
        """Return the log win ratio for every replicate; more than 0 is benefit whatever the direction."""
        n_replicates, n_patients = data.arm.shape
        size = max(1, MOST_PAIRS // max(1, n_patients**2))
        parts = [
            _moments(data.rows(slice(first, first + size)), contrast)
            for first in range(0, n_replicates, size)
        ]
        wins, losses, variance = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = np.log(wins / losses)
        decided = (wins > 0) & (losses > 0)
        estimability = estimability_of(decided & np.isfinite(variance), variance > 0)
        benefit = replace(contrast, direction=Direction.GREATER)
        return t_estimate(benefit, effect, np.sqrt(variance), np.full(len(effect), np.inf), estimability)


def _moments(data: HierarchicalData, contrast: Contrast) -> tuple[Numbers, Numbers, Numbers]:
    """Return the shares of pairs won and lost, and the variance of the log of their ratio, (r,) each."""
    won, lost = compared(data)
    active, control = data.arm == contrast.active, data.arm == contrast.control
    pairs = active[:, :, None] & control[:, None, :]
    won, lost = (outcome & pairs for outcome in (won, lost))
    n_active, n_control = (group.sum(axis=1).astype(np.float64) for group in (active, control))
    with np.errstate(divide="ignore", invalid="ignore"):
        wins, losses = (outcome.sum(axis=(1, 2)) / (n_active * n_control) for outcome in (won, lost))
        variance = np.zeros(len(wins))
        for axis, group, own, other in ((2, active, n_active, n_control), (1, control, n_control, n_active)):
            shares = (outcome.sum(axis=axis) / other[:, None] for outcome in (won, lost))
            gain = next(shares) / wins[:, None] - next(shares) / losses[:, None]
            # The mean of the gains is 1 - 1 = 0.
            variance += (np.where(group, gain, 0.0) ** 2).sum(axis=1) / (own - 1) / own
    return wins, losses, variance


def compared(data: HierarchicalData) -> tuple[Flags, Flags]:
    """Return whether each patient wins and loses against each other one, (n_replicates, n, n) each."""
    shape = (*data.arm.shape, data.arm.shape[1])
    won, lost = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for level in data.levels:
        better = level.better()
        open_still = ~(won | lost)
        won |= open_still & better
        lost |= open_still & better.transpose(0, 2, 1)
    return won, lost


def _events_are_failures(trial: Protocol) -> Iterator[Misfit]:
    """Yield each event that decides pairs and is no outcome by itself."""
    for event in trial.analysis.wins.first:
        if getattr(trial.estimand, event) is not Strategy.COMPOSITE:
            what = f"{event} decides pairs, so its strategy is composite (estimand: {{{event}: composite}})"
            yield Misfit(what, ("analysis", "wins", "first"))


METHODS = (
    Method(
        name="win-ratio",
        estimator=WinRatio(),
        reads=Reads.PAIRS,
        effect=Effect.LOG_WIN_RATIO,
        takes_prior=False,
        adaptive=False,
        most_patients=MOST_PATIENTS,
        rules=_events_are_failures,
    ),
)
