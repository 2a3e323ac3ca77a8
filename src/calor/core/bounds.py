"""Bounds of the settings of a run: every face refuses the same values in the same words."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import NamedTuple

from calor.core.errors import InputError


class Bounds(NamedTuple):
    """The lowest and the highest value of a setting that make sense."""

    low: float
    high: float

    @property
    def span(self) -> str:
        """What is allowed, in words."""
        return f"{short(self.low)} to {short(self.high)}"

    def whole(self, value: object, key: str) -> int:
        """Return a whole number within the bounds. Raises InputError, naming the key, for anything else."""
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise InputError.of(f"{str(value)!r} is not a whole number", key=key, allowed=self.span)
        return int(self._within(int(value), key))

    def number(self, value: object, key: str) -> float:
        """Return a finite number within the bounds. Raises InputError, naming the key, for anything else."""
        if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
            raise InputError.of(f"{str(value)!r} is not a number", key=key, allowed=f"{self.span}, as 0.5")
        return self._within(float(value), key)

    def _within(self, value: float, key: str) -> float:
        if not self.low <= value <= self.high:
            raise InputError.of(f"{str(value)!r} is out of bounds", key=key, allowed=self.span)
        return value


def short(value: float) -> str:
    """Return a bound in short: whole numbers below a billion with commas."""
    if isinstance(value, int) and abs(value) < 10**9:
        return f"{value:,}"
    return str(value) if isinstance(value, int) else f"{value:g}"


SEED = Bounds(0, 2**63 - 1)
"""Seeds are the whole numbers that every JSON and Parquet reader takes."""
WORKERS = Bounds(1, 256)
"""Threads that one machine may have."""
ANY_NUMBER = Bounds(-1e12, 1e12)
"""The bounds of a number for which no narrower ones are known."""
