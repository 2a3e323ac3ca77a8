"""Text files that users give: read whole, or refused with one clear error."""

from __future__ import annotations

from pathlib import Path

from calor.core.errors import InputError


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
