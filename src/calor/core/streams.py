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
from scipy.special import ndtri

Words = NDArray[np.uint64]

_ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)
_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_ROUNDS = 20


def threefry2x64(key: tuple[int, int], counter_high: Words, counter_low: Words) -> tuple[Words, Words]:
    """Return the Threefry-2x64-20 block of each counter under a key.

    Arguments: two 64-bit key words, and counters of any common shape.
    Returns two arrays of that shape. Source: Salmon et al. 2011.
    """
    words = (np.uint64(key[0]), np.uint64(key[1]))
    schedule = (*words, _PARITY ^ words[0] ^ words[1])
    with np.errstate(over="ignore"):
        x0 = counter_high + schedule[0]
        x1 = counter_low + schedule[1]
        for round_index in range(_ROUNDS):
            rotation = np.uint64(_ROTATIONS[round_index % 8])
            x0 = x0 + x1
            x1 = ((x1 << rotation) | (x1 >> (np.uint64(64) - rotation))) ^ x0
            if round_index % 4 == 3:
                injection = round_index // 4 + 1
                x0 = x0 + schedule[injection % 3]
                x1 = x1 + schedule[(injection + 1) % 3] + np.uint64(injection)
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

    def uniforms(self, rows: NDArray[np.integer] | int, columns: int) -> NDArray[np.float64]:
        """Return uniform numbers in (0, 1), one row for each identifier.

        Arguments: row identifiers (n,), or a count n that stands for 0..n-1; the number of columns.
        Returns an array (n, columns).
        """
        identifiers = np.arange(rows) if isinstance(rows, int | np.integer) else np.asarray(rows)
        pairs = (columns + 1) // 2
        high = np.repeat(identifiers.astype(np.uint64)[:, None], pairs, axis=1)
        low = np.broadcast_to(np.arange(pairs, dtype=np.uint64), high.shape)
        first, second = threefry2x64(self.key, high, low)
        bits = np.stack([first, second], axis=-1).reshape(len(identifiers), 2 * pairs)[:, :columns]
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normals(self, rows: NDArray[np.integer] | int, columns: int) -> NDArray[np.float64]:
        """Return standard normal numbers by inversion; arguments and shape as for `uniforms`."""
        return np.asarray(ndtri(self.uniforms(rows, columns)), dtype=np.float64)

    def generator(self) -> np.random.Generator:
        """Return a NumPy generator for a single sequential use of this stream."""
        return np.random.Generator(np.random.Philox(key=np.array(self.key, dtype=np.uint64)))
