"""A model compiled for a graphics processor, a patient a thread, run over a batch in parts.

The text is that of the `llvm` backend with one lane. The processor runs as many threads as it has room for;
each takes the next patient from a counter that all share. Patients go there in parts that its memory holds,
and between parts progress is told and a wish to stop is heard.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from calor.core import graphics
from calor.core.errors import UnsupportedError
from calor.core.progress import Progress, stop_if_requested
from calor.core.ptx import WARP
from calor.engine.backends.llvm.job import RESULTS, Task
from calor.engine.backends.llvm.led import LedKernel
from calor.engine.backends.llvm.source import write_source
from calor.engine.backends.names import check_batch
from calor.engine.batch import Batch, BatchResult, Options, joined, rows_of
from calor.engine.ir.program import Program
from calor.engine.methods.rodas5p import RODAS5P

PATIENTS_A_THREAD = 4
"""Patients of a part for each thread: more, and a wish to stop waits longer; fewer, and more threads idle at
the end of a part, when the last patients are being solved."""

SHARE = 0.5
"""The part of the free memory that workspaces take, and then patients: others may use the processor too."""

_ONE_AT_A_TIME = threading.Lock()
"""Batches of this process take turns: each is given the memory that is free."""


class _Compiled:
    """The code of one program, for each choice of what is observed."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._processor = graphics.processor()
        self._source = write_source(program, RODAS5P, 1)
        self._codes: dict[tuple[str, ...], graphics.Code] = {}

    def simulate(self, batch: Batch, options: Options, progress: Progress) -> BatchResult:
        """Simulate every patient of the batch, part by part."""
        check_batch(self._program, batch)
        progress.start("simulating", batch.n_patients)
        with _ONE_AT_A_TIME:
            code = self._code(batch.observed)
            rows = self._source.model.layout.slots(len(batch.observed))
            threads = self._threads(code, rows, batch.n_patients)
            work = self._processor.zeros(8 * rows * threads)
            room = int(self._processor.free_bytes * SHARE)
            results = []
            for task in self._tasks(batch, options, threads * PATIENTS_A_THREAD, room):
                stop_if_requested(progress)
                self._run(task, code, work, rows, threads)
                results.append(task.result())
                progress.advance(len(task.status))
        stop_if_requested(progress)
        return joined(results)

    def _code(self, observed: tuple[str, ...]) -> graphics.Code:
        if observed not in self._codes:
            missing = self._source.missing(observed)
            if missing:
                raise UnsupportedError.of(
                    f"the function {', '.join(missing)}, on a graphics processor", hint=graphics.WITHOUT
                )
            self._codes[observed] = self._processor.loaded(self._source.for_threads(observed))
        return self._codes[observed]

    def _threads(self, code: graphics.Code, rows: int, n_patients: int) -> int:
        """Return how many threads work: whole blocks, as many as run at once, have room and have patients."""
        room = int(self._processor.free_bytes * SHARE)
        wanted = -(-n_patients // WARP) * WARP
        threads = min(code.threads, max(wanted, WARP), room // (8 * rows * WARP) * WARP)
        if threads < WARP:
            raise UnsupportedError.of(
                f"a model of {len(self._program.state_names)} states on {self._processor.name}: "
                f"{WARP} patients take {8 * rows * WARP / 1e6:.0f} MB of its memory",
                allowed=f"{room / 1e6:.0f} MB",
                hint=graphics.WITHOUT,
            )
        return threads

    def _tasks(self, batch: Batch, options: Options, most: int, room: int) -> Iterator[Task]:
        """Yield the parts of a batch in order, none larger than some patients or than there is room for."""
        left = np.arange(batch.n_patients)
        while True:
            part = left[:most]
            task = Task(self._program, rows_of(batch, part), options, batch.observed)
            if task.n_bytes > room and len(part) > 1:
                most = len(part) // 2
                continue
            yield task
            left = left[most:]
            if not len(left):
                return

    def _run(self, task: Task, code: graphics.Code, work: graphics.Memory, rows: int, threads: int) -> None:
        """Run a part: its arrays there, the code in every thread, its results back."""
        held = {slot: self._processor.copy_of(array) for slot, array in task.arrays.items()}
        table = task.table.copy()
        for slot, memory in held.items():
            table[slot] = memory.address
        self._processor.run(code, work, self._processor.copy_of(table), rows, threads)
        for slot in RESULTS:
            self._processor.take(held[slot], task.arrays[slot])


class CudaKernel(LedKernel[_Compiled]):
    """A program compiled for the graphics processor of this machine; see `led`.

    Raises UnsupportedError, besides, for a function that its code has not, and where there is no processor.
    """

    backend = "cuda"

    def _compiled(self, program: Program) -> _Compiled:
        return _Compiled(program)
