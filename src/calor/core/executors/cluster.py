"""Work on the machines of a Dask cluster, which must compute the same bits as this one.

Dask brings the task and the items to its workers, gives what a dead worker had to another one, and brings the
answers back. Whoever works compares what decides digits before each item, so that no machine that joins later
slips in.
"""

from __future__ import annotations

import contextlib
import pickle
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeAlias

from calor.core.digits import deciders_of_digits, differences
from calor.core.errors import CalorError, UnsupportedError
from calor.core.executors.answering import answer, failing, opened
from calor.core.executors.executor import (
    GRACE_SECONDS,
    WATCH_SECONDS,
    Finished,
    Found,
    Given,
    Task,
    deadly,
)
from calor.core.executors.messages import Failed
from calor.core.progress import SILENT, Progress, stop_if_requested

if TYPE_CHECKING:
    from distributed import Client, Future

_Arrival: TypeAlias = "tuple[int, int | Future[Any]]"
"""The place of an item, with its steps so far or with what comes of it."""

PATIENCE_SECONDS = 60.0
"""How long a cluster may be without any worker before the work is given up."""

ONE_CORE = 1
"""The cores of a task: a cluster says by its workers' threads how many tasks a machine works on at once."""


class Cluster:
    """The workers of a Dask cluster; implements `Executor`. Arguments: a client of the cluster.

    Raises UnsupportedError, naming the workers, where one does not compute the same bits as this process.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._digits = deciders_of_digits()
        self._refuse_unlike()

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""
        return sum(self._client.nthreads().values())

    @property
    def shares_disk(self) -> bool:
        """They may be anywhere."""
        return False

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        """Return what a task finds for each item, in their order; see `Executor`.

        Work that was asked to stop and does not come to a safe point in time is not waited for. Several
        threads may call at the same time.
        """
        if not items:
            return []
        call = _Call(self._client, len(items), progress, finished)
        try:
            call.begin(
                pickle.dumps((self._digits, pickle.dumps(task))), [pickle.dumps(item) for item in items]
            )
            return call.results()
        finally:
            call.end()

    def _refuse_unlike(self) -> None:
        """Raise UnsupportedError where a worker lacks calor or does not compute the same bits."""
        try:
            everybody = self._client.run(deciders_of_digits)
        except ModuleNotFoundError as error:
            raise UnsupportedError.of(
                f"a worker of the cluster has no {error.name}",
                key="--cluster",
                hint="install the same calor for the Python of each worker",
            ) from None
        unlike = {worker: differences(self._digits, found) for worker, found in everybody.items()}
        for worker, told in unlike.items():
            if told:
                raise _unlike(worker, told)


class _Call(Generic[Found]):
    """One call of `map`: what was sent, what is told of it, and what is found.

    Arguments: the client; how many items there are; who watches; who is told each result.
    """

    def __init__(
        self, client: Client, items: int, progress: Progress, finished: Finished[Found] | None
    ) -> None:
        self.name = f"calor-{uuid.uuid4().hex}"
        self.client = client
        self.items = items
        self.progress = progress
        self.finished = finished
        self.found: dict[int, Found] = {}
        self._sent: list[Future[Any]] = []
        self._arrivals: SimpleQueue[_Arrival] = SimpleQueue()
        self._steps: Counter[int] = Counter()

    def begin(self, shared: bytes, items: list[bytes]) -> None:
        """Send the task with what decides digits here, and the items."""
        self.client.subscribe_topic(self.name, lambda event: self._arrivals.put(tuple(event[1])))
        task = self.client.submit(_same, shared, key=f"{self.name}-task", pure=False)
        self._sent.append(task)
        for place, item in enumerate(items):
            future = self.client.submit(
                _worked_on, self.name, task, place, item, key=f"{self.name}-{place}", pure=False
            )
            self._sent.append(future)
            future.add_done_callback(partial(self._arrived, place))

    def results(self) -> list[Found]:
        """Return the results, in the order of the items."""
        heard = time.monotonic()
        while len(self.found) < self.items:
            stop_if_requested(self.progress)
            arrived = self._arrived_by_now()
            heard = time.monotonic() if arrived else self._checked(heard)
            done = {}
            for place, news in arrived:
                if isinstance(news, int):
                    self._told(place, news)
                else:
                    done[place] = news
            self._take_in(done)
        return [self.found[place] for place in range(self.items)]

    def end(self) -> None:
        """Give up what is not finished: what waits is taken back, what is worked on is asked to stop."""
        self.client.unsubscribe_topic(self.name)
        if len(self.found) < self.items:
            asking = threading.Thread(target=self._ask_to_stop, daemon=True)
            asking.start()
            asking.join(GRACE_SECONDS)

    def _arrived(self, place: int, future: Future[Any]) -> None:
        self._arrivals.put((place, future))

    def _arrived_by_now(self) -> list[_Arrival]:
        """Return what has arrived, after at most the time between two looks at the wish to stop."""
        found: list[_Arrival] = []
        with contextlib.suppress(Empty):
            found.append(self._arrivals.get(timeout=WATCH_SECONDS))
            while True:
                found.append(self._arrivals.get_nowait())
        return found

    def _take_in(self, done: Mapping[int, Future[Any]]) -> None:
        """Take in the answers to items, brought together: each way there and back takes time."""
        for place, future in done.items():
            if future.status != "finished":
                raise self._lost(place, future)
        answers = self.client.gather(list(done.values())) if done else []
        for place, (steps, packed) in zip(done, answers, strict=True):
            self._told(place, steps)
            message = pickle.loads(packed)
            if isinstance(message, Failed):
                raise message.error
            self.found[place] = message.result
            if self.finished is not None:
                self.finished(place, message.result)

    def _lost(self, place: int, future: Future[Any]) -> CalorError:
        """Return the error of an item that has no answer."""
        from distributed import KilledWorker

        try:
            error = future.exception()
        except Exception as lost:
            error = lost
        if isinstance(error, KilledWorker):
            return deadly(place, self.items, f"was {error.last_worker.address}")
        return CalorError(f"the cluster lost piece {place + 1} of {self.items}: {error}")

    def _told(self, place: int, steps: int) -> None:
        """Pass on steps of an item, told as all of them so far; what comes late or again adds nothing."""
        self.progress.advance(max(0, steps - self._steps[place]))
        self._steps[place] = max(steps, self._steps[place])

    def _checked(self, heard: float) -> float:
        """Return when something was last heard. Raises CalorError where no worker has been there for long."""
        if time.monotonic() - heard < PATIENCE_SECONDS:
            return heard
        if not self.client.nthreads():
            raise CalorError(f"the cluster has had no worker for {PATIENCE_SECONDS:g} s")
        return time.monotonic()

    def _ask_to_stop(self) -> None:
        with contextlib.suppress(Exception):  # a cluster that has gone has nothing to stop
            self.client.cancel(self._sent, force=True)
            self.client.run(_note_stop, self.name, on_error="ignore")


class _Told:
    """Progress of a task on a worker of the cluster: all steps so far are told of its place in the call."""

    def __init__(self, call: str, place: int) -> None:
        self.steps = 0
        self._call = call
        self._place = place

    @property
    def stop_requested(self) -> bool:
        """Whether whoever gave the work has given it up."""
        return self._call in _stopped

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Tell the steps."""
        from distributed import get_worker

        self.steps += steps
        get_worker().log_event(self._call, (self._place, self.steps))


