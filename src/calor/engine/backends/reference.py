"""The reference backend: one patient at a time, on the interpreter, with scipy's LSODA. Slow and clear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress, Silent
from calor.engine.backends.reference_patient import Patient, PatientFailure
from calor.engine.backends.reference_summaries import Accumulator
from calor.engine.batch import Batch, BatchResult, Numbers, Options, Status
from calor.engine.calendar import Calendar
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.program import Program


@dataclass(frozen=True)
class ReferenceKernel:
    """A program that simulates patients one after another; implements `Kernel`."""

    program: Program

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in the order of `BatchResult.final_states`."""
        return self.program.state_names

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""
        return self.program.parameter_names

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep: states, parameters and assigned quantities."""
        return self.program.output_names

    def simulate(
        self, batch: Batch, options: Options | None = None, progress: Progress | None = None
    ) -> BatchResult:
        """Simulate every patient of the batch; raises ValueError for a name the model lacks."""
        options, progress = options or Options(), progress or Silent()
        n, n_times = batch.n_patients, batch.save_at.shape[-1]
        wanted = [_position(self.output_names, name, "output") for name in batch.outputs]
        result = BatchResult(
            outputs=np.full((n, n_times, len(wanted)), np.nan),
            summaries=np.full((n, len(batch.summaries)), np.nan),
            final_states=np.full((n, len(self.state_names)), np.nan),
            state_names=self.state_names,
            status=np.full(n, Status.STOPPED, dtype=np.int64),
            steps=np.zeros(n, dtype=np.int64),
        )
        parameters, states = self._initial(batch)
        progress.start("simulating", n)
        for row in range(n):
            if progress.stop_requested:
                break
            patient = Patient(
                self.program,
                parameters[row],
                states[row],
                self._aligned(batch, row),
                batch.start,
                _horizon(batch, row),
                options,
                tuple(
                    Accumulator(summary, _position(self.output_names, summary.output, "output"))
                    for summary in batch.summaries
                ),
            )
            _follow(patient, _save_at(batch, row), wanted, row, result)
            progress.advance()
        return result

    def _initial(self, batch: Batch) -> tuple[Numbers, Numbers]:
        """Return every patient's parameters and initial states, (n_patients, ...)."""
        n = batch.n_patients
        parameters = np.tile(np.array(self.program.parameter_values, dtype=np.float64), (n, 1))
        for column, name in enumerate(batch.parameter_names):
            parameters[:, _position(self.parameter_names, name, "parameter")] = batch.parameters[:, column]
        start, nothing = np.full(n, batch.start), np.zeros((len(self.state_names), n))
        states = Interpreter(self.program, "initial")(start, nothing, parameters.T)["initial"].T.copy()
        if batch.states is not None:
            for column, name in enumerate(batch.state_names):
                states[:, _position(self.state_names, name, "state")] = batch.states[:, column]
        return parameters, states

    def _aligned(self, batch: Batch, row: int) -> Calendar:
        """Return a patient's calendar with targets that are positions among the program's states."""
        calendar = batch.calendars[row if len(batch.calendars) > 1 else 0]
        if len(calendar) and calendar.times[0] < batch.start:
            raise ValueError(
                f"a calendar has an entry at {calendar.times[0]}, before the start {batch.start}"
            )
        if not calendar.states:
            return calendar
        places = np.array([_position(self.state_names, name, "state") for name in calendar.states])
        targets = places[calendar.targets]
        return Calendar(calendar.times, calendar.actions, targets, calendar.values, self.state_names)


def _follow(patient: Patient, save_at: Numbers, wanted: list[int], row: int, result: BatchResult) -> None:
    """Take one patient through its times and write its row of the result."""
    try:
        for column, time in enumerate(save_at):
            result.outputs[row, column] = patient.outputs_at(float(time))[wanted]
        patient.finish()
        result.summaries[row] = [accumulator.result() for accumulator in patient.accumulators]
        result.final_states[row] = patient.states[: len(result.state_names)]
        result.status[row] = Status.FINISHED
    except PatientFailure as failure:
        result.status[row] = failure.status
    result.steps[row] = patient.steps


def _save_at(batch: Batch, row: int) -> Numbers:
    return batch.save_at if batch.save_at.ndim == 1 else batch.save_at[row]


def _horizon(batch: Batch, row: int) -> float:
    """Return the last time asked for."""
    last = float(_save_at(batch, row)[-1]) if batch.save_at.shape[-1] else batch.start
    return max([batch.start, last, *(summary.end for summary in batch.summaries)])


def _position(names: tuple[str, ...], name: str, what: str) -> int:
    if name not in names:
        raise ValueError(f"the model has no {what} {name!r}; it has {', '.join(names[:20])}")
    return names.index(name)
