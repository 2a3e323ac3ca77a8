"""A dosing table through a model: one value for every observation of the table, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from calor.core.errors import CalorError
from calor.core.progress import SILENT, Progress
from calor.engine.batch import DEFAULT_OPTIONS, Batch, Kernel, Numbers, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.bounds import refuse_too_much
from calor.engine.dosing.covariates import NO_COVARIATES, Covariates, SteadyStatesByRecord
from calor.engine.dosing.expand import Course, expand
from calor.engine.dosing.records import Event, Record, by_patient


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
    was. A patient's system begins at the time of its first record. Raises CalorError where a patient cannot
    be simulated to the end, InputError where there is more to simulate than fits into memory.
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
    start = min(course.start for course in courses)
    longest = max(len(course.times) for course in courses)
    batch = Batch(
        save_at=np.array([_padded(course.times, longest) for course in courses]),
        outputs=outputs,
        parameter_names=covariates.parameter_names,
        parameters=np.array([course.covariates for course in courses], dtype=np.float64),
        calendars=[_begun_at(course, start, kernel.state_names[0]) for course in courses],
        start=start,
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


def _begun_at(course: Course, start: float, any_state: str) -> Calendar:
    """Return the course's calendar, the system starting anew at the course's own start."""
    if course.start == start:
        return course.calendar
    reset = Calendar.of((course.start, Action.RESET, any_state, 0.0))
    return reset.then(course.calendar)
