"""One call of a cluster's `map`: what is sent, what is told of it, and what is found."""

from __future__ import annotations

import contextlib
import pickle
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeAlias

from calor.core.errors import CalorError
from calor.core.executors.cluster_worker import (
    Answers,
    Shared,
    note_stop,
    received,
    same,
    worked_on,
)
from calor.core.executors.executor import GRACE_SECONDS, WATCH_SECONDS, Finished, Found, Given, deadly
from calor.core.executors.messages import Failed
from calor.core.progress import Progress, stop_if_requested

if TYPE_CHECKING:
    from distributed import Client, Future

_Parcel: TypeAlias = tuple[int, ...]
"""The places of items that are sent together."""

_Arrival: TypeAlias = "tuple[int, int] | tuple[_Parcel, Future[Answers]]"
"""The place of an item with its steps so far, or a parcel with what comes of it."""

PATIENCE_SECONDS = 60.0
"""How long a cluster may be without any worker before the work is given up."""

PARCELS_EACH = 16
"""Parcels that each thread of a worker gets where items are many: none waits long at the end."""

MOST_TOGETHER = 8
"""Items in a parcel at most: few enough to be lost, many enough that sending them costs little."""

QUEUED_FROM = 2
"""With more parcels for a thread than this, Dask hands them out as workers come free.

With fewer it sends all of them to whoever has what they share, at first one worker, and others stay idle.
"""

LARGE_SHARE = 1_000_000
"""Bytes from which on workers get what is shared before any of them begins."""


