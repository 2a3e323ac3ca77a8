"""Bounds of the settings of a run: every face refuses the same values in the same words."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import NamedTuple

from calor.core.errors import InputError


class Bounds(NamedTuple):
    """The lowest and the highest value of a setting that make sense, and whether the lowest is excluded."""

    low: float
    high: float
    above: bool = False

    @property
    def span(self) -> str:
        """What is allowed, in words."""
        if self.above:
            return f"above {short(self.low)}, at most {short(self.high)}"
        return f"{short(self.low)} to {short(self.high)}"

    def hold(self, value: float) -> bool:
        """Return whether a number lies within the bounds."""
        return self.low < value <= self.high if self.above else self.low <= value <= self.high

    def whole(self, value: object, key: str) -> int:
        """Return a whole number within the bounds. Raises InputError, naming the key, for anything else."""
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise InputError.of(f"{str(value)!r} is not a whole number", key=key, allowed=self.span)
        self._check(int(value), value, key)
        return int(value)

    def number(self, value: object, key: str) -> float:
        """Return a finite number within the bounds. Raises InputError, naming the key, for anything else."""
        if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
            raise InputError.of(f"{str(value)!r} is not a number", key=key, allowed=f"{self.span}, as 0.5")
        self._check(float(value), value, key)
        return float(value)

    def _check(self, number: float, given: object, key: str) -> None:
        if not self.hold(number):
            raise InputError.of(f"{str(given)!r} is out of bounds", key=key, allowed=self.span)


def short(value: float) -> str:
    """Return a bound in short: whole numbers from 10,000 to a billion with commas, years and less without."""
    if isinstance(value, int) and 10_000 <= abs(value) < 10**9:
        return f"{value:,}"
    return str(value) if isinstance(value, int) else f"{value:g}"


SEED = Bounds(0, 2**63 - 1)
"""Seeds are the whole numbers that every JSON and Parquet reader takes."""
WORKERS = Bounds(1, 256)
"""Threads that one machine may have."""
ANY_NUMBER = Bounds(-1e12, 1e12)
"""The bounds of a number for which no narrower ones are known."""
POSITIVE = Bounds(0, 1e12, above=True)
"""The bounds of a number above 0 for which no narrower ones are known."""
YEAR = Bounds(1900, 2100)
"""A year of publication."""
