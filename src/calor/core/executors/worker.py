"""What runs in a worker process: items as they come, until nobody is there to give any.

One thread listens, so that the wish to stop and the end of whoever gives the work are heard while an item is
worked on; the main thread works.
"""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from calor.core.errors import CalorError
from calor.core.executors.executor import Task, working_on
from calor.core.executors.messages import Begin, Do, Done, Failed, Steps, Stop


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
            task, cores = _opened(message.task), message.cores
        else:
            with working_on(cores):
                connection.send_bytes(_answer(task, message, told))


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


def _opened(pickled: bytes) -> Task[Any, Any]:
    """Return a task; one that cannot be had here fails with each item, where its error can be told."""
    try:
        task: Task[Any, Any] = pickle.loads(pickled)
    except Exception as error:
        failure = error

        def failing(_item: object, _progress: object) -> None:
            raise failure

        return failing
    return task


def _answer(task: Task[Any, Any], asked: Do, told: _Told) -> bytes:
    """Return the pickled answer to an item: the result, or what was raised."""
    try:
        return pickle.dumps(Done(asked.place, task(pickle.loads(asked.item), told)))
    except BaseException as error:
        error.add_note("".join(traceback.format_exception(error)))
        return _failed(asked.place, error)


def _failed(place: int, error: BaseException) -> bytes:
    """Return a failure as a message; an error that does not come through whole is told in words."""
    try:
        message = pickle.dumps(Failed(place, error))
        pickle.loads(message)
    except Exception:
        message = pickle.dumps(Failed(place, CalorError(f"{type(error).__name__}: {error}")))
    return message


def _nothing(_item: object, _progress: object) -> None:
    raise CalorError("a worker was given an item before its task")
