"""What people are given in a study: courses, each followed once for everybody who needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress, StopOnly
from calor.core.streams import Stream
from calor.engine.batch import Options, Status
from calor.engine.calendar import Calendar, Calendars, in_turn
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.giving import calendars_of
from calor.population.screening import Screened
from calor.population.simulation import simulate_people
from calor.population.treated_models import TreatedModels
from calor.study import Protocol
from calor.study.arms import Treatment
from calor.study.treatments import treatment_of
from calor.trial.protocols.layout import layout_of

MIDDLE_OF_DAY = 0.5
"""The study time of a day's rating after the day has begun."""


@dataclass(frozen=True)
class GivenCourse:
    """What is given over time: in each period, from which day of the study, which treatments.

    `adherence` is the share of doses that are taken.
    """

    periods: tuple[tuple[float, tuple[Treatment, ...]], ...]
    adherence: float = 1.0

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """Everything that is given in any period."""
        return tuple(treatment for _, given in self.periods for treatment in given)


UNTREATED = GivenCourse(((0.0, ()),))


def courses_of(protocol: Protocol, sequences: Sequence[Sequence[int]]) -> tuple[GivenCourse, ...]:
    """Return the course of each of some sequences of a trial's arms."""
    layout = layout_of(protocol)
    return tuple(
        GivenCourse(
            tuple(
                (start, protocol.arms[arm].treatments)
                for start, arm in zip(layout.starts, sequence, strict=True)
            ),
            protocol.conduct.adherence,
        )
        for sequence in sequences
    )


@dataclass(frozen=True)
class Followed:
    """True outputs on each study day, (n, n_days) by name, NaN for whom they could not be had."""

    outputs: dict[str, Numbers]
    failed: int


class Therapies:
    """The disease with every set of drugs that a comparison needs: compiled once, followed on demand."""

    def __init__(self, disease: Disease, courses: Sequence[GivenCourse]) -> None:
        self._models = TreatedModels(disease)
        self.untreated = self._models.kernel(())
        self.screening_table = self._models.table
        self._given = {
            course: tuple(
                (start, tuple(treatment_of(treatment) for treatment in given))
                for start, given in course.periods
            )
            for course in courses
        }
        for periods in self._given.values():
            self._models.kernel(each.drug for _, given in periods for each in given)
        self.drugs = tuple(
            {
                each.drug.id: each.drug for periods in self._given.values() for _, g in periods for each in g
            }.values()
        )

    @property
    def table(self) -> ParameterTable:
        """The parameters of disease, measurement and every drug."""
        return self._models.table

    def follow(
        self,
        course: GivenCourse,
        people: Screened,
        days: int,
        outputs: tuple[str, ...],
        stream: Stream,
        options: Options,
        progress: Progress,
    ) -> Followed:
        """Return true outputs on study days 1 to `days` under a course, from the day of screening on."""
        periods = self._given[course]
        kernel = self._models.kernel(each.drug for _, given in periods for each in given)
        calendars: Sequence[Calendar] = Calendars.shared(Calendar.empty(), len(people.patients))
        for period, (start, given) in enumerate(periods):
            own = calendars_of(
                given, people.patients, adherence=course.adherence, stream=stream, period=period, start=start
            )
            calendars = in_turn(calendars, own)
        result = simulate_people(
            kernel,
            people.patients,
            np.arange(days, dtype=np.float64) + MIDDLE_OF_DAY,
            outputs,
            options,
            StopOnly(progress),
            standing=people.history.standing,
            calendars=calendars,
        )
        failed = np.asarray(result.status != Status.FINISHED)
        values = np.where(failed[:, None, None], np.nan, result.outputs)
        return Followed({name: values[:, :, place] for place, name in enumerate(outputs)}, int(failed.sum()))
