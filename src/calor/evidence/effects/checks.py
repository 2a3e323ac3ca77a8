"""What the numbers of a paper must satisfy before an effect is computed from them."""

from __future__ import annotations

import math
from itertools import pairwise

from calor.core.errors import InputError


def finite(key: str, value: float) -> float:
    """Return the value; raises InputError unless it is a finite number."""
    if not math.isfinite(value):
        raise InputError.of(f"is {value}", key=key, allowed="a finite number")
    return float(value)


def positive(key: str, value: float) -> float:
    """Return the value; raises InputError unless it is finite and above zero."""
    if not (math.isfinite(value) and value > 0.0):
        raise InputError.of(f"is {value}", key=key, allowed="a number above 0")
    return float(value)


def proportion(key: str, value: float) -> float:
    """Return the value; raises InputError unless it lies strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise InputError.of(f"is {value}", key=key, allowed="a number above 0 and below 1")
    return float(value)


def correlation(key: str, value: float) -> float:
    """Return the value; raises InputError unless it lies strictly between -1 and 1."""
    if not -1.0 < value < 1.0:
        raise InputError.of(f"is {value}", key=key, allowed="a correlation above -1 and below 1")
    return float(value)


def sample_size(key: str, value: int, *, least: int) -> int:
    """Return the value; raises InputError unless it is a whole number of at least `least` patients."""
    if not math.isfinite(value) or value != int(value) or value < least:
        raise InputError.of(f"is {value}", key=key, allowed=f"a whole number of at least {least}")
    return int(value)


def ordered(values: dict[str, float]) -> None:
    """Raise InputError unless the values are finite and do not decrease in the order given."""
    names = list(values)
    for name in names:
        finite(name, values[name])
    for lower, upper in pairwise(names):
        if values[lower] > values[upper]:
            raise InputError.of(
                f"is {values[lower]}, above {upper} {values[upper]}", key=lower, allowed=" <= ".join(names)
            )
