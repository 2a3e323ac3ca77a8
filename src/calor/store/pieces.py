"""Finished pieces of a run, kept as they are made: a run that was stopped goes on where it was.

Whoever does long work asks for each piece with `kept(name, make)`: it comes from the disk or is made. What a
piece depends on is in its fingerprint and its name; it must not depend on who makes it or in what order.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from calor.core.executors import Executor, Task
from calor.core.executors.executor import Given
from calor.core.progress import Progress
from calor.store.common_store import CommonStore
from calor.store.piece_files import ENDING, Arrays, Key, Place, places_in, read_piece, write_pieces

WRITTEN_EVERY = 1.0
"""Seconds of work that may be lost where a process is killed: pieces made in less are written together."""

LARGEST_WAITING = 32_000_000
"""Bytes that wait to be written at most."""


class Shelf:
    """The pieces of one folder: which there are, and those that wait to be written.

    Arguments: the folder, made if needed; the seconds that pieces may wait, None: as usual; and a folder of
    another run whose pieces serve too, where they are the same. One process at a time writes into a folder,
    and the processes that it has sent the shelf to; their threads may all keep pieces. Raises OSError where
    the folder cannot be made or read.
    """

    def __init__(self, folder: Path, written_every: float | None = None, others: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._written_every = WRITTEN_EVERY if written_every is None else written_every
        self._others = _places_of(_files_in(others)) if others else {}
        self._others_folder = others
        files = _files_in(folder)
        self._read = set(files)
        self._places = _places_of(files)
        self._writer = ""
        self._waiting: dict[Key, Arrays] = {}
        self._waiting_bytes = 0
        self._next = 1 + max((_number_of(file) for file in files), default=0)
        self._written = time.monotonic()
        self._lock = threading.RLock()

    def __reduce__(self) -> tuple[Callable[..., Shelf], tuple[Path, Path | None]]:
        return _elsewhere, (self._folder, self._others_folder)

    def __len__(self) -> int:
        """Return how many pieces are on the disk, those too that other processes wrote meanwhile."""
        with self._lock:
            new = [file for file in _files_in(self._folder) if file not in self._read]
            self._read |= set(new)
            self._places |= _places_of(new)
            return len(self._places)

    def find(self, key: Key) -> Arrays | None:
        """Return a piece that was finished, or None."""
        with self._lock:
            waiting, place = self._waiting.get(key), self._places.get(key) or self._others.get(key)
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
                file = self._folder / f"{self._next:06d}{self._writer}{ENDING}"
                write_pieces(file, list(self._waiting.items()))
                self._read.add(file)
                self._places |= dict(places_in(file))
                self._waiting, self._waiting_bytes = {}, 0
                self._next += 1
            self._written = time.monotonic()


@dataclass(frozen=True)
class Pieces:
    """The pieces of some work.

    Arguments: the shelf that they stand on, None where nothing is kept; the fingerprint of everything that
    they depend on besides their names; what stands before their names; what keeps pieces for every run, None
    where nothing does; and whether these are for every run.
    """

    shelf: Shelf | None = field(default=None, repr=False)
    fingerprint: str = ""
    before: str = ""
    store: CommonStore | None = field(default=None, repr=False)
    is_common: bool = False

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

    def for_every_run(self, fingerprint: str) -> Pieces:
        """Return pieces that other runs may use, by the fingerprint of all that they depend on."""
        return replace(self, fingerprint=fingerprint, before="", is_common=True)

    def kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """Return a piece, from disk or made and kept.

        Raises what `make` raises, and OSError where the disk refuses the piece.
        """
        found = self._found(name)
        return self._put(name, make()) if found is None else found

    def kept_each(
        self,
        items: Mapping[str, Given],
        make: Task[Given, Arrays],
        executor: Executor,
        progress: Progress,
        steps: Callable[[Given], int] = lambda _: 1,
    ) -> list[Arrays]:
        """Return the pieces of some items, from disk or made, in the order of the items.

        Arguments: the items by the pieces' names; what makes a piece, without telling steps; who makes those
        that are missing, each kept as soon as it is known; who watches; and the steps that an item counts.
        Raises as `kept` and `Executor.map` do.
        """
        found = {name: piece for name in items if (piece := self._found(name)) is not None}
        progress.advance(sum(steps(items[name]) for name in found))
        missing = [name for name in items if name not in found]

        def keep(place: int, arrays: Arrays) -> None:
            name = missing[place]
            found[name] = self._put(name, arrays)
            progress.advance(steps(items[name]))

        executor.map(make, [items[name] for name in missing], progress, keep)
        return [found[name] for name in items]

    def _found(self, name: str) -> Arrays | None:
        own = None if self.shelf is None else self.shelf.find(self._key(name))
        if own is not None or self.store is None or not self.is_common:
            return own
        return self.store.find(self._key(name))

    def _put(self, name: str, made: Arrays) -> Arrays:
        arrays = _as_read(made)
        if self.shelf is not None:
            self.shelf.put(self._key(name), arrays)
        if self.store is not None and self.is_common:
            self.store.put(self._key(name), arrays)
        return arrays

    def _key(self, name: str) -> Key:
        return self.fingerprint, self.before + name


NOT_KEPT = Pieces()
"""The pieces of work of which nothing is kept."""


def _files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{ENDING}"))


def _places_of(files: list[Path]) -> dict[Key, Place]:
    return dict(each for file in files for each in places_in(file))


def _as_read(arrays: Arrays) -> Arrays:
    """Return arrays laid out as they would come from the disk: what is summed over them is then the same."""
    return {key: np.ascontiguousarray(values).reshape(values.shape) for key, values in arrays.items()}


def _elsewhere(folder: Path, others: Path | None) -> Shelf:
    """Return a shelf that was sent to this process: each piece is a file, under a name of its own."""
    shelf = Shelf(folder, written_every=0.0, others=others)
    shelf._writer = f"-{os.getpid()}"
    return shelf


def _number_of(file: Path) -> int:
    found = re.match(r"\d+", file.stem)
    return int(found.group()) if found else 0
