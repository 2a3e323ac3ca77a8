"""Stretches of a solution that are known: a step, or a part of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Stretch:
    """A known stretch of the solution: its ends, the states within, and whether an instant ends it."""

    start: float
    end: float
    states: Callable[[Any], Numbers]
    ends_in_instant: bool


def beginning_at(
    start: float, states: Numbers, end: float, dense: Callable[[Any], Numbers]
) -> Callable[[Any], Numbers]:
    """Return a dense output that begins where the step does: the solver's own is only near it.

    What an event has just seen pass a threshold would otherwise pass it again.
    """
    gap = states - dense(start)

    def within(times: Any) -> Numbers:
        left = (end - np.asarray(times)) / (end - start)
        return np.asarray(dense(times) + np.multiply.outer(gap, left))

    return within


def constant(states: Numbers) -> Callable[[Any], Numbers]:
    """Return states (n_states,) that stay as they are."""
    kept = states.copy()
    return lambda times: np.broadcast_to(
        kept.reshape(-1, *(1,) * np.ndim(times)), (len(kept), *np.shape(times))
    )
