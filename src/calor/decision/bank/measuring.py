"""From true courses to what a study writes down about each person, in several copies of its noise.

Arms of one person share their noise, so that the difference of two arms says what the treatment does and not
how a diary scatters. The spread within an arm is that of real data all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.decision.bank.giving import MIDDLE_OF_DAY
from calor.population.diary import DiaryHabits, blinded_change, mean_of_filled, ratings_in_trial
from calor.population.history import PAIN
from calor.population.measurement import loss_per_day
from calor.population.readings import READINGS, Sitting, baseline_of, reading_of
from calor.population.screening import Screened
from calor.study import Protocol
from calor.study.endpoint import Endpoint
from calor.trial.protocols.layout import layout_of

COPIES = 4
"""Times that each person is measured, to average over diaries and readings."""


@dataclass(frozen=True)
class Sight:
    """How an outcome is written down.

    Arguments: the endpoint; the study day before the first of each period in which it is asked for; whether
    reports hold the response to treatment as such; whether everything is seen (no missed day, no loss), as a
    question asks; the shares lost a month and of days missed, None where the measurement table says; and the
    study day before the first on which people may be lost.
    """

    endpoint: Endpoint
    period_starts: tuple[int, ...]
    placebo_response: bool
    everything_seen: bool
    dropout_per_month: float | None = None
    missing_diary_share: float | None = None
    lost_from: int = 0

    @classmethod
    def of(cls, protocol: Protocol, *, everything_seen: bool = False) -> Sight:
        """Return how a trial writes its outcome down, or how its question defines it."""
        conduct = protocol.conduct
        starts = tuple(round(start) for start in layout_of(protocol).asked_starts)
        return cls(
            protocol.endpoint,
            starts,
            protocol.placebo_response,
            everything_seen,
            None if everything_seen else conduct.dropout_per_month,
            None if everything_seen else conduct.missing_diary_share,
            starts[0],
        )

    @property
    def outputs(self) -> tuple[str, ...]:
        """The true outputs that are needed."""
        return READINGS[self.endpoint.variable].outputs

    @property
    def days(self) -> int:
        """The last study day that is needed."""
        return self.period_starts[-1] + self.endpoint.to_day

    @property
    def windows(self) -> tuple[slice, ...]:
        """The days of the endpoint in each period, as positions from study day 1."""
        end = self.endpoint
        return tuple(slice(start + end.from_day - 1, start + end.to_day) for start in self.period_starts)

    def written(
        self,
        people: Screened,
        outputs: Mapping[str, Numbers],
        stream: Stream,
        baseline: Numbers | None = None,
    ) -> Numbers:
        """Return the endpoint of each copy, person and period, (COPIES, n, n_periods); NaN: missing.

        Arguments: the people (n,); the true outputs on each study day (n, n_days); the stream of the study;
        and the measured baseline (n,), None for that at screening.
        """
        if baseline is None:
            baseline = self.baseline(people, stream)
        found = [
            self._transformed(self._copy(people, outputs, stream, copy), baseline) for copy in range(COPIES)
        ]
        return np.array(found)

    def baseline(self, people: Screened, stream: Stream) -> Numbers:
        """Return the measured baseline of the endpoint's variable, (n,)."""
        variable = self.endpoint.variable
        return baseline_of(variable, people.patients, people.history, people.covariates, stream)

    def _copy(self, people: Screened, outputs: Mapping[str, Numbers], stream: Stream, copy: int) -> Numbers:
        """Return one copy's mean over the window of each period, (n, n_periods)."""
        days = np.unique(np.concatenate([np.arange(window.start, window.stop) for window in self.windows]))
        own = stream.child("bank", copy)
        if self.endpoint.variable.row.daily:
            daily = self._diary(people, outputs[PAIN][:, days], days, own)
        else:
            daily = self._readings(people, outputs, days, stream, own)
        daily = np.where(np.isfinite(outputs[self.outputs[0]][:, days]), daily, np.nan)
        if not self.everything_seen:
            daily = np.where(days[None, :] + MIDDLE_OF_DAY > self._lost(people, own)[:, None], np.nan, daily)
        return np.column_stack(
            [mean_of_filled(daily[:, (days >= part.start) & (days < part.stop)]) for part in self.windows]
        )

    def _diary(self, people: Screened, level: Numbers, days: NDArray[np.int64], own: Stream) -> Numbers:
        habits = DiaryHabits.of(people.patients.values)
        n = len(people.patients)
        if self.placebo_response:
            level = level + blinded_change(habits, days.astype(np.float64) + MIDDLE_OF_DAY)
        if self.everything_seen:
            habits = replace(habits, missing_share=np.zeros(n))
        elif self.missing_diary_share is not None:
            habits = replace(habits, missing_share=np.full(n, self.missing_diary_share))
        words = own.child("diary").words(people.patients.identifiers, days)
        return ratings_in_trial(habits, np.nan_to_num(level), days + 1, people.slow_before, words)

    def _readings(
        self,
        people: Screened,
        outputs: Mapping[str, Numbers],
        days: NDArray[np.int64],
        stream: Stream,
        own: Stream,
    ) -> Numbers:
        found = []
        for day in days.tolist():
            true = {name: outputs[name][:, day] for name in self.outputs}
            keys = people.patients.identifiers
            sitting = Sitting(true, people.patients, keys, stream, own.child("visit", day))
            found.append(reading_of(self.endpoint.variable, sitting))
        return np.column_stack(found)

    def _lost(self, people: Screened, own: Stream) -> Numbers:
        """Return the study time at which each person is lost, (n,): a constant hazard."""
        share = people.patients.values["dropout_per_month"]
        if self.dropout_per_month is not None:
            share = np.full_like(share, self.dropout_per_month)
        waited = -np.log(own.child("loss").uniforms(people.patients.identifiers, 1)[:, 0])
        with np.errstate(divide="ignore"):
            return np.asarray(self.lost_from + waited / loss_per_day(share))

    def _transformed(self, value: Numbers, baseline: Numbers) -> Numbers:
        """Return endpoints on their scale: values, changes, or responders as 1 and 0."""
        asked = self.endpoint
        if asked.scale == "change":
            return value - baseline[:, None]
        if asked.responder is None:
            return value
        share = 1.0 - asked.responder.reduction_percent / 100
        # A mean of whole ratings may miss the cut by rounding alone.
        return np.where(np.isnan(value), np.nan, value <= baseline[:, None] * share + 1e-9)
