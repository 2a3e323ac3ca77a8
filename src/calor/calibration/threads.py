"""Work on threads, each with linear algebra of one thread.

Several threads of linear algebra in each of ours would wait for each other, and their number would change the
last digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Given = TypeVar("Given")
Found = TypeVar("Found")


def on_threads(function: Callable[[Given], Found], items: Iterable[Given]) -> list[Found]:
    """Return a function's results in the order of its items, whoever works on them."""
    with _controller().limit(limits=1, user_api="blas"):
        return list(_pool().map(function, items))


@cache
def _pool() -> ThreadPoolExecutor:
    """Return threads that wait for work, since an emulator is asked thousands of times."""
    return ThreadPoolExecutor(thread_name_prefix="calor-emulator")


@cache
def _controller() -> ThreadpoolController:
    """Return what holds the libraries of linear algebra, which are looked for once."""
    return ThreadpoolController()
