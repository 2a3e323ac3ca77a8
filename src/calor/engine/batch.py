"""A batch: many patients of one model, what to simulate for them, and what comes back.

Every backend takes a `Batch` and returns a `BatchResult`; the contract suite in `tests/contracts` holds
them to the same answers. A patient that fails is reported by its status and disturbs no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.engine.calendar import Calendar, some_of
from calor.engine.ir.program import Program


class Status(IntEnum):
    """How the simulation of one patient ended."""

    FINISHED = 0
    STEP_LIMIT = 1
    STEP_TOO_SMALL = 2
    NON_FINITE = 3
    SINGULAR = 4
    STOPPED = 5
    NO_ROOM_FOR_EVENTS = 6
    UNDEFINED = 7
    TOUCHING = 8
    NO_SOLUTION = 9
    NEGATIVE_DELAY = 10

    @property
    def message(self) -> str:
        """What to tell a person about it."""
        return _MESSAGES[self]

    @property
    def remedy(self) -> str | None:
        """What a person can do about it."""
        return _REMEDIES.get(self)


_MESSAGES = {
    Status.FINISHED: "finished",
    Status.STEP_LIMIT: "needed more steps than allowed",
    Status.STEP_TOO_SMALL: "needed a step smaller than the arithmetic resolves",
    Status.NON_FINITE: "reached a value that is not a finite number",
    Status.SINGULAR: "met a linear system that has no solution",
    Status.STOPPED: "was not finished because the run was stopped",
    Status.NO_ROOM_FOR_EVENTS: "had more delayed events waiting than the vector code has room for",
    Status.UNDEFINED: "came to where its rates are not defined",
    Status.NO_SOLUTION: "came to where an algebraic rule or the fast reactions have no solution",
    Status.NEGATIVE_DELAY: "came to where a delay() is negative, which asks for the future",
    Status.TOUCHING: "came to where the sides of an equality touch, or nearly,",
}

_LOOK_THERE = "look at the model near that time for "
_REMEDIES = {
    Status.STEP_LIMIT: f"{_LOOK_THERE}what changes very often, or allow a larger relative tolerance",
    Status.STEP_TOO_SMALL: f"{_LOOK_THERE}what grows without bound, or for a condition that undoes itself",
    Status.NON_FINITE: f"{_LOOK_THERE}a division by zero, a root or logarithm of what is negative, or what "
    "grows without bound",
    Status.SINGULAR: f"{_LOOK_THERE}a rate whose derivative is infinite",
    Status.UNDEFINED: f"{_LOOK_THERE}a root of what becomes negative, or guard it with a condition",
    Status.NO_SOLUTION: "look whether the rule can hold near the values before, and whether what is "
    "fast comes to rest",
    Status.NEGATIVE_DELAY: "keep the delay at zero or more, as max(0, ...) does",
    Status.TOUCHING: "no solution is exact enough to tell whether they do; ask with >= or <= what is passed",
    Status.NO_ROOM_FOR_EVENTS: f"{_LOOK_THERE}an event that happens ever more often",
}


@dataclass(frozen=True)
class Summary:
    """One number over a window of one output, computed while the patient is solved.

    Arguments: the kind, the output's name, and the window [start, end] in the model's unit of time.
    `mean`, `auc` (integral), `maximum`, `minimum`, `trough` (the value at the window's end), or
    `time_above` (how long the output lies above `threshold`).
    """

    kind: Literal["mean", "auc", "maximum", "minimum", "trough", "time_above"]
    output: str
    start: float
    end: float
    threshold: float = 0.0

    def __post_init__(self) -> None:
        if not self.end > self.start:
            raise ValueError(f"the window of a summary must have a length, got {self.start} to {self.end}")


@dataclass(frozen=True)
class Options:
    """How accurately and with what patience to solve.

    Arguments: the error allowed in a step, relative to what a state is (rtol) and to the largest that it has
    been in this patient (atol); the most steps; the number of threads. Neither tolerance has a unit; the rule
    stands in `calor.engine.methods.sizes`.
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    max_steps: int = 100_000
    threads: int | None = None  # None: as many as the work at hand may use cores


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True)
class Batch:
    """Patients and what to simulate for them.

    Arguments:
        save_at: times at which outputs are kept, shared (n_times,) or a row per patient
            (n_patients, n_times), never decreasing, none before the patient's start. At a time with calendar
            entries, the value after them is kept.
        outputs: names of states, parameters or assigned quantities to keep; may be empty.
        parameter_names, parameters: what differs from the model's values, (n_patients, n_names).
        state_names, states: initial states that differ from the model's, (n_patients, n_names).
        calendars: one per patient, or one shared by all.
        start: the time at which every patient begins, or each his own (n_patients,).
        summaries: numbers over windows of outputs. A patient runs to the last time asked for.
    """

    save_at: Numbers
    outputs: tuple[str, ...]
    parameter_names: tuple[str, ...] = ()
    parameters: Numbers = field(default_factory=lambda: np.zeros((1, 0)))
    state_names: tuple[str, ...] = ()
    states: Numbers | None = None
    calendars: Sequence[Calendar] = field(default_factory=lambda: (Calendar.empty(),))
    start: float | Numbers = 0.0
    summaries: tuple[Summary, ...] = ()

    @property
    def n_patients(self) -> int:
        """The number of patients."""
        return len(self.parameters)

    @property
    def observed(self) -> tuple[str, ...]:
        """Everything that is looked at: outputs, then what else summaries are made of."""
        return tuple(dict.fromkeys((*self.outputs, *(summary.output for summary in self.summaries))))

    @property
    def starts(self) -> Numbers:
        """The time at which each patient begins, (n_patients,)."""
        return np.broadcast_to(np.asarray(self.start, dtype=np.float64), self.n_patients)

    def __post_init__(self) -> None:
        n = self.n_patients
        if self.parameters.shape != (n, len(self.parameter_names)):
            raise ValueError(f"parameters must be ({n}, {len(self.parameter_names)})")
        if self.states is not None and self.states.shape != (n, len(self.state_names)):
            raise ValueError(f"states must be ({n}, {len(self.state_names)}), got {self.states.shape}")
        if len(self.calendars) not in (1, n):
            raise ValueError(f"{len(self.calendars)} calendars for {n} patients; give 1 or {n}")
        if self.save_at.ndim == 2 and len(self.save_at) != n:
            raise ValueError(f"save_at has {len(self.save_at)} rows for {n} patients")
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError(f"an output is named twice: {', '.join(self.outputs)}")
        if np.ndim(self.start) and np.shape(self.start) != (n,):
            raise ValueError(f"{np.shape(self.start)} starts for {n} patients; give 1 or ({n},)")
        if np.any(np.diff(self.save_at, axis=-1) < 0) or np.any(self.save_at < self._earliest_of_rows()):
            raise ValueError("save_at must not decrease, nor lie before the start")

    def _earliest_of_rows(self) -> Numbers | float:
        """Return what no time to save may lie before, in the shape of `save_at`'s rows."""
        if self.save_at.ndim == 2:
            return self.starts[:, None]
        return float(np.max(self.start)) if self.n_patients else -np.inf


