"""Small files that other processes may read at any moment: each appears whole, or stays as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def hidden_name(name: str) -> str:
    """Return under which name a file is written before it appears."""
    return f".{name}.part"


def write_whole(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write a file under a hidden name and rename it.

    Arguments: the file; its bytes; and whether it must outlast a power cut (it is then on the disk before it
    appears). Raises OSError where it cannot be written; nothing of it is left then.
    """
    unfinished = path.with_name(hidden_name(path.name))
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_whole_json(path: Path, document: Any, *, lasting: bool = True) -> None:
    """Write JSON as `write_whole` writes bytes; a number that is not finite is refused."""
    text = json.dumps(document, indent=2, allow_nan=False) + "\n"
    write_whole(path, text.encode("utf-8"), lasting=lasting)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a JSON object, or None where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def on_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk. Raises OSError where the disk refuses it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
