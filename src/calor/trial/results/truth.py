"""The value that a protocol's question asks for, known because every patient's potential outcomes are.

Every patient of the bank is followed under every sequence, measured without gaps, with each intercurrent
event treated by its strategy: under the hypothetical one it does not happen, under treatment policy its
effect on the course stays, under the composite one it is a failure, while on treatment it ends the window.
An arm that is given in one of several periods is asked for by itself: in a sequence that gives the control
alone before it, over all periods alike. What earlier periods leave behind (carry-over) is no part of the
question; it biases the answer, and the bias shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.study import Strategy
from calor.trial.analysis.estimate import Contrast
from calor.trial.analysis.method import Effect, Reads
from calor.trial.analysis.survival import Cox
from calor.trial.analysis.win_ratio import HierarchicalData, Level, compared
from calor.trial.bank.bank import Bank
from calor.trial.conduct.events import events_of
from calor.trial.conduct.measurement import Measurement
from calor.trial.designs.times import times_of
from calor.trial.designs.wins import win_levels
from calor.trial.protocols.plan import Plan

COPIES = 8
"""Times each patient is measured, to average over events and diaries; the arms share their random numbers."""


@dataclass(frozen=True)
class Truth:
    """What the question asks for: each patient's mean outcome under each arm, (n_arms, n).

    `wins` is for the win ratio: by arm, what pairs are compared by, of each patient in each copy (copies, n).
    `times` is for the hazard ratio: the time to the event under each arm, of each patient in each copy
    (n_arms, copies, n), the last day where it does not happen.
    """

    plan: Plan
    levels: Numbers
    wins: tuple[tuple[Level, ...], ...] = ()
    times: Numbers | None = None

    def by_cell(self, bank: Bank, chosen: NDArray[np.bool_] | None = None) -> Numbers:
        """Return the true value of each contrast in each cell, (n_cells, n_contrasts).

        A difference of means, or of the log odds of the mean response, or the log win ratio, or the log
        hazard ratio of a Cox model of everybody under either arm. Arguments: the bank, and which of its
        patients count (n,), without it all; NaN for a cell in which nobody does.
        """
        if self.wins:
            return self._log_win_ratios(bank, chosen)
        if self.times is not None:
            return self._log_hazard_ratios(self.times, bank, chosen)
        counts = np.ones(self.levels.shape[1]) if chosen is None else chosen.astype(np.float64)
        edges = [cell.start for cell in bank.cells]
        size = np.add.reduceat(counts, edges)
        total = np.add.reduceat(self.levels * counts, edges, axis=1)
        if self.plan.analysis.method.effect is Effect.LOG_ODDS_RATIO:
            # A half for each kind of answer, among as many answers as were asked.
            mean = np.log((total + 0.5 / COPIES) / (size - total + 0.5 / COPIES))
        else:
            mean = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
        return np.asarray((self.plan.layout.weights @ mean).T)

    def _log_hazard_ratios(self, times: Numbers, bank: Bank, chosen: NDArray[np.bool_] | None) -> Numbers:
        """Return the log hazard ratio of each contrast in each cell, everybody followed under both arms."""
        layout = self.plan.layout
        found = np.full((len(bank.cells), len(layout.actives)), np.nan)
        lost = np.full(times.shape[1:], np.inf)
        for row, cell in enumerate(bank.cells):
            people = np.arange(cell.start, cell.stop)
            people = people if chosen is None else people[chosen[people]]
            for column, active in enumerate(layout.actives):
                both = [times[arm][:, people].reshape(1, -1) for arm in (active, layout.control)]
                arms = np.repeat([[1, 0]], both[0].size, axis=1)
                unseen = np.tile(lost[:, people].reshape(1, -1), 2)
                data = times_of(self.plan, np.concatenate(both, axis=1), unseen, arms)
                found[row, column] = Cox().estimate(data, Contrast()).effect[0]
        return found

    def _log_win_ratios(self, bank: Bank, chosen: NDArray[np.bool_] | None) -> Numbers:
        """Return the log win ratio of each contrast in each cell over all pairs of different patients."""
        control = self.wins[self.plan.layout.control]
        found = np.full((len(bank.cells), len(self.plan.layout.actives)), np.nan)
        for row, cell in enumerate(bank.cells):
            people = np.arange(cell.start, cell.stop)
            people = people if chosen is None else people[chosen[people]]
            if len(people) < 2:
                continue
            arm = np.tile(np.repeat([1, 0], len(people)), (len(control[0].values), 1))
            for column, active in enumerate(self.plan.layout.actives):
                levels = tuple(
                    one.people(people).beside(other.people(people))
                    for one, other in zip(self.wins[active], control, strict=True)
                )
                n = len(people)
                won, lost = (each[:, :n, n:] for each in compared(HierarchicalData(levels, arm)))
                different = ~np.eye(n, dtype=np.bool_)
                found[row, column] = np.log(
                    ((won & different).sum() + 0.5) / ((lost & different).sum() + 0.5)
                )
        return found


def truth_of(plan: Plan, bank: Bank, seed: int, copies: int = COPIES) -> Truth:
    """Return what a trial asks for of each patient of a bank, averaged over periods and copies."""
    layout, estimand = plan.layout, plan.assessments.estimand
    measurement = Measurement(plan.assessments, bank, everything_seen=True)
    people = np.tile(np.arange(len(bank.baseline)), copies)
    keys = np.arange(len(people))
    stream = Stream(seed).child("truth")
    # Under the hypothetical strategy an event does not happen.
    supposed = [name for name in ("stopping", "rescue") if getattr(estimand, name) is Strategy.HYPOTHETICAL]
    wins: list[tuple[Level, ...]] = [()] * len(layout.arms)
    n_periods = len(layout.asked)
    times = np.zeros((len(layout.arms), copies, len(bank.baseline)))
    total = np.zeros((len(layout.arms), len(bank.baseline)))
    for sequence in np.unique(layout.by_itself):
        events = events_of(plan.events, bank, sequence, people, keys, stream, supposed)
        endpoint = measurement.measure(sequence, people, keys, events, stream).endpoint
        mean = np.nanmean(endpoint.reshape(copies, -1, n_periods), axis=0)
        for arm, period in zip(*np.nonzero(layout.by_itself == sequence), strict=True):
            total[arm] += mean[:, period]
            times[arm] = endpoint[:, period].reshape(copies, -1)
        if plan.analysis.method.reads is Reads.PAIRS:
            # Everybody is followed to the end, unless the question counts a loss as an event.
            counted = estimand.loss is Strategy.COMPOSITE
            lost = events.lost if counted else np.full_like(events.lost, np.inf)
            columns = (endpoint[:, 0], events.stopped, events.rescued, lost)
            wins[layout.followed[sequence][0]] = win_levels(
                plan, *(column.reshape(copies, -1) for column in columns)
            )
    of_times = plan.analysis.method.reads is Reads.TIMES
    return Truth(plan, total / n_periods, tuple(wins) if any(wins) else (), times if of_times else None)
