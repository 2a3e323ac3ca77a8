"""What `scale_out.py` notes of the work that it gives; in a module that other processes can import."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from calor.core.executors import Executor, Task
from calor.core.executors.executor import Finished, Found, Given
from calor.core.progress import SILENT, Progress


@dataclass(frozen=True)
class Timed:
    """A task that tells the processor time that it took too, and the number of its process."""

    task: Task[Any, Any]

    def __call__(self, item: Any, progress: Progress) -> tuple[Any, float, int]:
        began = time.process_time()
        return self.task(item, progress), time.process_time() - began, os.getpid()


@dataclass
class Stage:
    """What one call of an executor took.

    Arguments: seconds; processor time of whoever gave the work (with it the scheduler of a local cluster);
    bytes that all items share; of each task its processor time, the bytes sent and the bytes returned; and
    how many workers did some.
    """

    wall: float
    giving: float
    shared: int
    seconds: list[float]
    sent: list[int]
    returned: list[int]
    at_work: int


@dataclass
class Recording:
    """An executor that notes what each call takes."""

    executor: Executor
    stages: list[Stage] = field(default_factory=list)

    @property
    def workers(self) -> int:
        return self.executor.workers

    @property
    def shares_disk(self) -> bool:
        return self.executor.shares_disk

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        def told(place: int, found: tuple[Found, float, int]) -> None:
            if finished is not None:
                finished(place, found[0])

        began, giving = time.perf_counter(), time.process_time()
        found = self.executor.map(Timed(task), items, progress, told)
        wall, giving = time.perf_counter() - began, time.process_time() - giving
        self.stages.append(
            Stage(
                wall,
                giving,
                len(pickle.dumps(task)),
                [seconds for _, seconds, _ in found],
                [len(pickle.dumps(item)) for item in items],
                [len(pickle.dumps(result)) for result, *_ in found],
                len({process for _, _, process in found}),
            )
        )
        return [result for result, *_ in found]


def nothing(item: int, _: Progress) -> int:
    return item
