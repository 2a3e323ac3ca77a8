"""Linear algebra on one thread.

Its number of threads would change the last digits, and threads that wait for each other spin: on a busy
machine small problems take ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_lock = Lock()
_holding: list[Any] = []
"""The limit in force, once for each that asks for it now: the first one sets it, the last one ends it."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, also where several threads of ours ask for it at the same time.

    It serves as a decorator as well.
    """
    with _lock:
        _holding.append(_holding[0] if _holding else _controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _holding.pop()
            if not _holding:
                _let_any_thread_set_it()
                limit.restore_original_limits()


def _let_any_thread_set_it() -> None:
    """Let whoever is last end the limit: OpenBLAS listens to the thread that set it, which may have gone."""
    for library in _controller().lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


@cache
def _controller() -> ThreadpoolController:
    """Return what holds the libraries of linear algebra, which are looked for once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
