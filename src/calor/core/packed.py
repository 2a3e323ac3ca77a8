"""Numbers as text that holds their very bits, for JSON."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable


def packed(numbers: Iterable[float]) -> str:
    """Return numbers as one text, in this machine's order of bytes."""
    return b64encode(array("d", numbers).tobytes()).decode("ascii")


def unpacked(text: str) -> list[float]:
    """Return the numbers of such a text, each with the bits that it had."""
    found = array("d")
    found.frombytes(b64decode(text))
    return found.tolist()
