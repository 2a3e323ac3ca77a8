"""The reference backend: one patient at a time, on the interpreter, with scipy's LSODA. Slow and clear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress, stop_if_requested
from calor.engine.backends.names import calendar_targets, check_batch, slots
from calor.engine.backends.reference_patient import Patient, PatientFailure
from calor.engine.backends.reference_summaries import Accumulator
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Options, Status
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
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate every patient of the batch, one after another.

        Raises InputError for a name that the model lacks and for numbers that are not finite; Stopped where
        the watcher asked for it.
        """
        check_batch(self.program, batch)
        n, n_times = batch.n_patients, batch.save_at.shape[-1]
        wanted = slots(batch.outputs, self.output_names).tolist()
        summarised = slots([summary.output for summary in batch.summaries], self.output_names).tolist()
        result = BatchResult(
            outputs=np.full((n, n_times, len(wanted)), np.nan),
            summaries=np.full((n, len(batch.summaries)), np.nan),
            final_states=np.full((n, len(self.state_names)), np.nan),
            state_names=self.state_names,
            status=np.full(n, Status.STOPPED, dtype=np.int64),
            steps=np.zeros(n, dtype=np.int64),
            reached=batch.starts.copy(),
        )
        parameters, states = self._initial(batch)
        progress.start("simulating", n)
        for row in range(n):
            stop_if_requested(progress)
            patient = Patient(
                program=self.program,
                parameters=parameters[row],
                states=states[row],
                calendar=_aligned(batch.calendars[row if len(batch.calendars) > 1 else 0], self.program),
                time=float(batch.starts[row]),
                horizon=_horizon(batch, row),
                options=options,
                accumulators=tuple(map(Accumulator, batch.summaries, summarised)),
                stop_if_requested=lambda: stop_if_requested(progress),
            )
            _follow(patient, _save_at(batch, row), wanted, row, result)
            progress.advance()
        return result

    def _initial(self, batch: Batch) -> tuple[Numbers, Numbers]:
        """Return every patient's parameters and initial states, (n_patients, ...)."""
        n = batch.n_patients
        parameters = np.tile(np.array(self.program.parameter_values, dtype=np.float64), (n, 1))
        parameters[:, slots(batch.parameter_names, self.parameter_names)] = batch.parameters
        nothing = np.zeros((len(self.state_names), n))
        states = Interpreter(self.program, "initial")(batch.starts, nothing, parameters.T)["initial"].T.copy()
        if batch.states is not None:
            states[:, slots(batch.state_names, self.state_names)] = batch.states
        return parameters, states


def _aligned(calendar: Calendar, program: Program) -> Calendar:
    """Return a calendar whose targets are positions among a model's states; raises InputError."""
    targets = calendar_targets(calendar, program.state_names)
    for target in sorted(program.determined.intersection(targets.tolist())):
        raise InputError.of(
            f"{program.state_names[target]} follows from an algebraic rule: it takes no dose",
            hint="give the dose into something that the rule uses",
        )
    return Calendar(calendar.times, calendar.actions, targets, calendar.values, program.state_names)


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
    result.steps[row], result.reached[row] = patient.steps, patient.time


def _save_at(batch: Batch, row: int) -> Numbers:
    return batch.save_at if batch.save_at.ndim == 1 else batch.save_at[row]


def _horizon(batch: Batch, row: int) -> float:
    """Return the last time asked for."""
    start = float(batch.starts[row])
    last = float(_save_at(batch, row)[-1]) if batch.save_at.shape[-1] else start
    return max([start, last, *(summary.end for summary in batch.summaries)])
