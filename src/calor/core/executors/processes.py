"""Work on processes of this machine, whose Python runs at once and not only its compiled code."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, Self

from calor.core.executors.executor import (
    GRACE_SECONDS,
    MOST_DEATHS,
    WATCH_SECONDS,
    Finished,
    Found,
    Given,
    Task,
    deadly,
    share_of,
)
from calor.core.executors.messages import Begin, Do, Done, Failed, Steps, Stop
from calor.core.progress import SILENT, Progress, stop_if_requested

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The environment of a worker: its share of the cores is for calor to use."""


@dataclass
class _Worker:
    """A worker process, what it is connected by, and the place of the item that it has."""

    process: subprocess.Popen[bytes]
    connection: Connection
    place: int | None = None

    @classmethod
    def started(cls) -> _Worker:
        """Return a new worker.

        It runs this Python with this path, and not the user's script again. In a group of its own it does not
        hear a Ctrl-C, which is for this process to pass on; it ends when the connection does.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno())],
                env={
                    **os.environ,
                    **ONE_THREAD,
                    "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
                },
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                process_group=0,
            )
        return cls(process, Connection(ours.detach()))

    def tell(self, message: object) -> None:
        """Send a message; that the worker has died is seen where its answers are awaited."""
        try:
            self.connection.send(message)
        except OSError:
            return

    def end(self) -> str:
        """End the worker and return how it ended."""
        self.connection.close()
        self.process.kill()
        code = self.process.wait()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"left with code {code}"


_PROGRAM = "import sys; from calor.core.executors.worker import main; main(int(sys.argv[1]))"


class Processes:
    """Processes of this machine; implements `Executor`.

    They start when work first comes and are kept until the executor is closed, which leaving it as a context
    does. Arguments: how many.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._staff: list[_Worker] = []

    @property
    def shares_disk(self) -> bool:
        """They are on this machine."""
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        """Return what a task finds for each item, in their order; see `Executor`.

        Whoever does not come to a safe point in time is ended. One call at a time.
        """
        wanted = min(self.workers, len(items))
        begin = Begin(pickle.dumps(task), share_of(self.workers, len(items)))
        call = _Call(
            staff=self._staff,
            wanted=wanted,
            begin=begin,
            items=items,
            progress=progress,
            finished=finished,
        )
        try:
            return call.results()
        finally:
            self._staff = call.at_rest()

    def close(self) -> None:
        """End the workers."""
        while self._staff:
            self._staff.pop().end()


@dataclass
class _Call(Generic[Given, Found]):
    """One call of `map`: who works on what, what is left to do and what is found."""

    staff: list[_Worker]
    wanted: int
    begin: Begin
    items: Sequence[Given]
    progress: Progress
    finished: Finished[Found] | None
    found: dict[int, Found] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.left = deque(range(len(self.items)))

    def results(self) -> list[Found]:
        """Return the results, in the order of the items."""
        for worker in self.staff:
            worker.tell(self.begin)
        while len(self.found) < len(self.items):
            stop_if_requested(self.progress)
            self._hand_out()
            for worker, message in _heard(self.staff, WATCH_SECONDS):
                self._take_in(worker, message)
        return [self.found[place] for place in range(len(self.items))]

    def at_rest(self) -> list[_Worker]:
        """Return the workers once none of them works on anything; those that go on are ended."""
        for worker in self._busy:
            worker.tell(Stop())
        deadline = time.monotonic() + GRACE_SECONDS
        while self._busy and (patience := deadline - time.monotonic()) > 0:
            for worker, message in _heard(self._busy, patience):
                if isinstance(message, Done | Failed):
                    worker.place = None
                elif message is None:
                    self._dismiss(worker)
        for worker in self._busy:
            self._dismiss(worker)
        return self.staff

    @property
    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.staff if worker.place is not None]

    def _hand_out(self) -> None:
        """Give every worker an item, as far as there are any, and take on workers where there are too few."""
        while len(self.staff) < min(self.wanted, len(self._busy) + len(self.left)):
            self.staff.append(_Worker.started())
            self.staff[-1].tell(self.begin)
        for worker in self.staff:
            if worker.place is None and self.left:
                worker.place = self.left.popleft()
                worker.tell(Do(worker.place, pickle.dumps(self.items[worker.place])))

    def _take_in(self, worker: _Worker, message: object) -> None:
        """Take in what a worker says; None: it has died, and its item is for another one to do."""
        if isinstance(message, Steps):
            self.progress.advance(message.count)
        elif isinstance(message, Failed):
            worker.place = None
            raise message.error
        elif isinstance(message, Done):
            worker.place = None
            self.found[message.place] = message.result
            if self.finished is not None:
                self.finished(message.place, message.result)
        else:
            self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        place, how = worker.place, self._dismiss(worker)
        if place is None:
            return
        self.left.appendleft(place)
        self.deaths[place] += 1
        if self.deaths[place] == MOST_DEATHS:
            raise deadly(place, len(self.items), how)

    def _dismiss(self, worker: _Worker) -> str:
        self.staff.remove(worker)
        return worker.end()


def _heard(staff: Sequence[_Worker], seconds: float) -> Iterator[tuple[_Worker, Any]]:
    """Yield what workers say within some seconds, each with None where it has died."""
    ready = wait([worker.connection for worker in staff], seconds)
    for worker in [each for each in staff if each.connection in ready]:
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            message = None
        yield worker, message
