"""A dosing table through a model: one value for every observation of the table, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Progress
from calor.engine.batch import DEFAULT_OPTIONS, Batch, Kernel, Options, Status
from calor.engine.dosing.bounds import refuse_too_much
from calor.engine.dosing.covariates import NO_COVARIATES, Covariates, SteadyStatesByRecord
from calor.engine.dosing.expand import Leg, expand
from calor.engine.dosing.records import Event, Record, by_patient
from calor.engine.outcome import failure, failures_together

MOST_NAMED = 10
"""Patients that failed whom one error names."""


def simulate_records(
    kernel: Kernel,
    records: Sequence[Record],
    outputs: tuple[str, ...],
    options: Options = DEFAULT_OPTIONS,
    progress: Progress = SILENT,
    covariates: Covariates = NO_COVARIATES,
    plain_kernel: Callable[[], Kernel] | None = None,
) -> Numbers:
    """Return the outputs at every record, (n_records, n_outputs); rows that are no observation are NaN.

    Arguments: the kernel of `covariates.system(...)`; the records; the outputs; how to solve; how covariates
    enter the model; and, for steady states where covariates change, what makes the kernel of the model as it
    was. A patient's system begins at the time of its first record. Raises InputError where patients cannot be
    simulated to the end, naming each and the row that they had come to, and where there is more to simulate
    than fits into memory.
    """
    patients = by_patient(records)
    refuse_too_much(records, patients, len(outputs))
    steady_at = SteadyStatesByRecord(plain_kernel or (lambda: kernel), covariates.names)
    courses = [
        course for positions in patients for course in expand(records, positions, steady_at, covariates)
    ]
    courses = [course for course in courses if course.times]
    values = np.full((len(records), len(outputs)), np.nan)
    if not courses:
        return values
    longest = max(len(course.times) for course in courses)
    batch = Batch(
        save_at=np.array([_padded(course.times, longest) for course in courses]),
        outputs=outputs,
        parameter_names=covariates.parameter_names,
        parameters=np.array([course.covariates for course in courses], dtype=np.float64),
        calendars=[course.calendar for course in courses],
        start=np.array([course.start for course in courses]),
    )
    result = kernel.simulate(batch, options, progress)
    failed = np.flatnonzero(result.status != Status.FINISHED)[:MOST_NAMED]
    if len(failed):
        errors = [failure(kernel, batch, result, int(row), options) for row in failed]
        rows = [_last_before(records, courses[row], float(result.reached[row])) for row in failed]
        raise failures_together(
            [
                error.at(row.file, row.line, f"ID {row.patient}")
                for error, row in zip(errors, rows, strict=True)
            ]
        )
    for course, kept in zip(courses, result.outputs, strict=True):
        values[list(course.positions)] = kept[: len(course.times)]
    return values


def observations(records: Sequence[Record]) -> list[int]:
    """Return the positions of the observations (EVID 0)."""
    return [i for i, record in enumerate(records) if record.event == Event.OBSERVATION]


def _last_before(records: Sequence[Record], course: Leg, time: float) -> Record:
    """Return the last observation of a course up to a time, or its first one."""
    reached = [position for position in course.positions if records[position].time <= time]
    return records[reached[-1] if len(reached) else course.positions[0]]


def _padded(times: Sequence[float], length: int) -> list[float]:
    return [*times, *[times[-1]] * (length - len(times))]
