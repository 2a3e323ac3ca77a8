"""Screening: people live until the day on which they are measured, and who qualifies on what is measured.

draw -> live -> measure (run-in diary, instruments, assays) -> qualify. The same for a trial and for a fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.population.assays import Laboratory
from calor.population.diary import DiaryHabits, mean_of_filled, ratings, slow_fluctuation
from calor.population.history import PAIN, History, live_to_screening
from calor.population.instruments import measured_temperature
from calor.population.patients import Patients
from calor.population.shoulder_hand import measured_shoulder_hand_score
from calor.study import Covariate, PopulationPart
from calor.study.population import Limits


@dataclass(frozen=True)
class Screened:
    """People on the day of screening, as they are and as they were measured.

    Arguments: the people (n,); their life until then; the slow fluctuation on the last run-in day (n,); every
    covariate as measured (n,); and who qualifies (n,).
    """

    patients: Patients
    history: History
    slow_before: Numbers
    covariates: Mapping[Covariate, Numbers]
    eligible: NDArray[np.bool_]

    @property
    def pain(self) -> Numbers:
        """The mean of the run-in diary (n,)."""
        return self.covariates[Covariate.PAIN]

    def take(self, rows: NDArray[np.int64]) -> Screened:
        """Return some of the people, by position."""
        return Screened(
            self.patients.take(rows),
            self.history.take(rows),
            self.slow_before[rows],
            {name: values[rows] for name, values in self.covariates.items()},
            self.eligible[rows],
        )

    @classmethod
    def joined(cls, parts: Sequence[Screened]) -> Screened:
        """Return the people of several parts in one."""
        first = parts[0]
        return cls(
            Patients.joined([part.patients for part in parts]),
            History.joined([part.history for part in parts]),
            np.concatenate([part.slow_before for part in parts]),
            {name: np.concatenate([part.covariates[name] for part in parts]) for name in first.covariates},
            np.concatenate([part.eligible for part in parts]),
        )


def screen(
    population: PopulationPart,
    untreated: Kernel,
    people: Patients,
    stream: Stream,
    options: Options,
    progress: Progress,
    also: tuple[str, ...] = (),
) -> Screened:
    """Return people at screening, each at a time since the injury drawn evenly from the window.

    Arguments: who may enter; the kernel of the untreated disease; the people (n,) with the parameters of
    disease and measurement; the stream of the study; the engine's options; and true outputs that are kept
    besides those of the covariates.
    """
    identifiers, window, asked = people.identifiers, population.duration_months, population.pain_nrs
    share = stream.child("patient", "duration").uniforms(identifiers, 1)[:, 0]
    days = (window.at_least + share * (window.at_most - window.at_least)) * DAYS_PER_MONTH
    history = live_to_screening(untreated, people, days, asked.run_in_days, options, progress, also)
    habits = DiaryHabits.of(people.values)
    diary = stream.child("run-in")
    slow = slow_fluctuation(habits, diary.child("slow").normals(identifiers, asked.run_in_days))
    written = ratings(habits, history.run_in_pain + slow, diary, identifiers)
    diary_pages = np.where(np.isfinite(history.run_in_pain), written, np.nan)
    pain = mean_of_filled(diary_pages)
    covariates = covariates_at_screening(people, history, days, pain, stream.child("screening"))
    eligible = history.lived & qualifies(population, covariates)
    eligible &= ~(diary_pages < asked.no_value_below).any(axis=1)
    return Screened(people, history, slow[:, -1], covariates, eligible)


def qualifies(population: PopulationPart, covariates: Mapping[Covariate, Numbers]) -> NDArray[np.bool_]:
    """Return who meets the limits of a population on what was measured at screening, (n,).

    That no single value of the diary lies below some value is not among them: the diary is needed for it.
    """
    asked, pain = population.pain_nrs, covariates[Covariate.PAIN]
    chosen = (pain >= asked.at_least) & (pain <= asked.at_most)
    return np.asarray(chosen & within_limits(population.limits, covariates))


def within_limits(
    limits: Mapping[Covariate, Limits], covariates: Mapping[Covariate, Numbers]
) -> NDArray[np.bool_]:
    """Return who lies within every limit on what is measured at screening, (n,)."""
    within = np.ones(len(covariates[Covariate.PAIN]), dtype=bool)
    for covariate, each in limits.items():
        low, high = each.pair
        within &= (covariates[covariate] >= low) & (covariates[covariate] <= high)
    return within


def covariates_at_screening(
    patients: Patients, history: History, duration_days: Numbers, pain: Numbers, visit: Stream
) -> dict[Covariate, Numbers]:
    """Return every covariate as measured at screening, (n,) each.

    Arguments: the people, where they stand, the time since injury in days, the mean of the run-in diary, and
    the stream of the screening visit.
    """
    true, values, identifiers = history.at_screening, patients.values, patients.identifiers
    laboratory = Laboratory(true, values, identifiers, visit)
    return {
        Covariate.DURATION: duration_days / DAYS_PER_MONTH,
        Covariate.PAIN: pain,
        Covariate.TEMPERATURE: measured_temperature(true, values, identifiers, visit),
        Covariate.SHOULDER_HAND: measured_shoulder_hand_score(
            {PAIN: history.run_in_pain[:, -1], **true}, values, identifiers, visit
        ),
        Covariate.BLISTER_TNF: laboratory.blister("tnf").value,
        Covariate.BLISTER_IL6: laboratory.blister("il6").value,
        Covariate.PLASMA_TNF: laboratory.plasma("tnf").value,
        Covariate.PLASMA_IL6: laboratory.plasma("il6").value,
    }
