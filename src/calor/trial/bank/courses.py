"""Courses: what each sequence of arms does to each patient, with and without stopping on the way.

A sequence carries the drugs of its arms and no others; the untreated model serves the life before the trial.
States are handed over by name, so what a drug adds starts from its own initial values. A course that is
stopped on a day is the same sequence without the doses from that day on, and one with rescue has the rescue
drug's doses from a day on: the patient is solved again, and where no dose changes the course is shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from calor.model.parameters import Parameter, ParameterTable
from calor.population.giving import calendars_of
from calor.population.history import PAIN, History
from calor.population.patients import Patients
from calor.population.readings import READINGS
from calor.population.simulation import simulate_people
from calor.population.treated_models import TreatedModels
from calor.study.treatments import ArmTreatment
from calor.therapy.limits import warnings_of
from calor.trial.protocols.given import Given
from calor.trial.protocols.plan import Plan

Periods = tuple[tuple[float, tuple[ArmTreatment, ...]], ...]


@dataclass(frozen=True)
class Course:
    """One sequence, stopped or not: its kernel, the hash of its model's text, and for each period when it
    starts and what is given."""

    kernel: Kernel
    text_sha256: str
    periods: Periods

    @property
    def fingerprint(self) -> str:
        """The hash of what is done to people."""
        given = [
            (start, [(each.drug.model_dump(mode="json"), repr(each.regimen)) for each in treatments])
            for start, treatments in self.periods
        ]
        return sha256_of_data([self.text_sha256, given])

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

    Arguments: the parameters of disease, measurement and drugs, and those without the drugs'; the kernel of
    the untreated disease, and the hash of its text; the courses; the course of each sequence when it is never
    stopped (0) or stopped on each stop day, and without a rescue drug (0) or with one from each rescue day on
    (n_sequences, 1 + n_stops, 1 + n_rescues); the stop days; the rescue days; the true outputs and study days
    to record; the share of doses taken; warnings; the hash of all models.
    """

    table: ParameterTable
    without_drugs: ParameterTable
    untreated: Kernel
    untreated_sha256: str
    courses: tuple[Course, ...]
    course_of: NDArray[np.int64]
    stop_days: tuple[int, ...]
    rescue_days: tuple[int, ...]
    outputs: tuple[str, ...]
    days: int
    adherence: float
    warnings: tuple[str, ...]
    model_sha256: str

    @property
    def drug_rows(self) -> tuple[Parameter, ...]:
        """The parameters of the drugs."""
        return tuple(row for row in self.table if row.identifier not in self.without_drugs)

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


def prepare_courses(plan: Plan, disease: Disease) -> Courses:
    """Return the courses of a plan, compiled."""
    given, layout = plan.given, plan.layout
    models = TreatedModels(disease)
    untreated, without_drugs = models.kernel(()), models.table
    courses: list[Course] = []
    known: dict[object, int] = {}
    course_of = np.zeros(
        (len(layout.followed), 1 + len(given.stop_days), 1 + len(given.rescue_days)), dtype=np.int64
    )
    for row, sequence in enumerate(layout.followed):
        whole: Periods = tuple(
            (start, given.by_arm[arm]) for start, arm in zip(layout.starts, sequence, strict=True)
        )
        drugs = [each.drug for each in (*_rescue(given), *_drugs_of(whole))]
        kernel, text = models.kernel(drugs), sha256_of_text(models.text(drugs))
        for place in np.ndindex(course_of.shape[1:]):
            stop, start = (None, *given.stop_days)[place[0]], (None, *given.rescue_days)[place[1]]
            periods = whole if stop is None else _stopped(whole, stop - 1.0)
            if start is not None:
                periods = (*periods, (start - 1.0, _rescue(given)))
            course = known.setdefault((row, _doses_of(periods)), len(courses))
            if course == len(courses):
                courses.append(Course(kernel, text, periods))
            course_of[row, *place] = course
    return Courses(
        table=models.table,
        without_drugs=without_drugs,
        untreated=untreated,
        untreated_sha256=sha256_of_text(models.text(())),
        courses=tuple(courses),
        course_of=course_of,
        stop_days=given.stop_days,
        rescue_days=given.rescue_days,
        outputs=tuple(dict.fromkeys((PAIN, *READINGS[plan.assessments.endpoint.variable].outputs))),
        days=layout.last_day,
        adherence=given.adherence,
        warnings=tuple(
            warning for each in given.everything for warning in warnings_of(each.regimen, each.drug)
        ),
        model_sha256=sha256_of_data(sorted(sha256_of_text(text) for text in models.texts.values())),
    )


def _rescue(given: Given) -> tuple[ArmTreatment, ...]:
    return () if given.rescue is None else (given.rescue,)


def _drugs_of(periods: Periods) -> Iterator[ArmTreatment]:
    return (each for _, given in periods for each in given)


def _doses_of(periods: Periods) -> object:
    """Return what tells courses of a sequence apart: what is given, and when."""
    return tuple((start, tuple((each.drug.id, each.regimen) for each in given)) for start, given in periods)


def _stopped(periods: Periods, time: float) -> Periods:
    """Return the periods without the doses from a study time on."""
    return tuple(
        (start, tuple(left for given in treatments if (left := given.until(time - start)) is not None))
        for start, treatments in periods
    )
