"""What must not stay behind when the process ends at once, where nothing is unwound.

Nothing is imported that takes time: who hears signals loads this before anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_REMOVERS: dict[object, Callable[[], object]] = {}


@contextmanager
def removed_if_ended(remove: Callable[[], object]) -> Iterator[None]:
    """Within the context, have `remove` called should the process end without leaving the context."""
    mark = object()
    _REMOVERS[mark] = remove
    try:
        yield
    finally:
        del _REMOVERS[mark]


def remove_leftovers() -> None:
    """Remove what is unfinished; whatever cannot be removed stays."""
    for remove in tuple(_REMOVERS.values()):
        try:
            remove()
        except OSError:
            continue
