"""A figure with its error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error over worlds.

    Arguments: the value, held within its bounds; its standard error; and the raw value before it was held.
    """

    value: float
    error: float
    raw: float

    @classmethod
    def within(cls, raw: float, error: float, low: float = 0.0, high: float = float("inf")) -> Estimate:
        """Return an estimate whose value is held within bounds; the raw value is kept beside it."""
        return cls(min(max(raw, low), high), error, raw)
