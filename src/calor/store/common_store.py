"""Pieces that every run of a user may find again, in the user's cache.

A file holds a piece; what was unused for longest makes room. A piece stands under the hash of everything that
it depends on, so nothing in here is ever out of date. It can always be made again: a file that is damaged
counts as none, and where none can be written the work goes on.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from calor.core.cache import cache_folder
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_text
from calor.store.piece_files import ENDING, Arrays, Key, places_in, read_piece, write_pieces

SIZE = "CALOR_CACHE_MB"
"""The environment variable that says how many megabytes are kept; 0 keeps nothing."""

USUAL_MEGABYTES = 1_000

MOST_DIGITS = 12
"""Of that size: beyond any disk."""

MOST_OF_A_RUN = 4
"""A run may fill the store divided by this: a huge one drops not all that others use."""


class CommonStore:
    """The pieces in a folder, which any number of runs use at once.

    Arguments: the folder, which need not exist; and the bytes that it may hold. `found` counts the pieces
    that were there, `missing` those that were not.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.found = self.missing = 0
        self._most_bytes = most_bytes
        self._left = most_bytes // MOST_OF_A_RUN
        self._lock = threading.Lock()

    def find(self, key: Key) -> Arrays | None:
        """Return a piece, None where there is none or its file is damaged."""
        file = self._file(key)
        place = dict(places_in(file)).get(key)
        arrays = None if place is None else read_piece(place)
        with self._lock:
            self.found += arrays is not None
            self.missing += arrays is None
        if arrays is not None:
            with contextlib.suppress(OSError):
                os.utime(file)
        return arrays

    def put(self, key: Key, arrays: Arrays) -> None:
        """Keep a piece where there is room for it."""
        size = sum(values.nbytes for values in arrays.values())
        with self._lock, contextlib.suppress(OSError):
            if size > self._left:
                return
            self._left -= size
            self.folder.mkdir(parents=True, exist_ok=True)
            own = self.folder / f"{os.getpid()}{ENDING}"  # two runs may make the same piece at once
            write_pieces(own, [(key, arrays)])
            own.replace(self._file(key))
            self._drop()

    def _drop(self) -> None:
        """Remove what was unused for longest until the rest is as large as may be."""
        known = sorted(
            ((state.st_mtime_ns, state.st_size, path) for path, state in _states(self.folder)), reverse=True
        )
        total = 0
        for _, size, path in known:
            total += size
            if total > self._most_bytes:
                path.unlink(missing_ok=True)

    def _file(self, key: Key) -> Path:
        return self.folder / f"{sha256_of_text(chr(10).join(key))}{ENDING}"


def common_store() -> CommonStore | None:
    """Return the store in the user's cache, None where it may hold nothing.

    Raises InputError for a size that is no number of megabytes.
    """
    text = os.environ.get(SIZE, str(USUAL_MEGABYTES))
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        allowed = f"a whole number of megabytes of at most {MOST_DIGITS} digits, 0 for none"
        raise InputError.of(
            f"is {text[:MOST_DIGITS]!r}{'...' * (len(text) > MOST_DIGITS)}", key=SIZE, allowed=allowed
        )
    return CommonStore(cache_folder() / "banks", int(text) * 1_000_000) if int(text) else None


def _states(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """Return the files of a folder with their sizes and times, without those that go meanwhile."""
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            found.append((path, path.stat()))
    return found
