"""`calor simulate --scan` and `--population`: many sets of values through one model, in one batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from calor.cli.console import watched
from calor.cli.simulate_values import Points
from calor.core.arrays import Numbers
from calor.engine import compile_persistent_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.dosing.bounds import refuse_too_many_values
from calor.engine.outcome import failure, failures_together
from calor.engine.symbolic.setting import parameters_of
from calor.engine.symbolic.system import System

FAILURES_NAMED = 5


def simulate_points(
    model: Path,
    points: Points,
    plain: System,
    quantities: tuple[str, ...],
    times: Numbers,
    options: Options,
) -> list[list[float | str]]:
    """Return a row for each set of values and time: its label, the time and the quantities.

    Raises InputError where there is more to keep than fits into memory, or naming those that failed.
    """
    refuse_too_many_values(len(points.labels), len(times), len(quantities))
    batch = Batch(
        save_at=times,
        outputs=quantities,
        parameter_names=parameters_of(plain, points.names),
        parameters=points.values,
        start=float(times[0]),
    )
    with watched() as progress:
        kernel = compile_persistent_kernel(points.system(plain))
        result = kernel.simulate(batch, options, progress)
    failed = np.flatnonzero(result.status != Status.FINISHED)
    if len(failed):
        raise failures_together(
            [
                failure(kernel, batch, result, int(row), options).at(
                    str(model), None, _named(points, int(row))
                )
                for row in failed[:FAILURES_NAMED]
            ]
        )
    return [
        [*label, time, *values]
        for label, course in zip(points.labels, result.outputs.tolist(), strict=True)
        for time, values in zip(times.tolist(), course, strict=True)
    ]


def _named(points: Points, row: int) -> str:
    """Return a set of values by its labels: `k 0.1, V 10`."""
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in zip(points.label_names, points.labels[row], strict=True)
    )
