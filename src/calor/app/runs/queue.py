"""The queue of runs: folders that say `queued`, worked off by processes, so many at once.

All that it knows is on the disk. Whatever happens to the server, a run goes on, waits, or can be resumed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from calor.app.failures import BusyError, ConflictError
from calor.app.runs.asked import Order
from calor.app.runs.folders import AT_WORK, Runs
from calor.app.runs.telling import told_by_name
from calor.app.runs.worker import Worker
from calor.app.settings import Limits
from calor.core.errors import ReportedError
from calor.store.queued_runs import queue_again, queue_run, take_from_queue
from calor.store.saved_runs import Listed, remove_run, shown_run, stop_run
from calor.store.states import State, read_status

LOOKED_EVERY = 0.1
SCANNED_EVERY = 5.0
"""Seconds between two looks at the processes, and between two at the folder where nothing has happened."""

PATIENCE = 30.0
"""Seconds that the runs have to come to a safe point when the server ends."""

ENDING = 15.0
"""Seconds that whoever goes on with a run, or removes it, waits for a process that is ending."""

OWN_NAME = re.compile(r"[0-9a-f]{16}")
"""How the queue names folders: nobody guesses a name."""

_log = logging.getLogger("uvicorn.error")


class RunQueue:
    """The queue of a folder of runs. Arguments: the runs; the limits of the server."""

    def __init__(self, runs: Runs, limits: Limits) -> None:
        self._runs, self._limits = Runs(runs.folder.resolve()), limits
        self._workers: dict[str, Worker] = {}
        self._lock = threading.RLock()
        self._woken, self._ending = threading.Event(), threading.Event()

    def add(self, order: Order) -> str:
        """Put a run into the queue and return its name.

        Raises BusyError where too many wait or are kept, and InputError where the disk refuses it.
        """
        with self._lock:
            self._check_room()
            if len(self._runs.names()) >= self._limits.kept_runs:
                raise BusyError.of(f"{self._limits.kept_runs:,} runs are kept here", hint="remove some first")
            name = secrets.token_hex(8)
            folder = self._runs.folder / name
            with told_by_name(self._runs.folder):
                queue_run(folder, replace(order.request, working_folder=str(folder)), order.files)
        self._woken.set()
        return name

    def resume(self, name: str) -> None:
        """Put a run into the queue again.

        Raises AbsentError for an unknown name, BusyError where too many wait, ConflictError where it is done
        or at work, and InputError where it is damaged or the disk refuses it.
        """
        self._wait_for_its_end(name)
        with self._lock, told_by_name(self._runs.folder):
            run = self._runs.run(name)
            state = State.RUNNING if self._is_at_work(run) else run.status.state
            if state in (State.RUNNING, State.DONE):
                raise ConflictError.of(f"is {state} already", key=name, allowed="one that stopped or failed")
            self._check_room()
            queue_again(run.folder)
        self._woken.set()

    def stop(self, name: str) -> None:
        """Ask a run to stop, wherever it was begun, or take it from the queue.

        One that has stopped stays so. Raises AbsentError for an unknown name, and ConflictError where it is
        done or has failed.
        """
        with self._lock, told_by_name(self._runs.folder):
            run = self._runs.run(name)
            worker = self._workers.get(name)
            if run.status.state is State.STOPPED:
                return
            if run.status.state not in AT_WORK:
                raise ConflictError.of(f"is not at work: it is {run.status.state}", key=name)
            if worker is not None and not worker.has_ended:
                worker.ask_to_stop()
            elif not take_from_queue(run.folder, State.STOPPED):
                stop_run(run.folder)

    def is_stopping(self, name: str) -> bool:
        """Return whether a run was asked to stop and has not yet."""
        worker = self._workers.get(name)
        return worker is not None and worker.asked_to_stop

    def remove(self, name: str) -> None:
        """Remove a run. Raises AbsentError for an unknown name, and ConflictError where it is at work."""
        self._wait_for_its_end(name)
        with self._lock, told_by_name(self._runs.folder):
            folder = self._runs.place(name)
            if self._is_at_work(shown_run(folder)):
                raise ConflictError.of("is at work", key=name, hint="stop it first; that takes a second")
            remove_run(folder)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Work the queue off within the context; at its end the runs stop, and wait for the next one."""
        self._ending.clear()
        thread = threading.Thread(target=self._work, name="queue of runs", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ending.set()
            self._woken.set()
            thread.join()
            self._put_back()

    def _work(self) -> None:
        scanned = 0.0
        while not self._ending.is_set():
            try:
                woken = self._woken.is_set()
                self._woken.clear()
                if self._reap() or woken or time.monotonic() - scanned >= SCANNED_EVERY:
                    scanned = time.monotonic()
                    self._begin_waiting()
            except (
                ReportedError,
                OSError,
            ) as error:  # a full disk or a damaged folder: looked at again later
                _log.warning("queue of runs: %s", error)
            if self._workers:
                time.sleep(LOOKED_EVERY)
            else:
                self._woken.wait(SCANNED_EVERY)

    def _reap(self) -> bool:
        """See to processes that have ended; return whether there were any."""
        with self._lock:
            ended = [name for name, worker in self._workers.items() if worker.has_ended]
            for name in ended:
                self._see_off(self._workers.pop(name))
        return bool(ended)

    def _wait_for_its_end(self, name: str) -> None:
        """Wait a moment for a process that is ending: its run says so before it has ended."""
        worker = self._workers.get(name)
        if worker is None:
            return
        is_ending = worker.asked_to_stop or read_status(worker.folder).state not in AT_WORK
        if not (worker.has_ended or (is_ending and worker.wait(ENDING))):
            return
        with self._lock:
            if self._workers.pop(name, None) is worker:
                self._see_off(worker)

    def _see_off(self, worker: Worker) -> None:
        """Say of a run whose process ended before it began why it does not wait any more."""
        why = worker.last_words()
        worker.close()
        if not worker.folder.is_dir():
            return
        if worker.asked_to_stop:
            take_from_queue(worker.folder, State.STOPPED)
        else:
            take_from_queue(worker.folder, State.FAILED, why)

    def _begin_waiting(self) -> None:
        """Begin as many of the waiting runs as there is room for, the longest waiting first."""
        with self._lock:
            waiting = [run.folder for run in self._runs.waiting() if run.folder.name not in self._workers]
            free = self._limits.at_once - self._busy() if waiting else 0
            for folder in waiting[: max(free, 0)]:
                self._workers[folder.name] = Worker(folder, self._threads)

    def _busy(self) -> int:
        """Return how many runs of the queue are at work, with those that a server before this one began."""
        others = (
            name for name in self._runs.names() if OWN_NAME.fullmatch(name) and name not in self._workers
        )
        running = (read_status(self._runs.folder / name).state is State.RUNNING for name in others)
        return len(self._workers) + sum(running)

    def _put_back(self) -> None:
        """Stop the runs, and let those wait that nobody wanted to stop."""
        with self._lock:
            wanted = {name for name, worker in self._workers.items() if worker.asked_to_stop}
            for worker in self._workers.values():
                worker.ask_to_stop()
            until = time.monotonic() + PATIENCE
            for name, worker in self._workers.items():
                if worker.wait(max(until - time.monotonic(), 0.0)):
                    _leave(worker.folder, wanted=name in wanted)
                worker.close()  # one that works still comes to its safe point without us
            self._workers.clear()

    def _check_room(self) -> None:
        if len(self._runs.waiting()) >= self._limits.waiting:
            raise BusyError.of(f"{self._limits.waiting} runs wait already", hint="try again later")

    def _is_at_work(self, run: Listed) -> bool:
        worker = self._workers.get(run.folder.name)
        return run.status.state is State.RUNNING or (worker is not None and not worker.has_ended)

    @property
    def _threads(self) -> int:
        return max(1, (os.cpu_count() or 1) // self._limits.at_once)


def _leave(folder: Path, *, wanted: bool) -> None:
    """Let a run whose process ended with the server wait for the next one, unless somebody stopped it."""
    with contextlib.suppress(ReportedError):  # where the disk refuses it, it stays stopped
        if wanted:
            take_from_queue(folder, State.STOPPED)
        elif read_status(folder).state is State.STOPPED:
            queue_again(folder)
