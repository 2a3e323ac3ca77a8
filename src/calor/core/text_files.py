"""Text files: what users give is read whole or refused, what they get is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from calor.core.errors import InputError
from calor.core.leftovers import removed_if_ended


def read_text_file(path: Path, largest_bytes: int) -> str:
    """Return a file's text, without a byte-order mark.

    Raises InputError when the file is missing, cannot be read, is larger than `largest_bytes` (bytes), or is
    not UTF-8 text.
    """
    try:
        size = path.stat().st_size
        if size > largest_bytes:
            raise InputError.of(f"is {size:,} bytes", file=path, allowed=f"at most {largest_bytes:,} bytes")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError.of("no such file", file=path, hint="check the spelling of the path") from None
    except IsADirectoryError:
        raise InputError.of("is a folder", file=path, allowed="a file") from None
    except OSError as error:
        raise InputError.of(f"cannot be read: {error.strerror}", file=path) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError.of("is not UTF-8 text", file=path, line=line, allowed="UTF-8") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError.of("holds a zero byte, so it is not text", file=path, line=line)
    return text


@contextmanager
def new_text_file(path: Path) -> Iterator[TextIO]:
    """Yield a text file to write into; on success it becomes `path`, on failure nothing of it is left.

    What is no ordinary file (a device, a pipe) is written to as it stands. Raises InputError when the file
    cannot be written, for example because the disk is full.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            with target.open("w", newline="", encoding="utf-8") as file:
                yield file
            return
        hidden = target.with_name(f".calor-{os.getpid()}.part")
        try:
            with (
                removed_if_ended(lambda: hidden.unlink(missing_ok=True)),
                hidden.open("w", newline="", encoding="utf-8") as file,
            ):
                yield file
            hidden.replace(target)
        except BaseException:
            hidden.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError.of(f"cannot write the file: {error.strerror}", file=path) from None
