"""A folder that one process at a time writes into, and that another may go on with later.

The lock is the system's own on an open file, so that it ends with the process, however that ends; the file
stays.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from calor.core.errors import InputError

LOCK = ".lock"

TRIES, BETWEEN = 10, 0.02
"""How often a lock is asked for, and the seconds between: whoever only looks holds it for an instant."""


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Make a folder where it is missing, and keep other processes out of it within the context.

    Raises InputError where another process is at work in it, or where it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a")
    except FileExistsError as error:
        raise InputError.of(f"cannot be written: {error.filename} is not a folder", file=folder) from None
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    with file:
        if not _locked(file):
            raise InputError.of(
                "another process is at work in this folder",
                file=folder, hint="wait until it has ended, or name another folder with --out",
            )  # fmt: skip
        yield


def is_locked(folder: Path) -> bool:
    """Return whether a process is at work in a folder."""
    try:
        file = (folder / LOCK).open()
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _locked(file: IO[str]) -> bool:
    """Return whether the lock was had, alone."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(BETWEEN)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False
