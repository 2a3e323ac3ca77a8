"""Enrolment into the fitted studies: people of many worlds, lived to screening, chosen on measured pain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.model.parameters import ParameterTable
from calor.population.diary import DiaryHabits, slow_fluctuation
from calor.population.history import History, live_to_screening
from calor.population.patients import Numbers, Patients, draw_patients
from calor.study.population import PopulationPart


@dataclass(frozen=True)
class Enrolled:
    """The people of a cohort, in all worlds.

    Arguments: the patients (n,), their history up to screening, measured baseline pain (n,), the slow
    fluctuation on the last day of screening (n,), and whether their reports hold the response to treatment as
    such.
    """

    patients: Patients
    history: History
    baseline: Numbers
    slow: Numbers
    placebo_response: bool = True

    def first(self, people: int) -> Enrolled:
        """Return the first so many people of each world."""
        draws = self.patients.draws
        before = np.searchsorted(draws, draws)  # people of a world stand together
        rows = np.flatnonzero(np.arange(len(draws)) - before < people)
        return replace(
            self,
            patients=self.patients.take(rows),
            history=self.history.take(rows),
            baseline=self.baseline[rows],
            slow=self.slow[rows],
        )


def enrol(
    cohort: PopulationPart,
    kernel: Kernel,
    table: ParameterTable,
    worlds: Mapping[str, Numbers],
    candidates: int,
    stream: Stream,
    options: Options,
    progress: Progress,
) -> Enrolled:
    """Return who qualifies for a cohort in each world.

    Arguments: the cohort; the kernel of the untreated disease; the parameter table; population values
    (n_worlds,) by parameter; the number of candidates per world, other people in every world.
    """
    n_worlds = len(next(iter(worlds.values())))
    draws = np.repeat(np.arange(n_worlds), candidates)
    numbers = np.arange(n_worlds * candidates)
    people = draw_patients(table, worlds, stream, numbers, draws)
    share = stream.child("duration").uniforms(numbers, 1)[:, 0]
    window, pain = cohort.duration_months, cohort.pain_nrs
    months = window.at_least + share * (window.at_most - window.at_least)
    history = live_to_screening(kernel, people, months * DAYS_PER_MONTH, pain.run_in_days, options, progress)
    habits = DiaryHabits.of(people.values)
    slow = slow_fluctuation(habits, stream.child("slow").normals(numbers, pain.run_in_days))
    noise = habits.day_noise * stream.child("noise").normals(numbers, 1)[:, 0] / np.sqrt(pain.run_in_days)
    baseline = np.clip((history.run_in_pain + slow).mean(axis=1) + noise, 0, 10)
    fits = (baseline >= pain.at_least) & (baseline <= pain.at_most)
    rows = np.flatnonzero(history.lived & fits)
    return Enrolled(people.take(rows), history.take(rows), baseline[rows], slow[rows, -1])
