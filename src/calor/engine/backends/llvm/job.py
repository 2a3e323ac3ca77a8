"""A batch as the table of addresses, counts and settings that the compiled code reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from calor.engine.backends.llvm.layout import FLAGS, KINDS, Job
from calor.engine.backends.names import calendar_targets, check_batch, slots
from calor.engine.batch import Batch, BatchResult, Options, Status
from calor.engine.calendar import Calendar, Calendars
from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import Operator

RESULTS = (Job.OUTPUTS, Job.SUMMARIES, Job.FINAL_STATES, Job.STATUS, Job.STEPS, Job.REACHED)
"""The arrays that the code writes for whoever asked."""


class Task:
    """One call of `simulate`: the table, and the arrays that its addresses point into, by slot.

    Arguments: the program, the batch, the options, and the names of all observed quantities, the batch's
    outputs first. Raises InputError for a name that the model lacks or a number that is not finite.
    """

    def __init__(self, program: Program, batch: Batch, options: Options, observed: Sequence[str]) -> None:
        check_batch(program, batch)
        n, n_times = batch.n_patients, batch.save_at.shape[-1]
        self._program, self._batch = program, batch
        self.arrays: dict[Job, NDArray[np.generic]] = {}
        self.table = np.zeros(len(Job), dtype=np.int64)
        self.next_patient, self.finished, self.stop = (np.zeros(1, dtype=np.int64) for _ in range(3))
        self.outputs = np.full((n, n_times, len(batch.outputs)), np.nan)
        self.summaries = np.full((n, len(batch.summaries)), np.nan)
        self.final_states = np.full((n, len(program.state_names)), np.nan)
        self.status = np.full(n, int(Status.STOPPED), dtype=np.int64)
        self.steps = np.zeros(n, dtype=np.int64)
        self.reached = batch.starts.copy()
        self._point(Job.NEXT_PATIENT, self.next_patient)
        self._point(Job.FINISHED, self.finished)
        self._point(Job.STOP, self.stop)
        self._point(Job.OUTPUTS, self.outputs)
        self._point(Job.FINAL_STATES, self.final_states)
        self._point(Job.STATUS, self.status)
        self._point(Job.STEPS, self.steps)
        self._point(Job.REACHED, self.reached)
        self.table[Job.N_PATIENTS] = n
        self.table[Job.N_OUTPUTS] = len(batch.outputs)
        self._set_options(options)
        self._set_starting_values(batch)
        self._set_times(batch, n_times)
        self._set_calendars(batch.calendars, n)
        self._set_summaries(batch, observed)

    @property
    def n_bytes(self) -> int:
        """What the arrays take in memory."""
        return sum(array.nbytes for array in self.arrays.values())

    def result(self) -> BatchResult:
        """Return what the compiled code wrote."""
        return BatchResult(
            outputs=self.outputs,
            summaries=self.summaries,
            final_states=self.final_states,
            state_names=self._program.state_names,
            status=self.status,
            steps=self.steps,
            reached=self.reached,
        )

    def _point(self, slot: Job, array: NDArray[np.generic]) -> None:
        self.arrays[slot] = array
        self.table[slot] = array.ctypes.data

    def _number(self, slot: Job, value: float) -> None:
        self.table[slot] = np.float64(value).view(np.int64)

    def _set_options(self, options: Options) -> None:
        self._number(Job.RTOL, options.rtol)
        self._number(Job.ATOL, options.atol)
        self.table[Job.MAX_STEPS] = options.max_steps

    def _set_starting_values(self, batch: Batch) -> None:
        program = self._program
        self._point(Job.STARTS, np.ascontiguousarray(batch.starts))
        self._point(Job.DEFAULTS, np.array(program.parameter_values, dtype=np.float64))
        self._point(Job.PARAMETERS, np.ascontiguousarray(batch.parameters, dtype=np.float64))
        self._point(Job.PARAMETER_SLOTS, slots(batch.parameter_names, program.parameter_names))
        self.table[Job.N_PARAMETERS] = len(batch.parameter_names)
        states = np.zeros((batch.n_patients, 0)) if batch.states is None else batch.states
        self._point(Job.STATES, np.ascontiguousarray(states, dtype=np.float64))
        self._point(Job.STATE_SLOTS, slots(batch.state_names, program.state_names))
        self.table[Job.N_STATES] = len(batch.state_names)

    def _set_times(self, batch: Batch, n_times: int) -> None:
        self._point(Job.SAVE_AT, np.ascontiguousarray(batch.save_at, dtype=np.float64))
        self.table[Job.SAVE_STRIDE] = n_times if batch.save_at.ndim == 2 else 0
        self.table[Job.N_TIMES] = n_times

    def _set_summaries(self, batch: Batch, observed: Sequence[str]) -> None:
        summaries, program = batch.summaries, self._program
        self.table[Job.N_OBSERVED] = len(observed)
        self.table[Job.N_SUMMARIES] = len(summaries)
        self._number(Job.SUMMARY_FIRST, min((s.start for s in summaries), default=np.inf))
        self._number(Job.END, max((s.end for s in summaries), default=-np.inf))
        self._point(Job.SUMMARIES, self.summaries)
        followed = _followed(program, observed)
        self.table[Job.FOLLOWED] = sum({1 << min(state, FLAGS) for state in followed})
        self.table[Job.SUMMARIES_FOLLOW] = bool(_followed(program, {s.output for s in summaries}))
        positions = np.array([observed.index(s.output) for s in summaries], dtype=np.int64)
        kinds = np.array([KINDS.index(s.kind) for s in summaries], dtype=np.int64)
        self._point(Job.SUMMARY_OUTPUT, positions)
        self._point(Job.SUMMARY_KIND, kinds)
        self._point(Job.SUMMARY_START, np.array([s.start for s in summaries], dtype=np.float64))
        self._point(Job.SUMMARY_END, np.array([s.end for s in summaries], dtype=np.float64))
        self._point(Job.SUMMARY_THRESHOLD, np.array([s.threshold for s in summaries], dtype=np.float64))

    def _set_calendars(self, calendars: Sequence[Calendar], n: int) -> None:
        """Lay the calendars end to end; one that several patients share is laid once."""
        if isinstance(calendars, Calendars):
            self._lay_table(calendars)
            return
        position: dict[int, int] = {}
        for calendar in calendars:
            position.setdefault(id(calendar), len(position))
        distinct = list({id(calendar): calendar for calendar in calendars}.values())
        of_patient = np.array([position[id(calendar)] for calendar in calendars], dtype=np.int64)
        first = np.concatenate([[0], np.cumsum([len(calendar) for calendar in distinct])]).astype(np.int64)
        self._point(Job.CALENDAR_OF, of_patient if len(of_patient) == n else np.repeat(of_patient, n))
        self._point(Job.CALENDAR_FIRST, first)
        times = np.concatenate([calendar.times for calendar in distinct])
        self._point(Job.ENTRY_TIMES, times.astype(np.float64))
        self._point(Job.ENTRY_ACTIONS, np.concatenate([c.actions for c in distinct]).astype(np.int64))
        self._point(Job.ENTRY_VALUES, np.concatenate([c.values for c in distinct]).astype(np.float64))
        targets = [calendar_targets(calendar, self._program.state_names) for calendar in distinct]
        self._point(Job.ENTRY_TARGETS, np.concatenate(targets).astype(np.int64))

    def _lay_table(self, calendars: Calendars) -> None:
        """Lay calendars that differ in their values only."""
        pattern, (rows, entries) = calendars.pattern, calendars.values.shape
        alone = rows == 1
        self._point(Job.CALENDAR_OF, np.zeros(len(calendars), dtype=np.int64) if alone else np.arange(rows))
        self._point(Job.CALENDAR_FIRST, np.arange(rows + 1) * entries)
        self._point(Job.ENTRY_TIMES, np.tile(pattern.times.astype(np.float64), rows))
        self._point(Job.ENTRY_ACTIONS, np.tile(pattern.actions.astype(np.int64), rows))
        self._point(Job.ENTRY_VALUES, np.ascontiguousarray(calendars.values, dtype=np.float64))
        self._point(Job.ENTRY_TARGETS, np.tile(calendar_targets(pattern, self._program.state_names), rows))


def _followed(program: Program, names: Collection[str]) -> set[int]:
    """Return the leading states that some outputs are made of."""
    positions = (program.groups["outputs"][program.output_names.index(name)] for name in names)
    needed = (program.operations[position] for position in program.needed_by(positions))
    return {each.slot for each in needed if each.operator is Operator.STATE and each.slot < program.leading}
