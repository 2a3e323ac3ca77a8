"""What every backend asks of a batch first: that the model knows its names and its numbers are finite."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calor.core.errors import InputError
from calor.engine.batch import Batch
from calor.engine.calendar import Action, Calendar, Calendars
from calor.engine.ir.program import Program

Whole = NDArray[np.int64]


def check_batch(program: Program, batch: Batch) -> None:
    """Raise InputError for a name that the model lacks, a number that is not finite, or too early a time."""
    for names, known, what in (
        (batch.parameter_names, program.parameter_names, "parameter"),
        (batch.state_names if batch.states is not None else (), program.state_names, "state"),
        ((*batch.outputs, *(s.output for s in batch.summaries)), program.output_names, "output"),
    ):
        absent = [name for name in names if name not in known]
        if absent:
            raise _unknown(absent, known, what)
    for values, names, what in (
        (batch.parameters, batch.parameter_names, "parameter"),
        (batch.states, batch.state_names, "initial state"),
    ):
        if values is not None and not np.all(np.isfinite(values)):
            patient, column = np.argwhere(~np.isfinite(values))[0]
            raise InputError.of(
                f"the {what} {names[column]} of patient {patient} is {values[patient, column]}",
                allowed="a finite number",
            )
    if not (np.all(np.isfinite(batch.starts)) and np.all(np.isfinite(batch.save_at))):
        raise InputError.of("the start and the times to save must be finite numbers")
    latest = float(batch.starts.max(initial=-math.inf))
    early = [s for s in batch.summaries if s.start < latest]
    if early:
        raise InputError.of(
            f"the window of the {early[0].kind} of {early[0].output} begins at {early[0].start:g}, "
            f"before the start at {latest:g}"
        )
    _check_first_entries(batch)


def _check_first_entries(batch: Batch) -> None:
    """Raise InputError for an entry before its patient's start."""
    calendars = [batch.calendars.pattern] if isinstance(batch.calendars, Calendars) else batch.calendars
    firsts = np.array([calendar.times[0] if len(calendar) else math.inf for calendar in calendars])
    early = np.flatnonzero(firsts < batch.starts)
    if len(early):
        first, start = np.broadcast_to(firsts, batch.n_patients)[early[0]], batch.starts[early[0]]
        raise InputError.of(f"a calendar has an entry at {first:g}, before the start at {start:g}")


def calendar_targets(calendar: Calendar, state_names: Sequence[str]) -> Whole:
    """Return the positions among a model's states that entries act on; a reset has no target."""
    places = np.array([_slot_or_none(name, state_names) for name in calendar.states] or [0], dtype=np.int64)
    targets = np.where(calendar.actions == Action.RESET, 0, calendar.targets)
    acting = np.where(calendar.actions == Action.RESET, 0, places[targets])
    if np.any(acting < 0):
        raise _unknown([calendar.states[int(targets[np.argmin(acting)])]], state_names, "state")
    return np.asarray(acting)


def _unknown(absent: Sequence[str], known: Sequence[str], what: str) -> InputError:
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    hint = "what nothing in the model changes is a parameter: it takes no dose" if what == "state" else None
    return InputError.of(f"the model has no {what} {', '.join(absent)}", allowed=shown, hint=hint)


def slots(names: Sequence[str], known: Sequence[str]) -> Whole:
    """Return the position of each name among those known."""
    position = {name: i for i, name in enumerate(known)}
    return np.array([position[name] for name in names], dtype=np.int64)


def _slot_or_none(name: str, known: Sequence[str]) -> int:
    return known.index(name) if name in known else -1
