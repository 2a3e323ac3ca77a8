"""Forecasts of an untreated cohort: what studies of its size would print at each visit.

In every world under every rival people are injured, seen at the study's visits, and those who meet its
criteria at the first one are its source. A study is as many of them as it had, drawn with replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream
from calor.engine.batch import Kernel
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.population.items import Present
from calor.population.natural_history import FEWEST, NaturalHistory, reported_pain, seen_at
from calor.population.patients import draw_patients
from calor.population.severity import meets_budapest_clinical, meets_budapest_research, severity_score
from calor.population.treated_models import TreatedModels
from calor.population.uncertainty import restricted
from calor.study.assumed import assumed_in
from calor.study.library import study, trial_sha256
from calor.study.natural_course import Criteria, NaturalCourse
from calor.study.study import Study
from calor.trial.bank.basis import Basis, basis_of
from calor.trial.bank.cells import PATIENTS_PER_WORLD
from calor.trial.bank.intervals import weighted_interval
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.forecast.kinds import CourseFigure
from calor.trial.forecast.origin import rests_on
from calor.trial.forecast.scales import CourseEntry, RegisteredCourse, number_read

MEETS: dict[Criteria, Callable[[Present], Present]] = {
    Criteria.BUDAPEST_CLINICAL: meets_budapest_clinical,
    Criteria.BUDAPEST_RESEARCH: meets_budapest_research,
}


@dataclass(frozen=True)
class SimulatedStudies:
    """Simulated studies of one cohort: what each printed, the rival it was under and the rivals' weights.

    Arguments: by figure the numbers (n_studies, n_visits), NaN where a study has none; the rival's position
    of each study (n_studies,); the rivals; the weight of each (n_rivals,); how many people a world's source
    held on average; and what the numbers rest on.
    """

    figures: dict[CourseFigure, Numbers]
    rival_of: NDArray[np.int64]
    rivals: tuple[Rival, ...]
    weights: Numbers
    source_people: float
    basis: Basis

    def forecast(self, of: CourseFigure, visit: int) -> dict[str, Any]:
        """Return the mean and the 95 % interval of a figure at a visit, over all rivals and under each."""
        values = self.figures[of][:, visit]
        counts = np.bincount(self.rival_of, minlength=len(self.rivals))
        weights = self.weights[self.rival_of] / counts[self.rival_of]
        return {
            **_summary(values, weights),
            "by_rival": [
                {
                    "name": rival.name,
                    "weight": float(self.weights[place]),
                    **_summary(values[own], np.ones(int(own.sum()))),
                }
                for place, rival in enumerate(self.rivals)
                if (own := self.rival_of == place).any()
            ],
        }


def simulate_course(
    cohort: Study, scenario: Scenario, settings: RunSettings, progress: Progress
) -> SimulatedStudies:
    """Return simulated studies of a cohort that is followed, as many under every rival.

    Arguments: a study with a natural course; where the worlds come from; the size of the run, whose
    replicates are shared evenly by a rival's worlds; and who watches. Raises Stopped when asked to stop.
    """
    assert cohort.natural_course is not None
    models, rivals = TreatedModels(load_disease()), load_rivals()
    kernel, stream = models.kernel(()), Stream(settings.seed)
    found: list[dict[CourseFigure, Numbers]] = []
    rival_of: list[NDArray[np.int64]] = []
    sizes: list[int] = []
    progress.start(f"course of {cohort.id}", len(rivals))
    for place, rival in enumerate(rivals):
        stop_if_requested(progress)
        worlds = restricted(scenario.worlds(models.table, rival, stream, settings.worlds), rival.sets)
        history = _live(cohort.natural_course, kernel, models.table, worlds, stream, settings)
        for world in range(settings.worlds):
            people = history.take(history.patients.draws == world)
            cases = people.take(_meets(cohort.natural_course, people, 0))
            if len(cases.patients) < FEWEST:
                continue
            found.append(
                _studies(cohort.natural_course, cases, stream.child("study", f"{place}-{world}"), settings)
            )
            rival_of.append(np.full(len(found[-1][CourseFigure.STILL]), place))
            sizes.append(len(cases.patients))
        progress.advance()
    return SimulatedStudies(
        {figure: np.concatenate([part[figure] for part in found]) for figure in CourseFigure},
        np.concatenate(rival_of),
        rivals,
        scenario.weights(rivals),
        float(np.mean(sizes)),
        basis_of(scenario, models.table, load_disease(), (), {cohort.record or cohort.id, cohort.id}),
    )


def course_document(
    identifier: str, entry: RegisteredCourse, scenario: Scenario, settings: RunSettings, progress: Progress
) -> dict[str, Any]:
    """Return the forecasts of a cohort that ships, every figure at every visit, as JSON-like data."""
    cohort = study(identifier)
    assert cohort.natural_course is not None
    simulated = simulate_course(cohort, scenario, settings, progress)
    return {
        "id": cohort.id,
        "title": cohort.title,
        "role": cohort.role,
        "people": cohort.natural_course.people,
        "status": str(scenario.status),
        "posterior": rests_on(simulated.basis),
        "assumed": assumed_in(cohort),
        "studies": len(simulated.rival_of),
        "source_people": simulated.source_people,
        "forecasts": [
            {
                "of": str(each.of),
                "scale": each.scale,
                "month": month,
                **simulated.forecast(each.of, place),
                "known": _known(cohort, each, place + 1),
            }
            for each in entry.forecasts
            for place, month in enumerate(cohort.natural_course.months)
            if place or each.of is not CourseFigure.STILL  # at the first visit everybody does, by definition
        ],
        "because": entry.because,
        "protocol_sha256": trial_sha256(cohort.id),
        "disease_sha256": load_disease().sha256,
    }


def _known(cohort: Study, entry: CourseEntry, visit: int) -> dict[str, Any] | None:
    """Return the number that had been read of a visit, counted from 1, before it was forecast."""
    path = entry.known.get(visit)
    return None if path is None else number_read(cohort.record or cohort.id, path)


def _live(
    course: NaturalCourse,
    kernel: Kernel,
    table: ParameterTable,
    worlds: dict[str, Numbers],
    stream: Stream,
    settings: RunSettings,
) -> NaturalHistory:
    """Return injured people of every world, as many in each, seen at the study's visits."""
    draws = np.repeat(np.arange(settings.worlds), settings.most_candidates)
    numbers = np.tile(np.arange(settings.most_candidates), settings.worlds)
    patients = draw_patients(table, worlds, stream, draws * PATIENTS_PER_WORLD + numbers, draws)
    times = {f"month {month:g}": np.full(len(patients), month * DAYS_PER_MONTH) for month in course.months}
    history = seen_at(times, kernel, patients, stream, settings.options)
    return history.take(history.lived)


