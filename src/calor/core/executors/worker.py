"""What runs in a worker process: items as they come, until nobody is there to give any.

One thread listens, so that the wish to stop and the end of whoever gives the work are heard while an item is
worked on; the main thread works.
"""

from __future__ import annotations

import os
import pickle
import threading
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from calor.core.errors import CalorError
from calor.core.executors.answering import answer, opened
from calor.core.executors.executor import Task
from calor.core.executors.messages import Begin, Do, Steps, Stop


class _Told:
    """Progress of the task: steps go to whoever gave the work."""

    def __init__(self, connection: Connection) -> None:
        self.stop_requested = False
        self._connection = connection

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Tell the steps."""
        self._connection.send(Steps(steps))


def main(descriptor: int) -> None:
    """Work on what comes over a connection, given by its file descriptor, until it is closed."""
    connection = Connection(descriptor)
    told = _Told(connection)
    work: SimpleQueue[Begin | Do] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection, work, told), daemon=True).start()
    task: Task[Any, Any] = _nothing
    cores = 1
    while True:
        message = work.get()
        if isinstance(message, Begin):
            task, cores = opened(partial(pickle.loads, message.task)), message.cores
        else:
            connection.send_bytes(answer(task, message.place, message.item, cores, told, pickle.dumps))


def _listen(connection: Connection, work: SimpleQueue[Begin | Do], told: _Told) -> None:
    """Take in messages; end the process when whoever gave the work is gone."""
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        if isinstance(message, Stop):
            told.stop_requested = True
        else:
            told.stop_requested = False
            work.put(message)


def _nothing(_item: object, _progress: object) -> None:
    raise CalorError("a worker was given an item before its task")
