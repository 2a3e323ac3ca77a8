"""Files of the cache: written whole or not at all, and read only as they were written.

A file begins with the hash of what is in it, so that a damaged or half-written one counts as absent. That
hash is no signature: whoever may write in the cache folder is trusted, and the folder is the user's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

DIGEST_SIZE = hashlib.sha256().digest_size
"""Bytes of the hash that a file begins with."""


def read_kept(file: Path) -> bytes | None:
    """Return the content of a file of the cache, or None where there is none or it is damaged."""
    try:
        kept = file.read_bytes()
    except OSError:
        return None
    digest, content = kept[:DIGEST_SIZE], kept[DIGEST_SIZE:]
    return content if hashlib.sha256(content).digest() == digest else None


def write_kept(file: Path, content: bytes) -> None:
    """Write a file so that another process sees all of it or nothing; where that cannot be, do nothing."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(hashlib.sha256(content).digest() + content)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
            raise
