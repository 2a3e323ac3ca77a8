"""Random numbers keyed by what they are for, so that no draw depends on order, batch or worker count.

A stream is a counter-based generator (Threefry-2x64 with 20 rounds, Salmon et al. 2011, "Parallel random
numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405) under a key made from the seed and the names of
the study, the draw and the purpose. Row i of a block is the same number whoever asks for it and whatever
other rows are asked for beside it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.special import ndtri
from calor.core.threefry_code import PARITY, ROTATIONS, ROUNDS, blocks

Words = NDArray[np.uint64]
Rows = NDArray[np.integer] | int
Columns = NDArray[np.integer] | int

FEWEST_COMPILED = 256
"""Blocks from which on machine code turns them: below, loading LLVM may cost more than it saves."""


def threefry2x64(key: tuple[int, int], counter_high: Words, counter_low: Words) -> tuple[Words, Words]:
    """Return the Threefry-2x64-20 block of each counter under a key.

    Arguments: two 64-bit key words, and counters of any common shape.
    Returns two arrays of that shape. Source: Salmon et al. 2011.
    """
    words = (np.uint64(key[0]), np.uint64(key[1]))
    schedule = (*words, PARITY ^ words[0] ^ words[1])
    with np.errstate(over="ignore"):
        shape = np.broadcast_shapes(np.shape(counter_high), np.shape(counter_low))
        x0 = np.asarray(np.broadcast_to(counter_high, shape) + schedule[0])
        x1 = np.asarray(np.broadcast_to(counter_low, shape) + schedule[1])
        low_bits = np.empty_like(x1)
        for round_index in range(ROUNDS):
            rotation = np.uint64(ROTATIONS[round_index % 8])
            x0 += x1
            np.right_shift(x1, np.uint64(64) - rotation, out=low_bits)
            x1 <<= rotation
            x1 |= low_bits
            x1 ^= x0
            if round_index % 4 == 3:
                injection = round_index // 4 + 1
                x0 += schedule[injection % 3]
                x1 += schedule[(injection + 1) % 3] + np.uint64(injection)
    return x0, x1


@dataclass(frozen=True)
class Stream:
    """A place in the tree of random numbers: a seed and the names that lead to it.

    Two streams with different names are independent; `stream.child("dropout")` adds a name.
    """

    seed: int
    names: tuple[str | int, ...] = ()

    def child(self, *names: str | int) -> Stream:
        """Return the stream under further names."""
        return Stream(self.seed, self.names + names)

    @property
    def key(self) -> tuple[int, int]:
        """The 128-bit key of this stream: a hash of the seed and the names."""
        text = "\x1f".join([str(self.seed), *(f"{type(name).__name__}:{name}" for name in self.names)])
        digest = hashlib.sha256(text.encode()).digest()
        return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")

    def words(self, rows: Rows, columns: Columns) -> Words:
        """Return random 64-bit words, one row for each identifier.

        Arguments: row identifiers (n,), or a count n that stands for 0..n-1; the columns (m,), not
        decreasing, or a count m that stands for 0..m-1. A word depends on its row and column alone.
        Returns an array (n, m).
        """
        identifiers = _numbers(rows).astype(np.uint64)
        wanted = _numbers(columns)
        pairs, position = np.unique(wanted // 2, return_inverse=True)
        low, chosen = pairs.astype(np.uint64), 2 * position + wanted % 2
        if len(identifiers) * len(low) >= FEWEST_COMPILED:
            found = blocks(self.key, identifiers, low)
            if np.all(np.diff(chosen) == 1):  # the rule; a slice copies nothing
                return found[:, chosen[0] : chosen[-1] + 1]
            return np.asarray(found[:, chosen])
        both = threefry2x64(self.key, identifiers[:, None], low[None, :])
        return np.asarray(np.stack(both, axis=-1).reshape(len(identifiers), 2 * len(low))[:, chosen])

    def uniforms(self, rows: Rows, columns: Columns) -> Numbers:
        """Return uniform numbers in (0, 1); arguments and shape as for `words`."""
        # Signed numbers become floats ten times as fast as unsigned ones; 53 bits fit both.
        whole = (self.words(rows, columns) >> np.uint64(11)).view(np.int64)
        return (whole.astype(np.float64) + 0.5) * 2.0**-53

    def normals(self, rows: Rows, columns: Columns) -> Numbers:
        """Return standard normal numbers by inversion; arguments and shape as for `words`."""
        return np.asarray(ndtri(self.uniforms(rows, columns)), dtype=np.float64)

    def generator(self) -> np.random.Generator:
        """Return a NumPy generator for a single sequential use of this stream."""
        return np.random.Generator(np.random.Philox(key=np.array(self.key, dtype=np.uint64)))


def _numbers(count_or_numbers: NDArray[np.integer] | int) -> NDArray[np.int64]:
    """Return 0..n-1 for a count n, or the numbers themselves."""
    if isinstance(count_or_numbers, int | np.integer):
        return np.arange(count_or_numbers)
    return np.asarray(count_or_numbers, dtype=np.int64)
