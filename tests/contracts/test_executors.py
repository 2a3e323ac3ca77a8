"""One suite over every executor: the same results, failures and obedience, whoever does the work."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from calor.core.errors import CalorError, InputError, UnsupportedError
from calor.core.executors import Executor, Processes, Task, Threads, at_hand
from calor.core.executors.opening import Workers
from calor.core.host import deciders_of_digits
from calor.core.progress import Progress, Silent, Stopped

EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
    "one thread": lambda: Workers(1).threads(),
    "threads": lambda: Workers(2).threads(),
    "processes": lambda: Workers(2).processes(),
    "cluster": lambda: Workers(cluster="local:2").threads(),
}
MORTAL = ("processes", "cluster")
"""Executors whose workers can die without this process."""

PATIENCE = 10.0
"""Seconds that a stop may take here: a second, on a machine that does nothing else."""


@pytest.fixture(scope="module")
def named() -> Iterator[Callable[[str], Executor]]:
    """Executors by name, each opened when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(EXECUTORS[name]()))


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest, named: Callable[[str], Executor]) -> Executor:
    return named(request.param)


@pytest.fixture(params=MORTAL)
def mortal(request: pytest.FixtureRequest, named: Callable[[str], Executor]) -> Executor:
    """An executor whose workers can die."""
    return named(request.param)


@dataclass
class Watcher(Silent):
    """Counts steps, and asks to stop after so many."""

    most: int | None = None
    steps: int = 0
    stages: list[str] = field(default_factory=list)

    @property
    def stop_requested(self) -> bool:
        return self.most is not None and self.steps >= self.most

    def start(self, stage: str, total: int) -> None:
        self.stages.append(stage)

    def advance(self, steps: int = 1) -> None:
        self.steps += steps


def squared(item: int, progress: Progress) -> int:
    progress.start("squaring", 1)
    progress.advance(item)
    return item**2


def test_results_stand_in_the_order_of_the_items(executor: Executor) -> None:
    assert executor.map(squared, range(7)) == [0, 1, 4, 9, 16, 25, 36]
    assert executor.map(squared, []) == []


def test_every_step_is_told_and_no_task_names_the_stage(executor: Executor) -> None:
    watcher = Watcher()
    executor.map(squared, range(7), watcher)
    assert watcher.steps == 0 + 1 + 2 + 3 + 4 + 5 + 6
    assert watcher.stages == []


def test_each_result_is_told_once_with_its_place(executor: Executor) -> None:
    told: dict[int, int] = {}
    executor.map(squared, [3, 4, 5], finished=lambda place, found: told.update({place: found}))
    assert told == {0: 9, 1: 16, 2: 25}


@dataclass(frozen=True)
class Plus:
    """A task that holds what all items share."""

    shared: int

    def __call__(self, item: int, progress: Progress) -> int:
        return item + self.shared


def test_a_task_may_hold_what_all_items_share_and_the_next_task_is_another(executor: Executor) -> None:
    assert executor.map(Plus(10), [1, 2]) == [11, 12]
    assert executor.map(Plus(20), [1, 2]) == [21, 22]


def refusing(item: int, progress: Progress) -> int:
    if item == 1:
        raise InputError.of("is 1", file="a.yaml", line=3, key="dose.first", allowed="0", hint="ask for 0")
    raise UnsupportedError.of("a second dose", key="dose.second")


def test_errors_come_back_as_they_were_raised(executor: Executor) -> None:
    with pytest.raises(InputError) as wrong:
        executor.map(refusing, [1])
    assert str(wrong.value) == "a.yaml, line 3: dose.first: is 1\n  allowed: 0\n  hint: ask for 0"
    assert wrong.value.problems[0].place.line == 3
    with pytest.raises(UnsupportedError, match=r"dose\.second: a second dose") as unsupported:
        executor.map(refusing, [2, 2])
    assert unsupported.value.exit_code == 3
    assert executor.map(squared, [2]) == [4]  # and it works on afterwards


def waiting(item: int, progress: Progress) -> int:
    progress.advance()
    while not progress.stop_requested:
        time.sleep(0.01)
    raise Stopped("stopped")


def test_work_that_looks_for_the_wish_to_stop_ends_soon(executor: Executor) -> None:
    executor.map(squared, [1, 2])  # workers are there
    watcher = Watcher(most=1)  # as soon as one is at work: who gets the others is the scheduler's matter
    began = time.monotonic()
    with pytest.raises(Stopped):
        executor.map(waiting, range(9), watcher)
    assert time.monotonic() - began < PATIENCE
    assert executor.map(squared, [2]) == [4]


