"""A compiled model run over a batch: names resolved, arrays laid out, threads started and watched."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calor.core.errors import UnsupportedError
from calor.core.progress import SILENT, Progress, stop_if_requested
from calor.engine.backends.llvm import machine
from calor.engine.backends.llvm.job import Task
from calor.engine.backends.llvm.layout import Job
from calor.engine.backends.llvm.source import Source, write_source
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Numbers, Options
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.program import Program
from calor.engine.methods.rodas5p import RODAS5P

WATCH_SECONDS = 0.1
"""How often a run looks at its progress and at the wish to stop."""

Run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class LlvmKernel:
    """A program compiled for this processor.

    Arguments: the program. Raises UnsupportedError for a program without a state.
    """

    def __init__(self, program: Program) -> None:
        if not program.state_names:
            raise UnsupportedError.of("a model in which nothing changes, in the llvm backend")
        self._state_names = program.state_names
        self._program = program = leading_first(program)
        self._source: Source = write_source(program, RODAS5P, machine.lanes())
        self._library = machine.compiled(self._source.text)
        self._run = Run(self._library.address("run"))
        self._observers: dict[tuple[str, ...], machine.Library] = {}

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in order."""
        return self._state_names

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""
        return self._program.parameter_names

    @property
    def parameter_values(self) -> tuple[float, ...]:
        """The values of the parameters that a batch does not set."""
        return self._program.parameter_values

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep."""
        return self._program.output_names

    def simulate(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate every patient of the batch on `options.threads` threads.

        Raises InputError for a name that the model lacks and for numbers that are not finite; Stopped
        where the watcher asked for it.
        """
        return self._simulate(batch, options, progress, together=False)

    @property
    def group_size(self) -> int:
        """How many patients `simulate_together` takes along the same steps."""
        return self._source.model.layout.lanes

    def simulate_together(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate groups of `group_size` patients, each on the steps that its first one needs.

        Differences within a group then hold no difference of step sizes. The patients of a group share their
        calendar and times; ValueError where the last group is not full.
        """
        if batch.n_patients % self.group_size:
            raise ValueError(f"{batch.n_patients} patients are no groups of {self.group_size}")
        return self._simulate(batch, options, progress, together=True)

    def _simulate(self, batch: Batch, options: Options, progress: Progress, *, together: bool) -> BatchResult:
        observed = tuple(dict.fromkeys((*batch.outputs, *(s.output for s in batch.summaries))))
        task = Task(self._program, batch, options, observed)
        task.table[Job.TOGETHER] = int(together)
        if observed:
            task.table[Job.OBSERVE] = self._observer(observed).address("observe")
        slots = self._source.model.layout.slots(len(observed))
        threads = min(options.threads or os.cpu_count() or 1, max(1, batch.n_patients))
        workers = [
            threading.Thread(target=self._work, args=(task, slots), daemon=True) for _ in range(threads)
        ]
        progress.start("simulating", batch.n_patients)
        for worker in workers:
            worker.start()
        _watch(workers, task, progress)
        stop_if_requested(progress)
        return self._in_order(task.result())

    def _in_order(self, result: BatchResult) -> BatchResult:
        """Return a result with the final states in the system's order."""
        if result.state_names == self._state_names:
            return result
        columns = [result.state_names.index(name) for name in self._state_names]
        return replace(result, final_states=result.final_states[:, columns], state_names=self._state_names)

    def _work(self, task: Task, slots: int) -> None:
        workspace = _aligned(slots)
        self._run(workspace.ctypes.data, task.table.ctypes.data)

    def _observer(self, names: tuple[str, ...]) -> machine.Library:
        if names not in self._observers:
            self._observers[names] = machine.compiled(self._source.observing(names))
        return self._observers[names]


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
