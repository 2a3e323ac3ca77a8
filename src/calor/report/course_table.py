"""The course of any system for people: some of its times as a table."""

from __future__ import annotations

import numpy as np

from calor.engine.course import Simulated
from calor.report.numbers import general_text
from calor.report.tables import Table, number

ROWS_SHOWN = 25


def course_table(course: Simulated) -> Table:
    """Return a table of some of the times."""
    chosen = np.unique(np.linspace(0, len(course.times) - 1, min(ROWS_SHOWN, len(course.times))).astype(int))
    scales = np.abs(course.values).max(axis=0, initial=0.0)
    rows = [
        (
            f"{course.times[row]:.6g}",
            *(general_text(value, scale) for value, scale in zip(course.values[row], scales, strict=True)),
        )
        for row in chosen
    ]
    return Table([number(name) for name in ("time", *course.names)], rows)
