"""Documents as data that JSON can hold."""

from __future__ import annotations

import math
from typing import Any


def plain(value: Any) -> Any:
    """Return JSON-ready data: NumPy scalars and arrays as numbers and lists.

    Raises ValueError for a number that is not finite: it is a fault, never written.
    """
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a result is not a finite number; please report this as a bug")
    return value
