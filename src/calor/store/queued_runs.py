"""Runs that wait for somebody to begin them: put into a queue, again, or taken from it.

The queue is nothing but folders that say so, so that it outlasts whoever works it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from calor.core.errors import InputError
from calor.store.active_run import as_input_errors, check_free
from calor.store.folder_lock import locked_folder
from calor.store.requests import REQUEST, Request, write_request
from calor.store.saved_runs import listed_run
from calor.store.states import MANIFEST, State, Status, last_written, write_status
from calor.store.whole_files import write_whole


def queue_run(folder: Path, request: Request, files: Mapping[str, bytes] | None = None) -> None:
    """Put a request into a new folder; `calor resume FOLDER` begins it.

    Arguments: the folder; what is asked; and files that the request names, which go into the folder before
    the request makes a run of it.

    Raises InputError where the folder holds anything or cannot be made or written.
    """
    check_free(folder)
    if (folder / REQUEST).exists():
        raise InputError.of("already holds a run", file=folder, hint="name another folder")
    with as_input_errors(folder), locked_folder(folder):
        for name, content in (files or {}).items():
            write_whole(folder / name, content)
        write_request(folder, request)
        write_status(folder, Status(state=State.QUEUED, updated=_now()), lasting=True)


def queue_again(folder: Path) -> None:
    """Put a run that stopped, failed or was killed into the queue; one that waits already stays where it is.

    Raises InputError where there is no run in the folder, where it is done, where a process is at work in it,
    or where the disk refuses it.
    """
    listed_run(folder)
    with as_input_errors(folder), locked_folder(folder):
        if (folder / MANIFEST).is_file():
            raise InputError.of("is done already", file=folder)
        status = last_written(folder)
        if status.state is not State.QUEUED:
            again = replace(status, state=State.QUEUED, updated=_now(), message=None)
            write_status(folder, again, lasting=True)


def take_from_queue(folder: Path, state: State, message: str | None = None) -> bool:
    """Return whether a run waited; it then has another state and a message, and is not begun.

    Raises InputError where a process is at work in the folder, or where the disk refuses it.
    """
    if last_written(folder).state is not State.QUEUED:
        return False
    with as_input_errors(folder), locked_folder(folder):
        status = last_written(folder)
        if status.state is not State.QUEUED or (folder / MANIFEST).is_file():
            return False
        write_status(folder, replace(status, state=state, updated=_now(), message=message), lasting=True)
    return True


def _now() -> str:
    """Return the time, exactly enough to tell who came first."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