class Call(Generic[Given, Found]):
    """One call of `map`. Arguments: the client; the items; who watches; who is told each result."""

    def __init__(
        self,
        client: Client,
        items: Sequence[Given],
        progress: Progress,
        finished: Finished[Found] | None,
    ) -> None:
        self._name = f"calor-{uuid.uuid4().hex}"
        self._client = client
        self._items = items
        self._progress = progress
        self._finished = finished
        self._found: dict[int, Found] = {}
        self._sent: list[Future[Any]] = []
        self._arrivals: SimpleQueue[_Arrival] = SimpleQueue()
        self._steps: Counter[int] = Counter()
        self._suspects: deque[int] = deque()
        self._alone: _Parcel | None = None

    def begin(self, shared: Shared) -> None:
        """Send what all items share, and the items.

        What is shared is one piece of work of the cluster, so that workers pass it on to each other, and
        items depend on nothing else, so that Dask gives them to whoever is free.
        """
        self._client.subscribe_topic(self._name, lambda event: self._arrivals.put(tuple(event[1])))
        self._shared = self._client.submit(same, shared, key=(f"{self._name}-task", 0), pure=False)
        self._sent.append(self._shared)
        threads = self._client.nthreads()
        if shared.task.nbytes > LARGE_SHARE and len(threads) > 1:
            self._spread(threads)
        parcels = list(_parcels(len(self._items), sum(threads.values())))
        if len(parcels) > QUEUED_FROM * sum(threads.values()):
            self._send(parcels)
        else:
            for parcel, worker in zip(parcels, cycle(_in_turn(threads) or [None]), strict=False):
                self._send([parcel], worker)

    def results(self) -> list[Found]:
        """Return the results, in the order of the items."""
        heard = time.monotonic()
        while len(self._found) < len(self._items):
            stop_if_requested(self._progress)
            arrived = self._arrived_by_now()
            heard = time.monotonic() if arrived else self._checked(heard)
            done = {}
            for what, news in arrived:
                if isinstance(what, int):
                    self._told(what, news)
                else:
                    done[what] = news
            self._take_in(done)
            self._try_a_suspect()
        return [self._found[place] for place in range(len(self._items))]

    def end(self) -> None:
        """Give up what is not finished: what waits is taken back, what is worked on is asked to stop."""
        self._client.unsubscribe_topic(self._name)
        if len(self._found) < len(self._items):
            asking = threading.Thread(target=self._ask_to_stop, daemon=True)
            asking.start()
            asking.join(GRACE_SECONDS)
        for future in self._sent:
            future.release()

    def _spread(self, workers: Collection[str]) -> None:
        """Wait until every worker has what is shared: whoever is at work already passes it on slowly.

        A worker's Python sends and computes in turns, and computing does not let go.
        """
        there = threading.Semaphore(0)
        for number, worker in enumerate(workers):
            future = self._client.submit(
                received,
                self._shared,
                key=(f"{self._name}-received", number),
                workers=worker,
                allow_other_workers=True,
                pure=False,
            )
            self._sent.append(future)
            future.add_done_callback(lambda _: there.release())
        heard = time.monotonic()
        for _ in workers:
            while not there.acquire(timeout=WATCH_SECONDS):
                stop_if_requested(self._progress)
                heard = self._checked(heard)

    def _send(self, parcels: Sequence[_Parcel], worker: str | None = None) -> None:
        """Send parcels, to a worker where one is named and is there when their turn comes."""
        futures = self._client.map(
            worked_on,
            [[(place, pickle.dumps(self._items[place])) for place in parcel] for parcel in parcels],
            key=[(f"{self._name}-items", len(self._sent) + number) for number in range(len(parcels))],
            workers=worker,
            allow_other_workers=worker is not None,
            pure=False,
            call=self._name,
            shared=self._shared,
        )
        for parcel, future in zip(parcels, futures, strict=True):
            self._sent.append(future)
            future.add_done_callback(partial(self._arrived, parcel))

    def _arrived(self, parcel: _Parcel, future: Future[Answers]) -> None:
        self._arrivals.put((parcel, future))

    def _arrived_by_now(self) -> list[Any]:
        """Return what has arrived, after at most the time between two looks at the wish to stop."""
        found: list[_Arrival] = []
        with contextlib.suppress(Empty):
            found.append(self._arrivals.get(timeout=WATCH_SECONDS))
            while True:
                found.append(self._arrivals.get_nowait())
        return found

    def _take_in(self, done: Mapping[_Parcel, Future[Answers]]) -> None:
        """Take in the answers to parcels, brought together: each way there and back takes time."""
        answered = {}
        for parcel, future in done.items():
            status = future.status
            if status == "finished":
                answered[parcel] = future
            elif status in ("error", "cancelled"):
                self._lost(parcel, future)
            else:  # whoever had the answer has died: it is made again
                future.add_done_callback(partial(self._arrived, parcel))
        for answers in self._client.gather(list(answered.values())) if answered else []:
            for place, steps, packet in answers:
                self._told(place, steps)
                message = packet.opened()
                if isinstance(message, Failed):
                    raise message.error
                self._found[place] = message.result
                if self._finished is not None:
                    self._finished(place, message.result)
        if self._alone in answered:
            self._alone = None

    def _lost(self, parcel: _Parcel, future: Future[Answers]) -> None:
        """Note items whose workers ended as suspects: Dask blames what waited at the worker too.

        Raises CalorError for one that was tried without any other suspect, and for what was lost otherwise.
        """
        from distributed import KilledWorker

        try:
            error = future.exception()
        except Exception as lost:
            error = lost
        if not isinstance(error, KilledWorker):
            raise CalorError(f"the cluster lost piece {parcel[0] + 1} of {len(self._items)}: {error}")
        if parcel == self._alone:
            last, deaths = f"was {error.last_worker.address}", error.allowed_failures + 1
            raise deadly(parcel[0], len(self._items), last, deaths)
        self._suspects.extend(parcel)

    def _try_a_suspect(self) -> None:
        """Send one suspect again where none is under way: whichever then ends its workers does so itself."""
        if self._alone is None and self._suspects:
            self._alone = (self._suspects.popleft(),)
            self._send([self._alone])

    def _told(self, place: int, steps: int) -> None:
        """Pass on steps of an item, told as all of them so far; what comes late or again adds nothing."""
        self._progress.advance(max(0, steps - self._steps[place]))
        self._steps[place] = max(steps, self._steps[place])

    def _checked(self, heard: float) -> float:
        """Return when something was last heard. Raises CalorError where no worker has been there for long."""
        if time.monotonic() - heard < PATIENCE_SECONDS:
            return heard
        if not self._client.nthreads():
            raise CalorError(f"the cluster has had no worker for {PATIENCE_SECONDS:g} s")
        return time.monotonic()

    def _ask_to_stop(self) -> None:
        with contextlib.suppress(Exception):  # a cluster that has gone has nothing to stop
            self._client.cancel(self._sent, force=True)
            self._client.run(note_stop, self._name, on_error="ignore")


def _parcels(items: int, threads: int) -> Iterator[_Parcel]:
    """Yield the places of all items in parcels: as many together as leave every thread its share of them."""
    together = min(max(1, items // (PARCELS_EACH * max(1, threads))), MOST_TOGETHER)
    for first in range(0, items, together):
        yield tuple(range(first, min(first + together, items)))


def _in_turn(threads: Mapping[str, int]) -> list[str]:
    """Return workers in the order in which they get work: each once, then again those with more threads."""
    most = max(threads.values(), default=0)
    return [worker for turn in range(most) for worker, count in threads.items() if count > turn]
