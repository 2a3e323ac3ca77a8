"""The runs of a folder: listed, stopped and removed by whoever asks, not only by who began them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calor.core.errors import InputError, ReportedError
from calor.store.folder_lock import is_locked
from calor.store.requests import REQUEST, Request, read_request
from calor.store.states import MANIFEST, State, Status, read_status
from calor.store.watching import STOP

RUNS = Path("runs")
"""Where runs go whose folder nobody names."""


@dataclass(frozen=True)
class Listed:
    """A run as it is listed.

    Arguments: its folder; what was asked, None of a run that was kept before requests were; where it stands.
    """

    folder: Path
    request: Request | None
    status: Status

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "run": str(self.folder),
            "kind": self.request.command if self.request else None,
            "question": self.request.question if self.request else None,
            **self.status.to_document(),
        }


def listed_run(folder: Path) -> Listed:
    """Return the run of a folder. Raises InputError where there is none in it."""
    if not (folder / REQUEST).is_file() and not (folder / MANIFEST).is_file():
        raise InputError.of("holds no run", file=folder, hint="calor runs lists the runs of a folder")
    return Listed(folder, read_request(folder), read_status(folder))


def shown_run(folder: Path) -> Listed:
    """Return the run of a folder; one that is damaged has failed, and its message says why."""
    try:
        return listed_run(folder)
    except ReportedError as error:
        return Listed(folder, None, Status(state=State.FAILED, message=str(error)))


def runs_in(folder: Path) -> list[Listed]:
    """Return the runs that stand in a folder, in the order in which they were begun; it may be one itself.

    A damaged one is among them (`shown_run`). Raises InputError where the folder cannot be read, or where
    there is none; `RUNS` alone may be missing, before the first run.
    """
    if folder != RUNS and not folder.is_dir():
        raise InputError.of(
            "no such folder", file=folder, hint="calor runs lists those in runs/ and beside it"
        )
    found = [shown_run(each) for each in _run_folders(folder)]
    return sorted(found, key=lambda run: (run.status.started or "~", str(run.folder)))


def stop_run(folder: Path) -> bool:
    """Ask a run to stop; its process does so at its next safe point, well within a second.

    Returns whether there was anything to stop: one that has stopped already is as it was wished to be, also
    where it did so between a look at it and the wish. Raises InputError where the run is done, has failed or
    waits in a queue, and where there is none in the folder.
    """
    if not is_locked(folder):
        state = listed_run(folder).status.state
        if state is State.STOPPED:
            return False
        raise InputError.of(f"is not at work: it is {state}", file=folder)
    try:
        (folder / STOP).touch()
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    return True


def remove_run(folder: Path) -> None:
    """Remove a run with everything in its folder.

    Raises InputError where there is no run in it, where a process is at work in it, or where it cannot be
    removed.
    """
    if not any((folder / name).is_file() for name in (REQUEST, MANIFEST)):
        listed_run(folder)  # says that it holds no run
    if is_locked(folder):
        raise InputError.of("is at work", file=folder, hint="stop it first")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError.of(f"cannot be removed: {error.strerror}", file=folder) from None


def _run_folders(folder: Path) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=folder) from None
    for each in (folder, *inside):
        if (each / REQUEST).is_file() or (each / MANIFEST).is_file():
            yield each
