"""Finished pieces of work in one file: named arrays, each piece with its checksum.

A file is a mark, the length and the CRC-32 of a header, the header (JSON: of each piece its fingerprint and
name, the place, length and CRC-32 of its bytes, and kind and shape of its arrays), and the bytes. A file that
was cut short or changed gives no piece; nothing in one is ever executed.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.store.whole_files import hidden_name

Arrays = Mapping[str, NDArray[Any]]
Key = tuple[str, str]
"""The fingerprint of everything that a piece depends on, and its name."""

MARK = b"calor pieces 1\n"
HEAD = struct.Struct("<QI")
KINDS = "biufU"
"""Kinds of arrays that are kept: truth values, numbers and text, which are their bytes and nothing else."""

ENDING = ".pieces"


@dataclass(frozen=True)
class Place:
    """Where a piece stands: its file, where its bytes begin, how many, their CRC-32, and its arrays."""

    file: Path
    offset: int
    size: int
    checksum: int
    arrays: Mapping[str, tuple[str, tuple[int, ...]]]


def packed(pieces: Sequence[tuple[Key, Arrays]]) -> tuple[bytes, list[memoryview]]:
    """Return the head of a file and the bytes that follow it, for some pieces.

    Raises TypeError for an array of a kind that is not kept.
    """
    entries: list[list[Any]] = []
    body: list[memoryview] = []
    offset = 0
    for (fingerprint, name), arrays in pieces:
        begin, checksum, shapes = offset, 0, {}
        for key, values in arrays.items():
            if values.dtype.kind not in KINDS:
                raise TypeError(f"{name}: {key} is an array of {values.dtype}, which is not kept")
            shapes[key] = (values.dtype.str, values.shape)
            flat = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
            checksum = zlib.crc32(flat, checksum)
            body.append(flat)
            offset += flat.nbytes
        entries.append([fingerprint, name, begin, offset - begin, checksum, shapes])
    header = json.dumps(entries).encode("ascii")
    return MARK + HEAD.pack(len(header), zlib.crc32(header)) + header, body


def write_pieces(path: Path, pieces: Sequence[tuple[Key, Arrays]]) -> None:
    """Write pieces into a new file, which appears whole. Raises OSError where the disk refuses them.

    It is not waited for the disk: what a power cut takes is told by the checksums, and made again.
    """
    head, body = packed(pieces)
    unfinished = path.with_name(hidden_name(path.name))
    try:
        with unfinished.open("wb") as file:
            file.write(head)
            for flat in body:
                file.write(flat)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def places_in(path: Path) -> Iterator[tuple[Key, Place]]:
    """Yield where each piece of a file stands; none where its header is damaged."""
    try:
        with path.open("rb") as file:
            if file.read(len(MARK)) != MARK:
                return
            length, checksum = HEAD.unpack(file.read(HEAD.size))
            header = file.read(length)
        if len(header) != length or zlib.crc32(header) != checksum:
            return
        entries = json.loads(header)
    except (OSError, ValueError, struct.error, MemoryError, OverflowError):
        return
    start = len(MARK) + HEAD.size + length
    for fingerprint, name, offset, size, of_bytes, shapes in entries:
        arrays = {key: (kind, tuple(shape)) for key, (kind, shape) in shapes.items()}
        yield (fingerprint, name), Place(path, start + offset, size, of_bytes, arrays)


def read_piece(place: Place) -> Arrays | None:
    """Return the arrays of a piece, or None where its bytes are not those that were written."""
    try:
        with place.file.open("rb") as file:
            file.seek(place.offset)
            data = file.read(place.size)
    except OSError:
        return None
    if len(data) != place.size or zlib.crc32(data) != place.checksum:
        return None
    found, offset = {}, 0
    for key, (text, shape) in place.arrays.items():
        kind = np.dtype(text)
        if kind.kind not in KINDS:
            return None
        count = int(np.prod(shape, dtype=np.int64))
        found[key] = np.frombuffer(data, kind, count, offset).reshape(shape).copy()
        offset += count * kind.itemsize
    return found
