"""Records of one patient -> a calendar and the times to save, in an order that ties cannot upset.

At a tie the file's order holds; what earlier rows cause (additional and lagged doses, the end of an
infusion) comes before every row of that time. An observation that stands before a dose of its own time
must not see it: the calendar's entries then move by one unit in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from calor.core.errors import ReportedError
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.covariates import NO_COVARIATES, Covariates
from calor.engine.dosing.doses import Entry, constant_rate_of, dose_of
from calor.engine.dosing.records import Event, Record, Steady, additional_before
from calor.engine.dosing.steady import SteadyStates

CAUSED_EARLIER = -1
"""The rank, at a tie, of what earlier rows cause."""

SAME_TIME = 1e-10
"""Two times closer than this, relative to their size, are the same: 3 x 0.1 is 0.3."""


@dataclass(frozen=True)
class Leg:
    """What is simulated in one go: a calendar, and the times (n,) and record positions (n,) to save.

    A record that resets time begins a new course, since nothing before it matters any more. `covariates` are
    the values at its start.
    """

    start: float
    calendar: Calendar
    times: tuple[float, ...]
    positions: tuple[int, ...]
    covariates: tuple[float | None, ...] = ()


@dataclass
class _Timeline:
    """Entries and observations on their way into a course, with the rank that orders ties."""

    start: float
    covariates: tuple[float | None, ...] = ()
    entries: list[tuple[float, int, Entry]] = field(default_factory=list)
    observations: list[tuple[float, int, int]] = field(default_factory=list)

    def add(self, rank: int, entries: Sequence[Entry]) -> None:
        self.entries += [(entry[0], rank, entry) for entry in entries]

    def cancel_after(self, time: float) -> None:
        """Forget what earlier rows would cause after `time`: a reset ends it."""
        self.entries = [item for item in self.entries if item[0] <= time]


def expand(
    records: Sequence[Record],
    positions: Sequence[int],
    steady_at: Callable[[Record], SteadyStates] | None = None,
    covariates: Covariates = NO_COVARIATES,
) -> list[Leg]:
    """Return the courses of one patient's records.

    Arguments: all records; the positions of this patient's, in the file's order; what finds steady states at
    a record (needed only where SS is used; ValueError without it); and how covariates enter the model.
    """
    times = sorted({records[position].time for position in positions})
    timelines: list[_Timeline] = []
    before: Record | None = None
    for rank, position in enumerate(positions):
        record = records[position]
        if before is None or (record.time < before.time and record.is_reset):
            timelines.append(_Timeline(record.time, record.covariates))
            before = None
        timeline = timelines[-1]
        timeline.add(rank, covariates.changes(before, record))
        before = record
        if record.event == Event.OBSERVATION:
            timeline.observations.append((record.time, rank, position))
        if record.is_reset:
            timeline.cancel_after(record.time)
            timeline.add(rank, [(record.time, Action.RESET, "", 0.0)])
        if record.is_dose and record.steady != Steady.NO:
            _add_steady_state(timeline, record, rank, steady_at)
        if record.is_reset or (record.is_dose and record.steady == Steady.REPLACE):
            timeline.add(rank, covariates.restored(record))
        if record.changes_state:
            action = Action.SET if record.event == Event.REPLACE else Action.SCALE
            timeline.add(rank, [(record.time, action, record.state, record.amount)])
        if record.is_dose and not record.is_constant_infusion:
            _add_doses(timeline, record, rank, times)
    return [_course(timeline) for timeline in timelines]


def _add_steady_state(
    timeline: _Timeline, record: Record, rank: int, steady_at: Callable[[Record], SteadyStates] | None
) -> None:
    if steady_at is None:
        raise ValueError("steady-state doses need a kernel to find the steady state")
    if record.steady == Steady.REPLACE:
        timeline.cancel_after(record.time)
        timeline.add(rank, [(record.time, Action.RESET, "", 0.0)])
    try:
        timeline.add(rank, _steady_entries(record, steady_at(record)))
    except ReportedError as error:
        raise error.at(record.file, record.line, f"ID {record.patient}") from None


def _add_doses(timeline: _Timeline, record: Record, rank: int, times: Sequence[float]) -> None:
    """Add the doses of a record; those that arrive after the last record's time matter to no observation."""
    dose = dose_of(record)
    for repeat in range(1 + additional_before(record, times[-1])):
        arrival = _snapped(record.time + repeat * record.interval + record.lag, times)
        own_time = repeat == 0 and record.lag == 0
        entries = dose.entries(arrival)
        timeline.add(rank if own_time else CAUSED_EARLIER, entries[:1])
        timeline.add(CAUSED_EARLIER, entries[1:])


def _steady_entries(record: Record, steady: SteadyStates) -> list[Entry]:
    """Return the entries that bring the steady state about: states, running infusions, lagged doses."""
    now = record.time
    action = Action.SET if record.steady == Steady.REPLACE else Action.ADD
    if record.is_constant_infusion:
        states = steady.constant(record.state, constant_rate_of(record), now)
        return [(now, action, n, float(x)) for n, x in zip(steady.kernel.state_names, states, strict=True)]
    dose, interval, lag = dose_of(record), record.interval, record.lag
    on_their_way = math.floor(lag / interval)
    elapsed = (on_their_way + 1) * interval - lag
    states = steady.periodic(dose, interval, elapsed, now)
    entries: list[Entry] = [
        (now, action, name, float(x)) for name, x in zip(steady.kernel.state_names, states, strict=True)
    ]
    end = dose.duration - elapsed
    while end > SAME_TIME * interval:
        entries += [
            (now, Action.RATE, dose.state, dose.rate),
            (now + end, Action.RATE, dose.state, -dose.rate),
        ]
        end -= interval
    for ago in range(1, on_their_way + 1):
        entries += dose.entries(now + lag - ago * interval)
    return entries


def _snapped(time: float, times: Sequence[float]) -> float:
    """Return the record time that a computed time means to be, or the time itself."""
    i = int(np.searchsorted(times, time))
    for near in times[max(i - 1, 0) : i + 1]:
        if abs(near - time) <= SAME_TIME * max(abs(near), abs(time)):
            return near
    return time


def _course(timeline: _Timeline) -> Leg:
    """Put entries and observations in order, and make that order one of time alone."""
    marked: list[tuple[float, int, Entry | None, int]] = [
        *((time, rank, entry, -1) for time, rank, entry in timeline.entries),
        *((time, rank, None, position) for time, rank, position in timeline.observations),
    ]
    marked.sort(key=lambda item: item[:2])
    entries: list[Entry] = []
    times: list[float] = []
    positions: list[int] = []
    now, moved = -math.inf, -math.inf
    for time, _, entry, position in marked:
        if time > now:
            now, moved = time, max(time, moved)
        if entry is None:
            times.append(moved)
            positions.append(position)
        else:
            if times and times[-1] == moved:
                moved = _just_after(moved)
            entries.append((moved, *entry[1:]))
    calendar = Calendar.of(*entries)
    return Leg(timeline.start, calendar, tuple(times), tuple(positions), timeline.covariates)


def _just_after(time: float) -> float:
    return time + max(float(np.spacing(abs(time))), 1e-200)
