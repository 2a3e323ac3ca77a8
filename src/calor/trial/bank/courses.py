"""Courses: what each sequence of arms does to each patient, with and without stopping on the way.

A sequence carries the drugs of its arms and no others; the untreated model serves the life before the trial.
States are handed over by name, so what a drug adds starts from its own initial values. A course that is
stopped on a day is the same sequence without the doses from that day on, and one with rescue has the rescue
drug's doses from a day on: the patient is solved again, and where no dose changes the course is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.core.provenance import sha256_of_data, sha256_of_text
from calor.core.streams import Stream
from calor.engine.batch import BatchResult, Kernel, Options
from calor.engine.calendar import Calendar, Calendars, in_turn
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.giving import calendars_of
from calor.population.history import PAIN, History
from calor.population.patients import Patients
from calor.population.readings import READINGS
from calor.population.simulation import simulate_people
from calor.population.treated_models import TreatedModels
from calor.study import Protocol
from calor.study.treatments import ArmTreatment, treatments_of
from calor.therapy.limits import warnings_of
from calor.trial.protocols.branches import rescue_days_of, rescue_of, stop_days_of

Periods = tuple[tuple[float, tuple[ArmTreatment, ...]], ...]


@dataclass(frozen=True)
class Course:
    """One sequence, stopped or not: its kernel, and for each period when it starts and what is given."""

    kernel: Kernel
    periods: Periods

    def calendars(self, patients: Patients, adherence: float, stream: Stream) -> Sequence[Calendar]:
        """Return every patient's calendar over all periods.

        Arguments: the patients, the share of doses that are taken, and the stream of the study.
        """
        calendars: Sequence[Calendar] = Calendars.shared(Calendar.empty(), len(patients))
        for period, (start, treatments) in enumerate(self.periods):
            given = calendars_of(
                treatments, patients, adherence=adherence, stream=stream, period=period, start=start
            )
            calendars = in_turn(calendars, given)
        return calendars


@dataclass(frozen=True)
class Courses:
    """Everything that is needed to follow patients through a protocol.

    Arguments: the parameters of disease, measurement and drugs; the kernel of the untreated disease; the
    courses; the course of each sequence when it is never stopped (0) or stopped on each stop day, and without
    a rescue drug (0) or with one from each rescue day on (n_sequences, 1 + n_stops, 1 + n_rescues); the stop
    days; the rescue days; the true outputs and study days to record; the share of doses
    taken; the treatments by arm; warnings; the hash of all models.
    """

    table: ParameterTable
    untreated: Kernel
    courses: tuple[Course, ...]
    course_of: NDArray[np.int64]
    stop_days: tuple[int, ...]
    rescue_days: tuple[int, ...]
    outputs: tuple[str, ...]
    days: int
    adherence: float
    treatments: tuple[tuple[ArmTreatment, ...], ...]
    warnings: tuple[str, ...]
    model_sha256: str

    def follow(
        self,
        course: int,
        patients: Patients,
        history: History,
        stream: Stream,
        options: Options,
        progress: Progress,
    ) -> BatchResult:
        """Return the true outputs on each study day under a course, from the day of screening on."""
        at = diary_times(self.days)
        return self.simulate(course, patients, history, stream, at, self.outputs, options, progress)

    def simulate(
        self,
        course: int,
        patients: Patients,
        history: History,
        stream: Stream,
        save_at: Numbers,
        outputs: tuple[str, ...],
        options: Options,
        progress: Progress,
    ) -> BatchResult:
        """Return any outputs at study times (n_times,) under a course, from the day of screening on."""
        chosen = self.courses[course]
        return simulate_people(
            chosen.kernel,
            patients,
            save_at,
            outputs,
            options,
            progress,
            standing=history.standing,
            calendars=chosen.calendars(patients, self.adherence, stream),
        )


def diary_times(days: int) -> Numbers:
    """Return the study time at which each day's rating is taken: the middle of the day (days,)."""
    return np.arange(days, dtype=np.float64) + 0.5


def prepare_courses(protocol: Protocol, disease: Disease) -> Courses:
    """Compile what a protocol needs. Raises InputError for a drug or regimen that does not exist or fit."""
    by_arm = tuple(treatments_of(arm) for arm in protocol.arms)
    models = TreatedModels(disease)
    untreated = models.kernel(())
    stop_days, rescue_days = stop_days_of(protocol), rescue_days_of(protocol)
    rescue = rescue_of(protocol)
    extra = () if rescue is None else (rescue,)
    courses: list[Course] = []
    shape = (len(protocol.followed), 1 + len(stop_days), 1 + len(rescue_days))
    course_of = np.zeros(shape, dtype=np.int64)
    for row, sequence in enumerate(protocol.followed):
        full: Periods = tuple(
            (start, by_arm[arm]) for start, arm in zip(protocol.period_starts, sequence, strict=True)
        )
        kernel = models.kernel(each.drug for _, given in ((0.0, extra), *full) for each in given)
        known: dict[object, int] = {}
        for place in np.ndindex(*shape[1:]):
            stop, start = (None, *stop_days)[place[0]], (None, *rescue_days)[place[1]]
            periods = full if stop is None else _stopped(full, stop - 1.0)
            if start is not None:
                periods = (*periods, (start - 1.0, extra))
            given = tuple(
                (start, tuple((each.drug.id, each.regimen) for each in treatments))
                for start, treatments in periods
            )
            if given not in known:
                known[given] = len(courses)
                courses.append(Course(kernel, periods))
            course_of[row, *place] = known[given]
    return Courses(
        table=models.table,
        untreated=untreated,
        courses=tuple(courses),
        course_of=course_of,
        stop_days=stop_days,
        rescue_days=rescue_days,
        outputs=tuple(dict.fromkeys((PAIN, *READINGS[protocol.endpoint.variable].outputs))),
        days=int(protocol.period_starts[-1]) + protocol.endpoint.to_day,
        adherence=protocol.conduct.adherence,
        treatments=by_arm,
        warnings=tuple(
            warning
            for treatments in (*by_arm, extra)
            for given in treatments
            for warning in warnings_of(given.regimen, given.drug)
        ),
        model_sha256=sha256_of_data(sorted(sha256_of_text(text) for text in models.texts.values())),
    )


def _stopped(periods: Periods, time: float) -> Periods:
    """Return the periods without the doses from a study time on."""
    return tuple(
        (start, tuple(left for given in treatments if (left := given.until(time - start)) is not None))
        for start, treatments in periods
    )
