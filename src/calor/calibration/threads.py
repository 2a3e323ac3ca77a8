"""Work on threads, each with linear algebra of one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from calor.core.linear_algebra import one_thread

Given = TypeVar("Given")
Found = TypeVar("Found")


def on_threads(function: Callable[[Given], Found], items: Iterable[Given]) -> list[Found]:
    """Return a function's results in the order of its items, whoever works on them."""
    with one_thread():
        return list(_pool().map(function, items))


@cache
def _pool() -> ThreadPoolExecutor:
    """Return threads that wait for work, since an emulator is asked thousands of times."""
    return ThreadPoolExecutor(thread_name_prefix="calor-emulator")
