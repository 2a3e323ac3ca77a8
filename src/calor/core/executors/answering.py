"""What a worker in another process does with an item, and how its answer is packed for the way back."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from calor.core.errors import CalorError
from calor.core.executors.executor import Task, working_on
from calor.core.executors.messages import Done, Failed
from calor.core.progress import Progress

Packed = TypeVar("Packed")


def opened(unpack: Callable[[], Task[Any, Any]]) -> Task[Any, Any]:
    """Return an unpacked task; one that cannot be had here fails with each item, where its error is told."""
    try:
        return unpack()
    except Exception as error:
        return failing(error)


def failing(error: Exception) -> Task[Any, Any]:
    """Return a task that fails with an error."""

    def task(_item: object, _progress: Progress) -> None:
        raise error

    return task


def answer(
    task: Task[Any, Any],
    place: int,
    item: bytes,
    cores: int,
    progress: Progress,
    pack: Callable[[Done | Failed], Packed],
) -> Packed:
    """Return the packed answer to a pickled item: the result, or what was raised."""
    try:
        with working_on(cores):
            return pack(Done(place, task(pickle.loads(item), progress)))
    except BaseException as error:
        error.add_note("".join(traceback.format_exception(error)))
        return pack(failed(place, error))


def failed(place: int, error: BaseException) -> Failed:
    """Return a failure that can be sent; an error that does not come through whole is told in words."""
    message = Failed(place, error)
    try:
        pickle.loads(pickle.dumps(message))
    except Exception:
        return Failed(place, CalorError(f"{type(error).__name__}: {error}"))
    return message
