"""A folder that one process at a time writes into, and that another may go on with later.

The lock is the system's own on an open file, so that it ends with the process, however that ends; the file
stays.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calor.core.errors import InputError

LOCK = ".lock"


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
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError.of(
                "another process is at work in this folder",
                file=folder, hint="wait until it has ended, or name another folder with --out",
            ) from None  # fmt: skip
        yield
