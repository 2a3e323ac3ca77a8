"""What a worker in another process does with an item, and how its answer is packed for the way back."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

from calor.core.errors import CalorError
from calor.core.executors.executor import Task, working_on
from calor.core.executors.messages import Done, Failed
from calor.core.progress import Progress


def opened(task: bytes) -> Task[Any, Any]:
    """Return a pickled task; one that cannot be had here fails with each item, where its error is told."""
    try:
        found: Task[Any, Any] = pickle.loads(task)
    except Exception as error:
        return failing(error)
    return found


def failing(error: Exception) -> Task[Any, Any]:
    """Return a task that fails with an error."""

    def task(_item: object, _progress: Progress) -> None:
        raise error

    return task


def answer(task: Task[Any, Any], place: int, item: bytes, cores: int, progress: Progress) -> bytes:
    """Return the packed answer to an item: the result, or what was raised."""
    try:
        with working_on(cores):
            return pickle.dumps(Done(place, task(pickle.loads(item), progress)))
    except BaseException as error:
        error.add_note("".join(traceback.format_exception(error)))
        return failed(place, error)


def failed(place: int, error: BaseException) -> bytes:
    """Return a failure, packed; an error that does not come through whole is told in words."""
    try:
        message = pickle.dumps(Failed(place, error))
        pickle.loads(message)
    except Exception:
        message = pickle.dumps(Failed(place, CalorError(f"{type(error).__name__}: {error}")))
    return message
