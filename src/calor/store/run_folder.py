"""A run on disk: a folder that appears whole or not at all.

The folder is claimed before the work begins: everything is written into a hidden folder beside the final one,
which only one run can make, and which is renamed when the run is complete. A run that stops half-way leaves
nothing behind.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.core.errors import InputError
from calor.core.leftovers import removed_if_ended

if TYPE_CHECKING:
    import pandas as pd


def free_folder(wanted: Path) -> Path:
    """Return a folder of this name, or with the first number behind it, that does not exist yet."""
    names = chain([wanted.name], (f"{wanted.name}-{number}" for number in count(2)))
    return next(folder for name in names if not (folder := wanted.with_name(name)).exists())


@contextmanager
def new_run_folder(folder: Path) -> Iterator[Path]:
    """Claim a folder and yield one to write into; on success it becomes `folder`, on failure it is removed.

    Enter it before the work begins. Raises InputError when `folder` exists and holds anything, when another
    run has claimed it, when it cannot be made, or when the disk refuses what is written.
    """
    _check_free(folder)
    hidden = _claimed(folder)
    try:
        with removed_if_ended(lambda: shutil.rmtree(hidden, ignore_errors=True)):
            yield hidden
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        if error.errno is None or not _is_within(error.filename, hidden):
            raise
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    try:
        hidden.rename(folder)
    except OSError:
        raise InputError.of(
            "was taken while the run was made", file=folder, hint=f"the whole run is in {hidden}"
        ) from None


@contextmanager
def run_folder_if_named(folder: Path | None) -> Iterator[Path | None]:
    """Claim a folder as `new_run_folder` does where one is named; yield None where none is."""
    if folder is None:
        yield None
        return
    with new_run_folder(folder) as hidden:
        yield hidden


def _check_free(folder: Path) -> None:
    """Raise InputError when a run cannot become this folder because something is there."""
    try:
        taken = folder.is_file() or (folder.is_dir() and any(folder.iterdir()))
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=folder) from None
    if taken:
        raise InputError.of("already exists", file=folder, hint="name another folder")


def _claimed(folder: Path) -> Path:
    """Make the hidden folder of a run, which only one run at a time can."""
    hidden = folder.absolute().parent / f".{folder.absolute().name}.part"
    try:
        hidden.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError.of(f"cannot be written: {error.filename} is not a folder", file=folder) from None
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    try:
        hidden.mkdir()
    except FileExistsError:
        raise InputError.of(
            "is being written by another run",
            file=folder,
            hint=f"name another folder, or remove {hidden} if no run is at work",
        ) from None
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    return hidden


def _is_within(name: object, folder: Path) -> bool:
    """Return whether an error is about a file in a folder; one without a file's name came from writing."""
    return name is None or Path(str(name)).is_relative_to(folder)


def write_json(path: Path, document: Any) -> None:
    """Write JSON with sorted structure as given; a number that is not finite is refused."""
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    table.to_parquet(path, index=False)
