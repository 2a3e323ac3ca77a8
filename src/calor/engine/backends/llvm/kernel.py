"""A compiled model run over a batch: names resolved, arrays laid out, threads started and watched."""

from __future__ import annotations

import ctypes
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from calor.core import machine
from calor.core.arrays import Numbers
from calor.core.errors import UnsupportedError
from calor.core.progress import SILENT, Progress, stop_if_requested
from calor.engine.backends.llvm.job import Task
from calor.engine.backends.llvm.kept_code import KernelCode
from calor.engine.backends.llvm.layout import Job
from calor.engine.backends.names import check_batch
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Options, joined, rows_of
from calor.engine.calendar import Calendar, Calendars
from calor.engine.ir.program import Program

WATCH_SECONDS = 0.1
"""How often a run looks at its progress and at the wish to stop."""

Run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


FEWEST_DOSES = 5
"""Entries of a calendar that act on leading states, from which on solving these ahead pays."""

KEPT_ON_ARRIVAL = 64
"""Kernels that a process keeps of those that it was sent: more than any task has."""


class _Compiled:
    """The code of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._code = KernelCode(program)
        self.layout = self._code.layout
        self._run = Run(self._code.library.address("run"))
        self._observers: dict[tuple[str, ...], machine.Library] = {}
        self._making = threading.Lock()

    def simulate(
        self, batch: Batch, options: Options, progress: Progress, *, together: bool = False
    ) -> BatchResult:
        """Simulate every patient of the batch on threads; see `LlvmKernel`."""
        observed = tuple(dict.fromkeys((*batch.outputs, *(s.output for s in batch.summaries))))
        task = Task(self.program, batch, options, observed)
        task.table[Job.TOGETHER] = int(together)
        if observed:
            task.table[Job.OBSERVE] = self._observer(observed).address("observe")
        slots = self.layout.slots(len(observed))
        threads = _threads(options, batch.n_patients)
        workers = [
            threading.Thread(target=self._work, args=(task, slots), daemon=True) for _ in range(threads)
        ]
        progress.start("simulating", batch.n_patients)
        for worker in workers:
            worker.start()
        _watch(workers, task, progress)
        stop_if_requested(progress)
        return task.result()

    def _work(self, task: Task, slots: int) -> None:
        workspace = _aligned(slots)
        self._run(workspace.ctypes.data, task.table.ctypes.data)

    def _observer(self, names: tuple[str, ...]) -> machine.Library:
        with self._making:  # a second library in a first one's place would take its code from who runs it
            if names not in self._observers:
                self._observers[names] = self._code.observer(names)
            return self._observers[names]


class LlvmKernel:
    """A program compiled for the target (`core.targets`).

    Patients with many doses into states that lead the rest are simulated by code of their own, which solves
    these states ahead and is compiled when it is first needed. Another process is sent the program and
    compiles it for its own target, once for all that it is sent.

    Arguments: the program. Raises UnsupportedError for a program without a state, or with what only the
    reference backend solves.
    """

    def __init__(self, program: Program) -> None:
        if not program.state_names:
            raise UnsupportedError.of("a model in which nothing changes, in the llvm backend")
        if program.only_for_reference:
            raise UnsupportedError.of(
                f"a model with {program.only_for_reference}, in the llvm backend",
                hint="the reference backend solves it",
            )
        self._whole = _Compiled(program)

    def __reduce__(self) -> tuple[Callable[[bytes], LlvmKernel], tuple[bytes]]:
        return _compiled_on_arrival, (pickle.dumps(self.program),)

    @cached_property
    def _cascade(self) -> Program:
        from calor.engine.ir.cascade import leading_first  # takes long to load

        return leading_first(self.program)

    @cached_property
    def _led(self) -> _Compiled:
        return _Compiled(self._cascade)

    @property
    def program(self) -> Program:
        """The model's functions."""
        return self._whole.program

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in order."""
        return self._whole.program.state_names

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""
        return self._whole.program.parameter_names

    @property
    def parameter_values(self) -> tuple[float, ...]:
        """The values of the parameters that a batch does not set."""
        return self._whole.program.parameter_values

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep."""
        return self._whole.program.output_names

    def simulate(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate every patient of the batch on `options.threads` threads.

        Raises InputError for a name that the model lacks and for numbers that are not finite; Stopped
        where the watcher asked for it.
        """
        led = self._are_led(batch)
        if not led.any():
            return self._whole.simulate(batch, options, progress)
        if led.all():
            return self._in_order(self._led.simulate(batch, options, progress))
        check_batch(self._whole.program, batch)
        rows = np.flatnonzero(led), np.flatnonzero(~led)
        first = self._in_order(self._led.simulate(rows_of(batch, rows[0]), options, progress))
        second = self._whole.simulate(rows_of(batch, rows[1]), options, progress)
        return joined(first, second, np.argsort(np.concatenate(rows), kind="stable"))

    def _are_led(self, batch: Batch) -> NDArray[np.bool_]:
        """Return for which patients leading states are solved ahead (n_patients,), by their own doses."""
        calendars = batch.calendars
        each = [calendars.pattern] if isinstance(calendars, Calendars) else calendars
        enough = any(len(calendar) >= FEWEST_DOSES for calendar in each)
        leading = frozenset(self._cascade.state_names[: self._cascade.leading] if enough else ())
        if not leading:
            return np.zeros(batch.n_patients, dtype=np.bool_)
        known = {id(calendar): _entries_on(leading, calendar) for calendar in each}
        doses = np.array([known[id(calendar)] for calendar in each])
        return np.broadcast_to(doses >= FEWEST_DOSES, batch.n_patients)

    def _in_order(self, result: BatchResult) -> BatchResult:
        """Return a result with the final states in the program's order."""
        columns = [result.state_names.index(name) for name in self.state_names]
        return replace(result, final_states=result.final_states[:, columns], state_names=self.state_names)

    @property
    def group_size(self) -> int:
        """How many patients `simulate_together` takes along the same steps."""
        return self._whole.layout.lanes

    def simulate_together(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate groups of `group_size` patients, each on the steps that its first one needs.

        Differences within a group then hold no difference of step sizes. The patients of a group share their
        calendar and times; ValueError where the last group is not full.
        """
        if batch.n_patients % self.group_size:
            raise ValueError(f"{batch.n_patients} patients are no groups of {self.group_size}")
        return self._whole.simulate(batch, options, progress, together=True)


@lru_cache(maxsize=KEPT_ON_ARRIVAL)
def _compiled_on_arrival(program: bytes) -> LlvmKernel:
    return LlvmKernel(pickle.loads(program))


def _threads(options: Options, n_patients: int) -> int:
    """Return how many threads work on so many patients."""
    if n_patients <= 1:
        return 1
    from calor.core.executors.executor import cores_at_hand  # takes long to load

    return min(options.threads or cores_at_hand(), n_patients)


def _entries_on(states: frozenset[str], calendar: Calendar) -> int:
    """Return how many entries of a calendar act on some states."""
    acts = np.array([name in states for name in calendar.states], dtype=np.int64)
    return int(acts[calendar.targets].sum()) if len(calendar) else 0


def _watch(workers: Sequence[threading.Thread], task: Task, progress: Progress) -> None:
    """Wait for the threads, telling how many patients are finished and passing on the wish to stop.

    Whatever interrupts the waiting, the threads are ended first: they write into the task's arrays.
    """
    shown = 0
    try:
        while alive := [worker for worker in workers if worker.is_alive()]:
            alive[0].join(WATCH_SECONDS)
            done = int(task.finished[0])
            progress.advance(done - shown)
            shown = done
            if progress.stop_requested:
                task.stop[0] = 1
    finally:
        task.stop[0] = 1
        for worker in workers:
            worker.join()
    progress.advance(int(task.finished[0]) - shown)


def _aligned(slots: int) -> Numbers:
    """Return a workspace of zeros that begins at a cache line."""
    raw = np.zeros(slots + 8)
    return raw[(-raw.ctypes.data // 8) % 8 :]
