"""From true courses and events to the endpoint of each period and the value at each visit, as measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits, blinded_change, mean_of_filled, ratings_in_trial
from calor.population.history import PAIN
from calor.population.readings import READINGS, Sitting, reading_of
from calor.study import Estimand, LossOfResponse, Strategy
from calor.trial.bank.bank import Bank
from calor.trial.bank.courses import diary_times
from calor.trial.conduct.events import Events
from calor.trial.conduct.roster import Positions
from calor.trial.protocols.assessments import Assessments, Belief

HIDES = {Strategy.HYPOTHETICAL, Strategy.WHILE_ON_TREATMENT}
"""Strategies under which what is measured after the event is not used."""


@dataclass(frozen=True)
class Measured:
    """The endpoint of every period (m, n_periods), the value at every visit (m, n_visits); NaN: missing."""

    endpoint: Numbers
    visits: Numbers


class Measurement:
    """Measures patients of a bank as a protocol asks.

    Arguments: what is measured and when; the bank; whether everything is seen: no missed day, no loss, nobody
    unblinded, which is how the value that a question asks for is defined.
    """

    def __init__(self, asked: Assessments, bank: Bank, *, everything_seen: bool = False) -> None:
        self.asked = asked
        self.bank = bank
        self.everything_seen = everything_seen
        self.diary = asked.endpoint.variable.row.daily
        self.times = diary_times(bank.pain.shape[2])[asked.days]
        outputs = READINGS[asked.endpoint.variable].outputs
        self.levels = {name: bank.outputs[name][:, :, asked.days] for name in outputs}
        if self.diary and asked.placebo_response:
            self.levels[PAIN] = self.levels[PAIN] + blinded_change(bank.habits, self.times)

    def measure(
        self, sequence: int, people: Positions, keys: Positions, events: Events, stream: Stream
    ) -> Measured:
        """Return what is measured of people on a sequence (m,).

        Arguments: their bank positions, the numbers that key them, their events, the stream of the sequence.
        """
        course = self.bank.course_of[sequence, events.stop, events.rescue]
        if self.diary:
            daily = self._ratings(self.levels[PAIN][course, people], sequence, people, keys, events, stream)
        else:
            daily = self._readings(course, people, keys, stream)
        daily[self._hidden(events)] = np.nan
        baseline = self.bank.baseline[people]
        if self.asked.endpoint.loss_of_response is not None:
            return self._times(self.asked.endpoint.loss_of_response, daily, baseline, events)
        endpoint = np.column_stack(
            [
                self._failed(self._window_mean(daily, window, start, events), baseline, events, window.stop)
                for start, window in zip(self.asked.starts, self.asked.windows, strict=True)
            ]
        )
        visits = [
            self._failed(mean_of_filled(daily[:, self._columns(window)]), baseline, events, window.stop)
            for window in self.asked.visit_windows
        ]
        endpoint = self._transformed(endpoint, baseline, events)
        by_visit = np.column_stack(visits) if visits else np.empty((len(people), 0))
        if self.asked.added is None:
            return Measured(endpoint, by_visit)
        added = self.asked.added[sequence]
        return Measured(endpoint + added, by_visit + added[0])

    def _times(self, loss: LossOfResponse, daily: Numbers, baseline: Numbers, events: Events) -> Measured:
        """Return the days until the response is lost, of a single period; the last day where it is not.

        NaN for who left the trial with a response. A loss on day d happens at d - 1/2, where its rating is.
        Under the composite strategy who leaves loses the response then.
        """
        ((window, start),) = zip(self.asked.windows, self.asked.starts, strict=True)
        rated = daily[:, self._columns(window)]
        filled = np.isfinite(rated)
        sums, counts = (_over_last(each, loss.over_days) for each in (np.where(filled, rated, 0.0), filled))
        back = (counts > 0) & (sums >= counts * (baseline[:, None] + loss.rise_nrs) - 1e-9)
        end = float(rated.shape[1])
        left = events.lost - start
        composite = self.asked.estimand.loss is Strategy.COMPOSITE
        seen = np.full(len(daily), np.inf) if self.everything_seen and not composite else left
        time = np.where(back.any(axis=1), back.argmax(axis=1) + loss.over_days - 0.5, np.inf)
        after = np.where(seen < end, seen if composite else np.nan, end)
        return Measured(
            np.where(time < np.minimum(seen, end), time, after)[:, None], np.empty((len(daily), 0))
        )

    def _ratings(
        self,
        level: Numbers,
        sequence: int,
        people: Positions,
        keys: Positions,
        events: Events,
        stream: Stream,
    ) -> Numbers:
        """Return the diary's ratings on every day that counts, (m, n_days)."""
        if self.asked.relief_nrs is not None:
            level = level - self.asked.relief_nrs * (self.times[None, :] > events.rescued[:, None])
        if self.asked.belief is not None and not self.everything_seen:
            level = level + self._shift(self.asked.belief, sequence, keys, stream)
        words = stream.child("diary").words(keys, self.asked.days)
        return ratings_in_trial(
            self._habits(people), level, self.asked.days + 1, self.bank.slow_before[people], words
        )

    def _readings(self, course: Positions, people: Positions, keys: Positions, stream: Stream) -> Numbers:
        """Return the instrument's reading on every day that counts, (m, n_days)."""
        patients = self.bank.patients.take(people)
        found = []
        for place, day in enumerate(self.asked.days):
            outputs = {name: level[course, people, place] for name, level in self.levels.items()}
            visit = stream.child("visit", int(day))
            sitting = Sitting(outputs, patients, keys, self.bank.stream, visit)
            found.append(reading_of(self.asked.endpoint.variable, sitting))
        return np.column_stack(found)

    def _habits(self, people: Positions) -> DiaryHabits:
        habits = self.bank.habits.take(people)
        if self.everything_seen:
            return replace(habits, missing_share=np.zeros(len(people)))
        return habits

    def _shift(self, belief: Belief, sequence: int, keys: Positions, stream: Stream) -> Numbers:
        """Return the shift of reported pain by those who believe to be on an active arm, (m, n_days)."""
        share = stream.child("belief").uniforms(keys, len(self.asked.starts))
        shift = np.zeros((len(keys), len(self.times)))
        for period, start in enumerate(self.asked.starts):
            believes = share[:, period] < belief.share[sequence, period]
            shift[:, self.times >= start] = belief.shift_nrs * believes[:, None]
        return shift

    def _hidden(self, events: Events) -> NDArray[np.bool_]:
        """Return which days are not seen or not used, (m, n_days)."""
        estimand = self.asked.estimand
        until = np.full(len(events.lost), np.inf) if self.everything_seen else events.lost
        if estimand.stopping in HIDES:
            until = np.minimum(until, events.stopped)
        if estimand.rescue in HIDES:
            until = np.minimum(until, events.rescued)
        return np.asarray(self.times[None, :] > until[:, None])

    def _columns(self, window: slice) -> NDArray[np.int64]:
        """Return where the days of a window stand among the days that count."""
        return np.searchsorted(self.asked.days, np.arange(window.start, window.stop))

    def _window_mean(self, daily: Numbers, window: slice, start: float, events: Events) -> Numbers:
        """Return the mean over a window; while on treatment, over as many days before the event."""
        plain = mean_of_filled(daily[:, self._columns(window)])
        estimand = self.asked.estimand
        until = np.full(len(daily), np.inf)
        if estimand.stopping is Strategy.WHILE_ON_TREATMENT:
            until = events.stopped
        if estimand.rescue is Strategy.WHILE_ON_TREATMENT:
            until = np.minimum(until, events.rescued)
        early = np.flatnonzero((until < window.stop) & (until > start))
        if not len(early):
            return plain
        length = window.stop - window.start
        last = np.minimum(until[early], window.stop)[:, None]
        near = (self.times > last - length) & (self.times <= last) & (self.times > start)
        plain[early] = mean_of_filled(np.where(near, daily[early], np.nan))
        return plain

    def _failed(self, value: Numbers, baseline: Numbers, events: Events, end: int) -> Numbers:
        """Return values with the baseline, no change, where an event by then counts as failure."""
        return np.where(failures(self.asked.estimand, events, end), baseline, value)

    def _transformed(self, endpoint: Numbers, baseline: Numbers, events: Events) -> Numbers:
        """Return endpoints on the protocol's scale: values, changes, or responders as 1 and 0."""
        asked = self.asked.endpoint
        if asked.scale == "change":
            return endpoint - baseline[:, None]
        if asked.responder is None:
            return endpoint
        share = 1.0 - asked.responder.reduction_percent / 100
        # A mean of whole ratings may miss the cut by rounding alone.
        responds = np.where(np.isnan(endpoint), np.nan, endpoint <= baseline[:, None] * share + 1e-9)
        for period, window in enumerate(self.asked.windows):
            failed = failures(self.asked.estimand, events, window.stop)
            responds[failed, period] = 0.0
        return responds


def _over_last(values: Numbers | NDArray[np.bool_], days: int) -> Numbers:
    """Return sums over so many days in a row, by the last of them, (m, n) -> (m, n - days + 1)."""
    total = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    return total[:, days:] - total[:, :-days]


def failures(estimand: Estimand, events: Events, end: int) -> NDArray[np.bool_]:
    """Return who failed by the end of a study day under the composite strategies, (m,)."""
    failed = np.zeros(len(events.lost), dtype=bool)
    if estimand.stopping is Strategy.COMPOSITE:
        failed |= events.stopped < end
    if estimand.rescue is Strategy.COMPOSITE:
        failed |= events.rescued < end
    if estimand.loss is Strategy.COMPOSITE:
        failed |= events.lost < end
    return failed
