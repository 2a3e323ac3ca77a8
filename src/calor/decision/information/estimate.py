"""A figure with its error, and its values in resamples of the worlds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error over worlds.

    Arguments: the value, held within its bounds; its standard error; the raw value before it was held; and
    the raw value in each resample of the worlds (n_resamples,), paired across figures with the same
    resamples.
    """

    value: float
    error: float
    raw: float
    resampled: Numbers = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: float, resampled: Numbers, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the estimate of a raw value, held within bounds, with the spread of its resamples."""
        error = float(np.std(resampled, ddof=1)) if len(resampled) > 1 else float("nan")
        return cls(float(min(max(raw, low), high)), error, float(raw), resampled)
