"""Work on threads of this process."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, cached_property, partial
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from calor.core.executors.executor import (
    WATCH_SECONDS,
    Finished,
    Found,
    Given,
    Task,
    cores_at_hand,
    share_of,
    working_on,
)
from calor.core.linear_algebra import one_thread
from calor.core.progress import SILENT, Progress, StepsOnly, stop_if_requested

_Arrivals: TypeAlias = SimpleQueue["int | tuple[int, Future[Any]]"]
"""What threads tell the caller: steps that are done, or the place of an item with its result."""


@dataclass(frozen=True)
class Threads:
    """Threads of this process; implements `Executor`.

    They are kept from one call to the next, and one alone is the caller's own. A task must not give work to
    the threads that it runs on; `at_hand` gives it others. Arguments: how many.
    """

    workers: int

    @property
    def shares_disk(self) -> bool:
        """They are this process."""
        return True

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        """Return what a task finds for each item, in their order; see `Executor`.

        A task that was asked to stop is waited for: it may be writing into memory that its caller frees.
        """
        with one_thread():
            if min(self.workers, len(items)) > 1:
                return self._spread(task, items, progress, finished)
            return self._in_turn(task, items, progress, finished)

    def _in_turn(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress,
        finished: Finished[Found] | None,
    ) -> list[Found]:
        found = []
        with working_on(share_of(self.workers, len(items))):
            for place, item in enumerate(items):
                stop_if_requested(progress)
                found.append(task(item, StepsOnly(progress)))
                if finished is not None:
                    finished(place, found[-1])
        return found

    def _spread(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress,
        finished: Finished[Found] | None,
    ) -> list[Found]:
        arrivals: _Arrivals = SimpleQueue()
        relay, share = _Relay(arrivals), share_of(self.workers, len(items))
        futures = [self._pool.submit(_done, task, item, relay, share) for item in items]
        for place, future in enumerate(futures):
            future.add_done_callback(partial(_arrived, arrivals, place))
        left = len(futures)
        try:
            while left:
                stop_if_requested(progress)
                try:
                    arrival = arrivals.get(timeout=WATCH_SECONDS)
                except Empty:
                    continue
                if isinstance(arrival, int):
                    progress.advance(arrival)
                    continue
                place, future = arrival
                result = future.result()
                left -= 1
                if finished is not None:
                    finished(place, result)
            return [future.result() for future in futures]
        finally:
            if left:
                relay.stop_requested = True
                wait([future for future in futures if not future.cancel()])

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.workers, thread_name_prefix="calor")


ALONE = Threads(1)
"""Nobody but the caller works."""


@cache
def _threads(count: int) -> Threads:
    return Threads(count)


def at_hand() -> Threads:
    """Return the threads for parts of the work at hand: as many as it may use cores."""
    return _threads(cores_at_hand())


class _Relay:
    """Progress of a task on another thread: what it tells is for the caller's thread to pass on."""

    def __init__(self, arrivals: _Arrivals) -> None:
        self.stop_requested = False
        self._arrivals = arrivals

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Tell the steps."""
        self._arrivals.put(steps)


def _done(task: Task[Given, Found], item: Given, relay: _Relay, cores: int) -> Found:
    with working_on(cores):
        return task(item, relay)


def _arrived(arrivals: _Arrivals, place: int, future: Future[Any]) -> None:
    arrivals.put((place, future))
