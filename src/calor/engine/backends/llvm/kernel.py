"""A compiled model run over a batch: names resolved, arrays laid out, threads started and watched."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence

import numpy as np

from calor.core import machine
from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Progress, stop_if_requested
from calor.engine.backends.llvm.job import Task
from calor.engine.backends.llvm.kept_code import KernelCode
from calor.engine.backends.llvm.layout import Job
from calor.engine.backends.llvm.led import LedKernel
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Options
from calor.engine.ir.program import Program

WATCH_SECONDS = 0.1
"""How often a run looks at its progress and at the wish to stop."""

Run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


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
        observed = batch.observed
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


class LlvmKernel(LedKernel[_Compiled]):
    """A program compiled for the target (`core.targets`), run on `options.threads` threads; see `led`."""

    backend = "llvm"

    def _compiled(self, program: Program) -> _Compiled:
        return _Compiled(program)

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


def _threads(options: Options, n_patients: int) -> int:
    """Return how many threads work on so many patients."""
    if n_patients <= 1:
        return 1
    from calor.core.executors.executor import cores_at_hand  # takes long to load

    return min(options.threads or cores_at_hand(), n_patients)


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
