"""A statistic that cannot be had drops out alone, with the reason, and the run goes on without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from calor.core.errors import ReportedError

Statistic = TypeVar("Statistic")


def had_or_reason(name: str, make: Callable[[], Statistic]) -> tuple[Statistic | None, tuple[str, ...]]:
    """Return a statistic, or None and in words why it cannot be had.

    Arguments: its name in a sentence, and what makes it.
    """
    try:
        return make(), ()
    except ReportedError as error:
        return None, (f"{name} cannot be had: {error.problems[0].what}",)
    except np.linalg.LinAlgError as error:
        return None, (f"{name} cannot be had: its equations have no solution ({error})",)
