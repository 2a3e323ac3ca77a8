"""Something pickled for the way to another machine, large arrays beside it as they lie in memory.

What is one long string of bytes is copied at every station; arrays beside it are only passed on.
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
    """A pickle (protocol 5) and the bytes of the large arrays in it, in its order."""

    body: bytes
    beside: tuple[NDArray[np.uint8], ...]

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
            beside.append(np.asarray(memory, dtype=np.uint8))
            return False

        body = pickle.dumps(value, protocol=5, buffer_callback=stays_inside)
        return cls(body, tuple(beside))

    def opened(self) -> Any:
        """Return what was packed; its large arrays may be read and not written."""
        return pickle.loads(self.body, buffers=[_for_reading(each) for each in self.beside])


def _for_reading(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return bytes that begin where arrays may begin, and that nobody can change."""
    found = values if values.ctypes.data % ALIGNMENT == 0 else values.copy()
    found = found.view()
    found.flags.writeable = False
    return found