@dataclass(frozen=True)
class BatchResult:
    """What came back, a row per patient in the batch's order.

    Arguments: outputs (n_patients, n_times, n_outputs); summaries (n_patients, n_summaries); the states at
    the end (n_patients, n_states) with their names; the status, the number of steps and the time reached,
    which is the last time asked for where the patient finished (n_patients,).
    Values of a patient that did not finish are NaN from where it failed; its status says why.
    """

    outputs: Numbers
    summaries: Numbers
    final_states: Numbers
    state_names: tuple[str, ...]
    status: NDArray[np.int64]
    steps: NDArray[np.int64]
    reached: Numbers

    def ending(self, row: int, time: float) -> str:
        """Return how a patient's simulation ended at a time, in words that follow "the simulation"."""
        return f"{Status(int(self.status[row])).message} at time {time:.10g}"


def rows_of(batch: Batch, rows: Sequence[int] | NDArray[np.int64]) -> Batch:
    """Return the batch of some patients of a batch."""
    chosen = np.asarray(rows, dtype=np.int64)
    calendars = batch.calendars
    return replace(
        batch,
        save_at=batch.save_at[chosen] if batch.save_at.ndim == 2 else batch.save_at,
        parameters=batch.parameters[chosen],
        states=None if batch.states is None else batch.states[chosen],
        start=batch.start[chosen]
        if isinstance(batch.start, np.ndarray) and batch.start.ndim
        else batch.start,
        calendars=calendars if len(calendars) == 1 else some_of(calendars, chosen),
    )


def joined(results: Sequence[BatchResult]) -> BatchResult:
    """Return the results of several batches as one, laid end to end."""

    def join(column: Callable[[BatchResult], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([column(result) for result in results])

    return replace(
        results[0],
        outputs=join(lambda result: result.outputs),
        summaries=join(lambda result: result.summaries),
        final_states=join(lambda result: result.final_states),
        status=join(lambda result: result.status),
        steps=join(lambda result: result.steps),
        reached=join(lambda result: result.reached),
    )


def some_results(result: BatchResult, rows: NDArray[np.int64]) -> BatchResult:
    """Return the result of some of the patients, by their rows."""
    return replace(
        result,
        outputs=result.outputs[rows],
        summaries=result.summaries[rows],
        final_states=result.final_states[rows],
        status=result.status[rows],
        steps=result.steps[rows],
        reached=result.reached[rows],
    )


class Kernel(Protocol):
    """A compiled model: the one thing a backend makes."""

    @property
    def program(self) -> Program:
        """The model's functions."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in the order of `BatchResult.final_states`."""

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep: states, parameters and assigned quantities."""

    def simulate(self, batch: Batch, options: Options = ..., progress: Progress = ...) -> BatchResult:
        """Simulate every patient of the batch; raises ValueError for a name the model lacks."""
