"""What runs on a worker of a Dask cluster: some items of a call, where the worker computes the same bits."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from calor.core.errors import UnsupportedError
from calor.core.executors.answering import answer, failing, opened
from calor.core.executors.executor import Task
from calor.core.executors.packets import Packet
from calor.core.host import deciders_of_digits, differences

Answers: TypeAlias = "list[tuple[int, int, Packet]]"
"""Of each item that was worked on: its place, its steps, and the packed answer."""

ONE_CORE = 1
"""The cores of a task: a cluster says by its workers' threads how many tasks a machine works on at once."""

KEPT = 2
"""Tasks that a worker keeps open: of calls that take turns each finds its own."""


@dataclass(frozen=True)
class Shared:
    """What all items of a call need: the packed task, and what decides digits where it comes from."""

    task: Packet
    digits: Mapping[str, str]


class Told:
    """Progress of an item on a worker: all steps so far are told of its place in the call."""

    def __init__(self, call: str, place: int) -> None:
        self.steps = 0
        self._call = call
        self._place = place

    @property
    def stop_requested(self) -> bool:
        """Whether whoever gave the work has given it up."""
        return self._call in _stopped

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Tell the steps."""
        from distributed import get_worker

        self.steps += steps
        get_worker().log_event(self._call, (self._place, self.steps))


def same(shared: Shared) -> Shared:
    """Return what all items share; as work of the cluster it is made again where whoever had it has gone."""
    return shared


def received(_shared: Shared) -> None:
    """Do nothing; whoever does it has what is shared."""


def worked_on(items: Sequence[tuple[int, bytes]], call: str, shared: Shared) -> Answers:
    """Return the answers to some pickled items, each with its place; fewer where the call is given up."""
    task, answers = _opened(call, shared), []
    for place, item in items:
        told = Told(call, place)
        if told.stop_requested:
            break
        packet = answer(task, place, item, ONE_CORE, told, Packet.of)
        answers.append((place, told.steps, packet))
    return answers


def note_stop(call: str) -> None:
    """Note that a call was given up."""
    _stopped.add(call)


def unlike(worker: str, told: Sequence[str]) -> UnsupportedError:
    """Return the error of a worker that would compute other digits, for reasons told in words."""
    return UnsupportedError.of(
        f"the worker {worker} would compute other last digits than this machine: {'; '.join(told)}",
        key="--cluster",
        allowed="machines with the same processor and the same libraries as the one that gives the work",
        hint="choose like machines, and run calor on one of them",
    )


_stopped: set[str] = set()
_tasks: dict[str, Task[Any, Any]] = {}
_opening = threading.Lock()


def _opened(call: str, shared: Shared) -> Task[Any, Any]:
    """Return the task of a call; on a machine that is unlike the sender's, one that fails with each item."""
    with _opening:
        if call not in _tasks:
            while len(_tasks) >= KEPT:
                del _tasks[next(iter(_tasks))]
            _tasks[call] = _examined(shared)
        return _tasks[call]


def _examined(shared: Shared) -> Task[Any, Any]:
    from distributed import get_worker

    told = differences(shared.digits, deciders_of_digits())
    return failing(unlike(get_worker().address, told)) if told else opened(shared.task.opened)
