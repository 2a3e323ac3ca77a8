"""When the model is looked at: the times of a period's measurements, and which measurement sees which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.engine.petab.problem import Experiment, Period, PetabProblem

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Look:
    """What is looked at in one period of one experiment.

    Arguments: the times (n_times,), the last of which is the period's end; the measurements, by their
    position in the problem, and the time that each sees; the measurements at rest.
    """

    times: Numbers
    measurements: Rows
    columns: Rows
    at_rest: Rows


def beginning(period: Period) -> float:
    """Return the time at which a period begins; what lasts until the system rests begins at 0."""
    return period.time if math.isfinite(period.time) else 0.0


def looks_of(problem: PetabProblem) -> dict[str, list[Look]]:
    """Return the looks of every experiment, one a period. Raises InputError for a time before it begins."""
    by_experiment: dict[str, list[int]] = {name: [] for name in problem.experiments}
    for position, measurement in enumerate(problem.measurements):
        by_experiment[measurement.experiment].append(position)
    return {
        name: _looks(problem, experiment, np.array(by_experiment[name], dtype=np.int64))
        for name, experiment in problem.experiments.items()
    }


def _looks(problem: PetabProblem, experiment: Experiment, rows: Rows) -> list[Look]:
    times = np.array([problem.measurements[row].time for row in rows], dtype=np.float64)
    starts = [beginning(period) for period in experiment.periods if math.isfinite(period.time)]
    early = np.flatnonzero(times < (starts[0] if starts else 0.0))
    if len(early):
        place = problem.measurements[rows[early[0]]].place
        raise InputError.of(
            f"is {times[early[0]]:g}, before {experiment.name} begins",
            file=place.file, line=place.line, key="time", allowed=f"at least {starts[0] if starts else 0:g}",
        )  # fmt: skip
    return [_look(experiment.periods, number, rows, times) for number in range(len(experiment.periods))]


def _look(periods: Sequence[Period], number: int, rows: Rows, times: Numbers) -> Look:
    last = number + 1 == len(periods)
    start, end = beginning(periods[number]), math.inf if last else beginning(periods[number + 1])
    rests = not math.isfinite(periods[number].time)
    here = np.zeros(len(rows), dtype=bool) if rests else (times >= start) & (times < end)
    saved, columns = np.unique(times[here], return_inverse=True)
    if not rests and not last:
        saved = np.append(saved, end)
    elif not len(saved):
        saved = np.array([start])
    at_rest = rows[np.isinf(times)] if last else rows[:0]
    return Look(saved, rows[here], columns.ravel().astype(np.int64), at_rest)


def padded(rows: Sequence[Numbers]) -> Numbers:
    """Return rows of times as one array; a shorter one stays at its last time."""
    width = max(len(row) for row in rows)
    return np.array([np.append(row, np.full(width - len(row), row[-1])) for row in rows])
