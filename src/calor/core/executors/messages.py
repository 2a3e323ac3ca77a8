"""What a process and its workers tell each other, over one connection each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Begin:
    """To a worker: from now on do this task (pickled), with so many cores for each item."""

    task: bytes
    cores: int


@dataclass(frozen=True)
class Do:
    """To a worker: do the task with an item (pickled), whose place is told."""

    place: int
    item: bytes


@dataclass(frozen=True)
class Stop:
    """To a worker: stop at the next safe point."""


@dataclass(frozen=True)
class Steps:
    """From a worker: so many steps are done."""

    count: int


@dataclass(frozen=True)
class Done:
    """From a worker: the result of the item at a place."""

    place: int
    result: Any


@dataclass(frozen=True)
class Failed:
    """From a worker: what the task raised for an item."""

    place: int
    error: BaseException
