"""Finished pieces of a run, kept as they are made: a run that was stopped goes on where it was.

Whoever does long work asks for each piece with `kept(name, make)`: it comes from the disk or is made. What a
piece depends on is in its fingerprint and its name; it must not depend on who makes it or in what order.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from calor.store.piece_files import ENDING, Arrays, Key, Place, places_in, read_piece, write_pieces

WRITTEN_EVERY = 1.0
"""Seconds of work that may be lost where a process is killed: pieces made in less are written together."""

LARGEST_WAITING = 32_000_000
"""Bytes that wait to be written at most."""


class Shelf:
    """The pieces of one folder: which there are, and those that wait to be written.

    Arguments: the folder, made if needed, and the seconds that pieces may wait. One process at a time writes
    into a folder; its threads may all keep pieces. Raises OSError where the folder cannot be made or read.
    """

    def __init__(self, folder: Path, written_every: float = WRITTEN_EVERY) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._written_every = written_every
        files = sorted(folder.glob(f"*{ENDING}"))
        self._places: dict[Key, Place] = dict(each for file in files for each in places_in(file))
        self._waiting: dict[Key, Arrays] = {}
        self._waiting_bytes = 0
        self._next = 1 + max((_number_of(file) for file in files), default=0)
        self._written = time.monotonic()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Return how many pieces are on the disk."""
        return len(self._places)

    def find(self, key: Key) -> Arrays | None:
        """Return a piece that was finished, or None."""
        with self._lock:
            waiting, place = self._waiting.get(key), self._places.get(key)
        if waiting is not None:
            return waiting
        return None if place is None else read_piece(place)

    def put(self, key: Key, arrays: Arrays) -> None:
        """Keep a piece. Raises OSError where the disk refuses it."""
        with self._lock:
            self._waiting[key] = arrays
            self._waiting_bytes += sum(values.nbytes for values in arrays.values())
            waited = time.monotonic() - self._written
            if waited >= self._written_every or self._waiting_bytes >= LARGEST_WAITING:
                self.write()

    def write(self) -> None:
        """Write what waits. Raises OSError where the disk refuses it; it then still waits."""
        with self._lock:
            if self._waiting:
                file = self._folder / f"{self._next:06d}{ENDING}"
                write_pieces(file, list(self._waiting.items()))
                self._places |= dict(places_in(file))
                self._waiting, self._waiting_bytes = {}, 0
                self._next += 1
            self._written = time.monotonic()


@dataclass(frozen=True)
class Pieces:
    """The pieces of some work.

    Arguments: the shelf that they stand on, None where nothing is kept; the fingerprint of everything that
    they depend on besides their names; and what stands before their names.
    """

    shelf: Shelf | None = field(default=None, repr=False)
    fingerprint: str = ""
    before: str = ""

    @classmethod
    def in_folder(cls, folder: Path, fingerprint: str) -> Pieces:
        """Return pieces of a folder of their own, each written as it is made."""
        return cls(Shelf(folder, written_every=0.0), fingerprint)

    def under(self, *names: object) -> Pieces:
        """Return the pieces of a part of the work, by what tells it from the other parts."""
        return replace(self, before=self.before + "".join(f"{name}/" for name in names))

    def keyed(self, fingerprint: str) -> Pieces:
        """Return pieces that depend on something else, on the same shelf."""
        return replace(self, fingerprint=fingerprint)

    def kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """Return a piece, from disk or made and kept.

        Raises what `make` raises, and OSError where the disk refuses the piece.
        """
        if self.shelf is None:
            return _as_read(make())
        key = (self.fingerprint, self.before + name)
        found = self.shelf.find(key)
        if found is None:
            found = _as_read(make())
            self.shelf.put(key, found)
        return found


NOT_KEPT = Pieces()
"""The pieces of work of which nothing is kept."""


def _as_read(arrays: Arrays) -> Arrays:
    """Return arrays laid out as they would come from the disk: what is summed over them is then the same."""
    return {key: np.ascontiguousarray(values).reshape(values.shape) for key, values in arrays.items()}


def _number_of(file: Path) -> int:
    found = re.fullmatch(r"(\d+)", file.stem)
    return int(found.group()) if found else 0
