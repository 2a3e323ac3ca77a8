"""Calendars: what happens to a patient's states at known times, in one order that never changes.

A calendar is the expanded form of dosing records and procedures. It knows states by name and time in the
model's unit, and nothing of drugs. Entries at the same time act in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers


class Action(IntEnum):
    """What one entry does to its target state.

    `ADD`: state += value. `RATE`: the state's forcing rate += value (an infusion is +r, later -r).
    `SCALE`: state *= value. `SET`: state = value. `RESET`: the patient begins anew: every state returns to
    its initial value, every forcing rate to zero, and events to what they are at a start (no execution
    waits, triggers count as before it); the target is ignored.
    """

    ADD = 0
    RATE = 1
    SCALE = 2
    SET = 3
    RESET = 4


AT_ONCE, SHORTEST = 1e-9, 1e-150
"""An infusion shorter than this part of the time at which it begins, or than this, arrives at once."""


def infusion_length(start: float, length: float) -> float:
    """Return how long an infusion lasts between two floating-point times, 0 where it arrives at once.

    What arrives is the rate times this length: a rate from the length as written would give more or less,
    and nothing where the length is less than the distance of two times.
    """
    if length <= AT_ONCE * abs(start) + SHORTEST:
        return 0.0
    return (start + length) - start


@dataclass(frozen=True)
class Calendar:
    """The entries of one patient, sorted by time (stable: ties keep their order).

    Arguments: times (m,) in the model's unit of time, actions (m,), the target's position in `states` (m,),
    values (m,), and the names of the states that entries may act on.
    """

    times: Numbers
    actions: NDArray[np.int64]
    targets: NDArray[np.int64]
    values: Numbers
    states: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.times), len(self.actions), len(self.targets), len(self.values)}
        if len(lengths) != 1:
            raise ValueError(f"the columns of a calendar have different lengths: {sorted(lengths)}")
        if not (np.all(np.isfinite(self.times)) and np.all(np.isfinite(self.values))):
            raise ValueError("a calendar holds a number that is not finite")
        if np.any(np.diff(self.times) < 0):
            raise ValueError("the entries of a calendar must be sorted by time")

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def empty(cls) -> Calendar:
        """Return a calendar on which nothing happens."""
        none = np.zeros(0)
        return cls(none, none.astype(np.int64), none.astype(np.int64), none, ())

    @classmethod
    def of(cls, *entries: tuple[float, Action, str, float]) -> Calendar:
        """Return a calendar from (time, action, state, value) entries in any order of time."""
        ordered = sorted(entries, key=lambda entry: entry[0])
        states = tuple(dict.fromkeys(entry[2] for entry in ordered))
        return cls(
            np.array([entry[0] for entry in ordered], dtype=np.float64),
            np.array([int(entry[1]) for entry in ordered], dtype=np.int64),
            np.array([states.index(entry[2]) for entry in ordered], dtype=np.int64),
            np.array([entry[3] for entry in ordered], dtype=np.float64),
            states,
        )

    def later(self, by: float) -> Calendar:
        """Return the calendar with every entry moved later by a time."""
        return Calendar(self.times + by, self.actions, self.targets, self.values, self.states)

    def then(self, other: Calendar) -> Calendar:
        """Return both calendars in one; at a tie this one's entries act first."""
        states = tuple(dict.fromkeys((*self.states, *other.states)))
        position = np.array([states.index(name) for name in other.states], dtype=np.int64)
        times = np.concatenate([self.times, other.times])
        order = np.argsort(times, kind="stable")
        targets = np.concatenate([self.targets, position[other.targets] if len(other) else other.targets])
        return Calendar(
            times[order],
            np.concatenate([self.actions, other.actions])[order],
            targets[order],
            np.concatenate([self.values, other.values])[order],
            states,
        )


@dataclass(frozen=True)
class Calendars(Sequence[Calendar]):
    """Calendars of many patients that differ in the values of their entries only, kept as one table.

    Arguments: the first patient's calendar; the values (n_patients, m), or (1, m) where all are equal; and
    the number of patients.
    """

    pattern: Calendar
    values: Numbers
    n_patients: int

    def __post_init__(self) -> None:
        if self.values.shape not in {(1, len(self.pattern)), (self.n_patients, len(self.pattern))}:
            raise ValueError(f"{self.values.shape} values for {self.n_patients} calendars")
        if len(self.values) and not np.array_equal(self.pattern.values, self.values[0], equal_nan=True):
            raise ValueError("the pattern of calendars is the first of them")
        if not np.all(np.isfinite(self.values)):
            raise ValueError("a calendar holds a number that is not finite")

    @classmethod
    def shared(cls, calendar: Calendar, n_patients: int) -> Calendars:
        """Return one calendar for many patients."""
        return cls(calendar, calendar.values[None], n_patients)

    def __len__(self) -> int:
        return self.n_patients

    @overload
    def __getitem__(self, index: int) -> Calendar: ...

    @overload
    def __getitem__(self, index: slice) -> list[Calendar]: ...

    def __getitem__(self, index: int | slice) -> Calendar | list[Calendar]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self.n_patients))]
        row = range(self.n_patients)[index]
        return self.pattern if len(self.values) == 1 else replace(self.pattern, values=self.values[row])


def some_of(calendars: Sequence[Calendar], rows: NDArray[np.int64]) -> Sequence[Calendar]:
    """Return the calendars of some patients."""
    if not isinstance(calendars, Calendars):
        return [calendars[row] for row in rows]
    if len(calendars.values) == 1 or not len(rows):
        return Calendars.shared(calendars.pattern, len(rows))
    values = calendars.values[rows]
    return Calendars(replace(calendars.pattern, values=values[0]), values, len(rows))


def delayed(calendars: Sequence[Calendar], by: float) -> Sequence[Calendar]:
    """Return calendars with every entry moved later by a time."""
    if isinstance(calendars, Calendars):
        return replace(calendars, pattern=calendars.pattern.later(by))
    return [calendar.later(by) for calendar in calendars]


def in_turn(first: Sequence[Calendar], second: Sequence[Calendar]) -> Sequence[Calendar]:
    """Return both calendars of every patient in one; at a tie the first one's entries act first."""
    if not (isinstance(first, Calendars) and isinstance(second, Calendars)):
        return [before.then(after) for before, after in zip(first, second, strict=True)]
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} calendars")
    rows = max(len(first.values), len(second.values))
    both = [np.broadcast_to(part.values, (rows, len(part.pattern))) for part in (first, second)]
    order = np.argsort(np.concatenate([first.pattern.times, second.pattern.times]), kind="stable")
    values = np.concatenate(both, axis=1)[:, order]
    return Calendars(first.pattern.then(second.pattern), values, len(first))
