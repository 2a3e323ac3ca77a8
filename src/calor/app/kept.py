"""What was made once and is kept: bounded, the longest unused goes first; who asks meanwhile waits for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Values by key. Arguments: how many are kept at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[Key, Future[Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made now where it is not kept. What `make` raises is not kept."""
        with self._lock:
            future = self._found.get(key)
            own = future is None
            if future is None:
                future = self._found[key] = Future()
                if len(self._found) > self._most:
                    self._found.popitem(last=False)
            else:
                self._found.move_to_end(key)
        if own:
            self._fill(key, future, make)
        return future.result()

    def _fill(self, key: Key, future: Future[Value], make: Callable[[], Value]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._found.get(key) is future:
                    del self._found[key]
            future.set_exception(error)
