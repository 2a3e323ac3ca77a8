"""Something pickled for the way to another machine, as arrays: its large arrays as they lie in memory.

What is a long string of bytes is copied at every station of a cluster; an array is only passed on.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 65_536
"""Bytes from which on a copy costs more than one thing more to pass on."""

ALIGNMENT = 16
"""Bytes at whose multiples memory that is asked for begins; arrays that arrive elsewhere are copied there."""


@dataclass(frozen=True)
class Packet:
    """The bytes of a pickle (protocol 5), and of the large arrays in it, in its order."""

    pickled: NDArray[np.uint8]
    beside: tuple[NDArray[np.uint8], ...]

    @property
    def nbytes(self) -> int:
        """How many bytes there are in all."""
        return self.pickled.nbytes + sum(each.nbytes for each in self.beside)

    @classmethod
    def of(cls, value: object) -> Packet:
        """Return something packed; its arrays must not change before they have arrived.

        Raises what pickling raises.
        """
        beside: list[NDArray[np.uint8]] = []

        def stays_inside(buffer: pickle.PickleBuffer) -> bool:
            memory = buffer.raw()
            if memory.nbytes < LARGE:
                return True
            beside.append(np.frombuffer(memory, np.uint8))
            return False

        pickled = pickle.dumps(value, protocol=5, buffer_callback=stays_inside)
        return cls(np.frombuffer(pickled, np.uint8), tuple(beside))

    def opened(self) -> Any:
        """Return what was packed; its large arrays may be read and not written."""
        return pickle.loads(self.pickled.data, buffers=[_for_reading(each) for each in self.beside])


def _for_reading(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return bytes that begin where arrays may begin, and that nobody can change."""
    found = values.view() if values.ctypes.data % ALIGNMENT == 0 else values.copy()
    found.flags.writeable = False
    return found
