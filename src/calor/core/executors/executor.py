"""What spreads work over workers: a pure function over items, whoever works on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeAlias, TypeVar

from calor.core.errors import CalorError
from calor.core.linear_algebra import one_thread
from calor.core.progress import SILENT, Progress

Given = TypeVar("Given")
Found = TypeVar("Found")

Task: TypeAlias = Callable[[Given, Progress], Found]
"""What is done with one item: a pure function of it, so that whoever does it again finds the same.

It tells the progress its steps and obeys the wish to stop; the stage is its caller's to name. Beyond this
process the function, its items and its results are pickled: it is a function of a module, or an object with
`__call__` that holds what all items share.
"""

Finished: TypeAlias = Callable[[int, Found], object]
"""What is told the place of an item and its result as soon as it is known, in the caller's thread."""

WATCH_SECONDS = 0.1
"""How often whoever waits for results looks at the wish to stop."""

GRACE_SECONDS = 0.7
"""How long work that was asked to stop may take to reach a safe point before it is ended."""

MOST_DEATHS = 3
"""Workers that may die at one item; then it is the item that ends them."""

_cores: ContextVar[int | None] = ContextVar("cores of a task", default=None)


class Executor(Protocol):
    """Workers to whom work is given."""

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""

    @property
    def shares_disk(self) -> bool:
        """Whether workers have this machine's disk: a task may keep in a folder what it finishes."""

    def map(
        self,
        task: Task[Given, Found],
        items: Sequence[Given],
        progress: Progress = SILENT,
        finished: Finished[Found] | None = None,
    ) -> list[Found]:
        """Return what a task finds for each item, in the order of the items.

        Arguments: the task; the items; who watches; and who is told each result as it is known, which may be
        out of order. An item whose worker dies is given to another one.
        Raises what the task raised first, Stopped within a second where the watcher asked to stop, and
        CalorError where an item ends whoever works on it.
        """


def cores_at_hand() -> int:
    """Return how many cores the work at hand may use: all of the machine, in a task the task's share."""
    return _cores.get() or os.cpu_count() or 1


def share_of(workers: int, items: int) -> int:
    """Return how many cores each item may use where there are fewer items than workers."""
    return max(1, workers // max(1, items))


@contextmanager
def using_cores(count: int) -> Iterator[None]:
    """Within the context the work at hand may use so many cores."""
    before = _cores.set(count)
    try:
        yield
    finally:
        _cores.reset(before)


@contextmanager
def working_on(cores: int) -> Iterator[None]:
    """Within the context the work at hand is that of a task: so many cores, linear algebra of one thread."""
    with using_cores(cores), one_thread():
        yield


def deadly(place: int, items: int, last: str, deaths: int = MOST_DEATHS) -> CalorError:
    """Return the error of an item that ends whoever works on it; `last` says how the last worker ended."""
    return CalorError(
        f"{deaths} workers ended, one after another, at piece {place + 1} of {items}: the last {last}\n"
        "  hint: where the system ended them for want of memory, ask for fewer workers"
    )