_stopped: set[str] = set()
"""On a worker: the calls that were given up."""


def _note_stop(call: str) -> None:
    _stopped.add(call)


def _same(shared: bytes) -> bytes:
    """Return what all items share; as work of the cluster it is made again where whoever had it has gone."""
    return shared


def _worked_on(call: str, shared: bytes, place: int, item: bytes) -> tuple[int, bytes]:
    """Return the steps of an item and the packed answer to it, on a worker of the cluster."""
    told = _Told(call, place)
    packed = answer(_opened(shared), place, item, ONE_CORE, told)
    return told.steps, packed


@lru_cache(maxsize=2)
def _opened(shared: bytes) -> Task[Any, Any]:
    """Return the task; on a machine that is unlike the sender's, one that fails with each item."""
    from distributed import get_worker

    digits, task = pickle.loads(shared)
    told = differences(digits, deciders_of_digits())
    return failing(_unlike(get_worker().address, told)) if told else opened(task)


def _unlike(worker: str, told: Sequence[str]) -> UnsupportedError:
    return UnsupportedError.of(
        f"the worker {worker} would compute other last digits than this machine: {'; '.join(told)}",
        key="--cluster",
        allowed="machines with the same processor and the same libraries as the one that gives the work",
        hint="choose like machines, and run calor on one of them",
    )
