"""A run on disk: a folder that appears whole or not at all.

Everything is written into a hidden folder beside the final one, which is renamed when the run is complete;
a run that stops half-way leaves nothing behind.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

import pandas as pd

from calor.core.errors import InputError


def check_free(folder: Path) -> None:
    """Raise InputError when a run cannot become this folder because something is there."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InputError.of("already exists", file=folder, hint="name another folder with --out")


def free_folder(wanted: Path) -> Path:
    """Return a folder of this name, or with the first number behind it, that does not exist yet."""
    names = chain([wanted.name], (f"{wanted.name}-{number}" for number in count(2)))
    return next(folder for name in names if not (folder := wanted.with_name(name)).exists())


@contextmanager
def new_run_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into; on success it becomes `folder`, on failure it is removed.

    Raises InputError when `folder` exists and holds anything, or cannot be made.
    """
    check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None
    try:
        yield hidden
        hidden.chmod(0o755)
        hidden.rename(folder)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def write_json(path: Path, document: Any) -> None:
    """Write JSON with sorted structure as given; a number that is not finite is refused."""
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    table.to_parquet(path, index=False)