def _meets(course: NaturalCourse, history: NaturalHistory, visit: int) -> Present:
    return MEETS[course.criteria](list(history.visits.values())[visit].items)


def _studies(
    course: NaturalCourse, cases: NaturalHistory, stream: Stream, settings: RunSettings
) -> dict[CourseFigure, Numbers]:
    """Return what studies of one world would print, (n_studies, n_visits) by figure."""
    n_studies = max(1, settings.replicates // settings.worlds)
    picked = stream.uniforms(np.arange(n_studies), course.people)
    members = (picked * len(cases.patients)).astype(np.int64)
    pain = np.column_stack([reported_pain(cases, name) for name in cases.visits])[members]
    score = np.column_stack([severity_score(visit.items) for visit in cases.visits.values()])[members]
    still = np.column_stack([_meets(course, cases, visit) for visit in range(len(course.months))])
    return {
        CourseFigure.PAIN_MEAN: np.nanmean(pain, axis=1),
        CourseFigure.PAIN_SD: np.nanstd(pain, axis=1, ddof=1),
        CourseFigure.SCORE_MEAN: score.mean(axis=1),
        CourseFigure.SCORE_SD: score.std(axis=1, ddof=1),
        CourseFigure.STILL: still[members].mean(axis=1),
    }


def _summary(values: Numbers, weights: Numbers) -> dict[str, Any]:
    return {
        "predicted_mean": float(weights @ values / weights.sum()),
        "predicted_interval95": weighted_interval(values, weights).pair(),
    }