def stubborn(item: int, progress: Progress) -> int:
    progress.advance()
    time.sleep(30)
    return item


def test_processes_that_do_not_look_are_ended() -> None:
    with Processes(2) as executor:
        executor.map(squared, [1, 2])
        began = time.monotonic()
        with pytest.raises(Stopped):
            executor.map(stubborn, range(9), Watcher(most=2))
        assert time.monotonic() - began < PATIENCE
        assert executor.map(squared, [3, 4]) == [9, 16]


@dataclass(frozen=True)
class DyingOnce:
    """A task whose worker is killed at item 3, the first time."""

    folder: Path

    def __call__(self, item: int, progress: Progress) -> int:
        mark = self.folder / "died"
        if item == 3 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item**2


def test_a_worker_that_dies_is_replaced_and_the_results_are_the_same(
    mortal: Executor, tmp_path: Path
) -> None:
    assert mortal.map(DyingOnce(tmp_path), range(6)) == [0, 1, 4, 9, 16, 25]
    assert (tmp_path / "died").exists()


def deadly(item: int, progress: Progress) -> int:
    if item == 1:
        time.sleep(0.2)  # Dask does not replace a worker that dies while it starts
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def test_an_item_that_ends_every_worker_is_an_error_that_names_it(mortal: Executor) -> None:
    with pytest.raises(CalorError, match=r"3 workers ended, one after another, at piece 2 of 3"):
        mortal.map(deadly, range(3))
    assert mortal.map(squared, [3, 4]) == [9, 16]


def all_there(executor: Executor) -> None:
    """Wait until workers that ended in another test are replaced."""
    patience = time.monotonic() + PATIENCE
    while executor.workers < 2 and time.monotonic() < patience:
        time.sleep(0.05)


def slow(item: int, progress: Progress) -> int:
    time.sleep(0.2)
    return os.getpid()


@pytest.mark.parametrize("items", [2, 3, 9])
def test_no_worker_stays_idle_while_another_has_two_items(mortal: Executor, items: int) -> None:
    # Dask gives what depends on something to whoever has it, while there are few items.
    all_there(mortal)
    assert len(set(mortal.map(Holding(slow), range(items)))) == 2


@dataclass(frozen=True)
class Holding:
    """A task with much that all items share."""

    task: Task[int, int]
    shared: np.ndarray = field(default_factory=lambda: np.arange(2_000_000.0))

    def __call__(self, item: int, progress: Progress) -> int:
        assert self.shared[item] == item
        return self.task(item, progress)


def test_what_killed_workers_is_told_from_what_waited_there(mortal: Executor) -> None:
    with pytest.raises(CalorError, match=r"at piece 2 of 40"):
        mortal.map(deadly, range(40))


def cores(item: int, progress: Progress) -> int:
    return at_hand().workers


@pytest.mark.parametrize(("items", "each"), [(1, 4), (2, 2), (3, 1), (9, 1)])
def test_fewer_items_than_workers_have_more_cores_each(items: int, each: int) -> None:
    assert Threads(4).map(cores, range(items)) == [each] * items


def test_a_task_s_parts_are_spread_over_the_task_s_share(executor: Executor) -> None:
    assert executor.map(cores, range(3)) == [1, 1, 1]


def whose(item: int, progress: Progress) -> int:
    return os.getpid()


def test_processes_end_with_whoever_gave_the_work() -> None:
    with Processes(2) as executor:
        (worker,) = set(executor.map(whose, [0]))
        assert worker != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def blas_threads(item: int, progress: Progress) -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_linear_algebra_has_one_thread_meanwhile_and_what_it_had_afterwards(executor: Executor) -> None:
    before = blas_threads(0, Silent())
    found = executor.map(blas_threads, range(3))
    assert [set(each) for each in found] == [{1}] * 3
    assert blas_threads(0, Silent()) == before


def test_a_worker_that_joins_later_and_is_unlike_is_refused_with_its_first_item(
    named: Callable[[str], Executor], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = named("cluster")
    monkeypatch.setattr(cluster, "_digits", {**deciders_of_digits(), "processor": "another"})
    with pytest.raises(UnsupportedError, match=r"processor: another here, .* there") as refused:
        cluster.map(squared, [1, 2])
    assert refused.value.exit_code == 3


def complaining(item: int, progress: Progress) -> int:
    logging.getLogger("distributed.worker").error("the worker complains")
    return item


def test_what_dask_logs_of_a_cluster_here_does_not_reach_the_user(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(cluster="local:1").threads() as executor:
        assert executor.map(complaining, [1]) == [1]
        logging.getLogger("distributed.nanny").error("the nanny complains")
    assert "complains" not in capfd.readouterr().err
