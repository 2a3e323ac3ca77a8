"""Summaries over windows, gathered step by step from the dense output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.batch import Summary

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_GRID = np.linspace(0.0, 1.0, 17)
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0

OutputsWithin = Callable[[Numbers], Numbers]


class Accumulator:
    """One summary of one patient, fed with every step in turn.

    Arguments: the summary, and the position of its output.
    """

    def __init__(self, summary: Summary, output: int) -> None:
        self._summary, self._output = summary, output
        self._sum = 0.0
        self._extreme = -np.inf
        self._last = np.nan

    def add(self, start: float, end: float, outputs: OutputsWithin) -> None:
        """Take in a step: its ends, and a function from times (n,) to outputs (n_outputs, n)."""
        summary = self._summary
        low, high = max(start, summary.start), min(end, summary.end)
        if not low < high:
            return

        def value(times: Numbers) -> Numbers:
            return np.asarray(outputs(np.atleast_1d(times))[self._output])

        match summary.kind:
            case "mean" | "auc":
                nodes = 0.5 * (low + high) + 0.5 * (high - low) * _NODES
                self._sum += 0.5 * (high - low) * float(_WEIGHTS @ value(nodes))
            case "maximum":
                self._extreme = max(self._extreme, _highest(value, low, high))
            case "minimum":
                self._extreme = max(self._extreme, _highest(lambda times: -value(times), low, high))
            case "trough":
                self._last = float(value(np.array([high]))[0])
            case "time_above":
                self._sum += _time_above(lambda times: value(times) - summary.threshold, low, high)

    def result(self) -> float:
        """Return the summary of all steps."""
        match self._summary.kind:
            case "mean":
                return self._sum / (self._summary.end - self._summary.start)
            case "auc" | "time_above":
                return self._sum
            case "maximum":
                return float(self._extreme)
            case "minimum":
                return float(-self._extreme)
            case "trough":
                return self._last


def _highest(value: Callable[[Numbers], Numbers], low: float, high: float) -> float:
    """Return the largest value: the best of a grid, refined by golden section beside it."""
    times = low + _GRID * (high - low)
    values = value(times)
    best = int(np.argmax(values))
    left, right = float(times[max(best - 1, 0)]), float(times[min(best + 1, len(times) - 1)])
    for _ in range(40):
        inner = np.array([right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)])
        first, second = value(inner)
        left, right = (left, float(inner[1])) if first > second else (float(inner[0]), right)
    return max(float(values[best]), float(value(np.array([0.5 * (left + right)]))[0]))


def _time_above(value: Callable[[Numbers], Numbers], low: float, high: float) -> float:
    """Return how long the value is positive: whole cells of a grid, crossings found by bisection."""
    times = low + _GRID * (high - low)
    above = value(times) > 0.0
    total = 0.0
    for cell in range(len(times) - 1):
        left, right = float(times[cell]), float(times[cell + 1])
        if above[cell] == above[cell + 1]:
            total += (right - left) * bool(above[cell])
            continue
        crossing = _crossing(value, left, right, bool(above[cell]))
        total += crossing - left if above[cell] else right - crossing
    return total


def _crossing(value: Callable[[Numbers], Numbers], left: float, right: float, above: bool) -> float:
    for _ in range(60):
        middle = 0.5 * (left + right)
        if bool(value(np.array([middle]))[0] > 0.0) == above:
            left = middle
        else:
            right = middle
    return 0.5 * (left + right)
