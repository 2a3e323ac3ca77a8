"""A dosing table through a model: one value for every observation of the table, in its order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calor.core.errors import CalorError
from calor.core.progress import SILENT, Progress
from calor.engine.batch import DEFAULT_OPTIONS, Batch, Kernel, Numbers, Options, Status
from calor.engine.dosing.expand import expand
from calor.engine.dosing.records import Event, Record, by_patient
from calor.engine.dosing.steady import SteadyStates


def simulate_records(
    kernel: Kernel,
    records: Sequence[Record],
    outputs: tuple[str, ...],
    options: Options = DEFAULT_OPTIONS,
    progress: Progress = SILENT,
) -> Numbers:
    """Return the outputs at every record, (n_records, n_outputs); rows that are no observation are NaN.

    A patient's system begins at the time of its first record. Raises CalorError where a patient cannot be
    simulated to the end.
    """
    steady = SteadyStates(kernel)
    patients = by_patient(records)
    courses = [course for positions in patients for course in expand(records, positions, steady)]
    courses = [course for course in courses if course.times]
    values = np.full((len(records), len(outputs)), np.nan)
    if not courses:
        return values
    longest = max(len(course.times) for course in courses)
    batch = Batch(
        save_at=np.array([_padded(course.times, longest) for course in courses]),
        outputs=outputs,
        parameters=np.zeros((len(courses), 0)),
        calendars=[course.calendar for course in courses],
        start=np.array([course.start for course in courses]),
    )
    result = kernel.simulate(batch, options, progress)
    for course, kept, status in zip(courses, result.outputs, result.status, strict=True):
        if status != Status.FINISHED:
            patient = records[course.positions[0]].patient
            raise CalorError(f"the simulation of ID {patient} {Status(int(status)).message}")
        values[list(course.positions)] = kept[: len(course.times)]
    return values


def observations(records: Sequence[Record]) -> list[int]:
    """Return the positions of the observations (EVID 0)."""
    return [i for i, record in enumerate(records) if record.event == Event.OBSERVATION]


def _padded(times: Sequence[float], length: int) -> list[float]:
    return [*times, *[times[-1]] * (length - len(times))]
