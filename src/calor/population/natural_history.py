"""The untreated course of a virtual population, measured as the published cohorts measured theirs.

Everybody is injured at day 0 and seen at fixed times and once in each clinic, at a duration drawn from that
clinic's. A cohort is whoever meets its criteria at its visit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Progress, Silent
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options, Status
from calor.population.assays import Laboratory
from calor.population.diary import DiaryHabits, ratings, slow_fluctuation
from calor.population.instruments import measured_temperature
from calor.population.items import NEEDED_OUTPUTS, Present, examine
from calor.population.patients import Patients
from calor.population.severity import (
    meets_budapest_clinical,
    meets_budapest_research,
    meets_iasp,
    severity_score,
)
from calor.population.simulation import simulate_people

ENROLMENT = 60.0
"""Day after injury of enrolment into an early cohort: onset is within 8 weeks (E08, E19)."""
FIXED_VISITS: Mapping[str, float] = {
    "enrolment": ENROLMENT,
    "plus 3 months": ENROLMENT + 3 * DAYS_PER_MONTH,
    "plus 6 months": ENROLMENT + 6 * DAYS_PER_MONTH,
    "plus 9 months": ENROLMENT + 9 * DAYS_PER_MONTH,
    "plus 12 months": ENROLMENT + 12 * DAYS_PER_MONTH,
    "5 years": 60 * DAYS_PER_MONTH,
}
CLINICS: Mapping[str, tuple[float, float]] = {
    # visit: (median duration in months, log-SD). D03 and E18 print the medians, A23 the quartiles 48 to 180
    # of E18; the others print no duration, so theirs is assumed (blister: most within 2 to 10 months).
    "thermography": (6.0, 1.0),
    "phenotype": (8.0, 1.2),
    "blister": (5.0, 0.4),
    "persistent": (84.0, 0.98),
}
BEFORE_TWO_YEARS = 24 * DAYS_PER_MONTH
OUTPUTS = (*NEEDED_OUTPUTS, "tnf_tissue", "il1b_tissue", "il6_tissue")
FEWEST = 15
"""A cohort with fewer people than this gives no statistic."""


@dataclass(frozen=True)
class Visit:
    """One visit of everybody: days since injury (n,), true outputs (n,) each, items present (n, 16)."""

    days: Numbers
    outputs: Mapping[str, Numbers]
    items: Present


@dataclass(frozen=True)
class NaturalHistory:
    """The untreated course of injured people: their visits by name, and who could be simulated (n,)."""

    patients: Patients
    visits: Mapping[str, Visit]
    lived: NDArray[np.bool_]
    stream: Stream

    def take(self, rows: NDArray[np.bool_]) -> NaturalHistory:
        """Return some of the people, by a mask."""
        visits = {
            name: Visit(
                visit.days[rows],
                {key: column[rows] for key, column in visit.outputs.items()},
                visit.items[rows],
            )
            for name, visit in self.visits.items()
        }
        return NaturalHistory(self.patients.take(rows), visits, self.lived[rows], self.stream)


def live_untreated(
    kernel: Kernel, patients: Patients, stream: Stream, options: Options, progress: Progress | None = None
) -> NaturalHistory:
    """Return the untreated course of patients, seen at every visit.

    Arguments: the kernel of the untreated disease, the patients (n,) with disease and measurement parameters,
    the stream of the study, the engine's options.
    """
    times = {name: np.full(len(patients), day) for name, day in FIXED_VISITS.items()}
    for name, (median, log_sd) in CLINICS.items():
        score = stream.child("clinic", name).normals(patients.identifiers, 1)[:, 0]
        times[name] = median * DAYS_PER_MONTH * np.exp(log_sd * score)
    return seen_at(times, kernel, patients, stream, options, progress)


def seen_at(
    times: Mapping[str, Numbers],
    kernel: Kernel,
    patients: Patients,
    stream: Stream,
    options: Options,
    progress: Progress | None = None,
) -> NaturalHistory:
    """Return the untreated course of patients, seen at visits of one's own.

    Arguments: days since the injury (n,) of each visit by name; the others as for `live_untreated`.
    """
    days = np.column_stack(list(times.values()))
    order = np.argsort(days, axis=1)
    at = np.take_along_axis(days, order, axis=1)
    result = simulate_people(kernel, patients, at, OUTPUTS, options, progress or Silent())
    found = np.take_along_axis(result.outputs, np.argsort(order, axis=1)[:, :, None], axis=1)
    visits = {}
    for position, name in enumerate(times):
        outputs = {output: found[:, position, index] for index, output in enumerate(OUTPUTS)}
        of_visit = stream.child("visit", name)
        items = examine(outputs, patients.values, patients.identifiers, stream, of_visit)
        visits[name] = Visit(days[:, position], outputs, items)
    return NaturalHistory(patients, visits, np.asarray(result.status == Status.FINISHED), stream)


def reported_pain(history: NaturalHistory, name: str) -> Numbers:
    """Return the pain that people report on the day of a visit, (n,), NaN where they leave it out."""
    habits, people = DiaryHabits.of(history.patients.values), history.patients.identifiers
    diary = history.stream.child("visit", name).child("rating")
    slow = slow_fluctuation(habits, diary.child("slow").normals(people, 1))
    level = history.visits[name].outputs["pain_nrs"][:, None] + slow
    return ratings(habits, level, diary, people)[:, 0]


def statistics_of(history: NaturalHistory) -> dict[str, float]:
    """Return every statistic of `facts.yaml` in one population, NaN where a cohort is too small."""
    lived = history.take(history.lived)
    found: dict[str, float] = {}
    for cohort in (_early, _late, _persistent, _thermography, _phenotype, _blister):
        found |= cohort(lived)
    return found


def _share(mask: Present, among: Present) -> float:
    return float(mask[among].mean()) if among.sum() >= FEWEST else float("nan")


def _of(values: Numbers, function: Callable[[Numbers], object]) -> float:
    return float(np.asarray(function(values))) if len(values) >= FEWEST else float("nan")


def _rank_correlation(first: Numbers, second: Numbers) -> float:
    if len(first) < FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    from scipy.stats import rankdata  # SciPy takes long to load

    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def _early(history: NaturalHistory) -> dict[str, float]:
    """Cohorts enrolled early and followed (E07, E08, A12), E02 by the criteria of 1994."""
    first, year = history.visits["enrolment"], history.visits["plus 12 months"]
    cases = meets_budapest_clinical(first.items)
    innate = {name: history.visits[name].outputs["innate"][cases] for name in ("enrolment", "plus 9 months")}
    early = _of(innate["enrolment"], np.mean)
    half_year = severity_score(history.visits["plus 6 months"].items)
    later_fall = (half_year - severity_score(year.items))[cases].astype(float)
    at_5_years = meets_iasp(history.visits["5 years"].items, first.items)
    return {
        "iasp_resolved_5_years": _share(~at_5_years, meets_iasp(first.items)),
        "severity_fall_6_to_12_months": _of(later_fall, np.mean),
        "lost_criteria_3_months": _share(
            ~meets_budapest_clinical(history.visits["plus 3 months"].items), cases
        ),
        "iasp_12_months": _share(meets_iasp(year.items, first.items), cases),
        "budapest_research_12_months": _share(meets_budapest_research(year.items), cases),
        "innate_late_over_early": _of(innate["plus 9 months"], np.mean) / early
        if early > 0
        else float("nan"),
    }


def _late(history: NaturalHistory) -> dict[str, float]:
    """People who have CRPS a year after enrolment, seen again at 5 years (E12)."""
    year = history.visits["plus 12 months"]
    cases = meets_budapest_clinical(year.items) & (year.outputs["pain_nrs"] >= 3)
    return {"remission_after_year_1": _share(history.visits["5 years"].outputs["pain_nrs"] < 1, cases)}


def _persistent(history: NaturalHistory) -> dict[str, float]:
    """A clinic's patients with persistent CRPS (E18)."""
    visit = history.visits["persistent"]
    cases = meets_budapest_clinical(visit.items)
    pain = visit.outputs["pain_nrs"][cases]
    score = severity_score(visit.items)[cases].astype(float)
    return {
        "pain_median": _of(pain, np.median),
        "pain_iqr": _of(pain, lambda values: np.subtract(*np.quantile(values, (0.75, 0.25)))),
        "severity_mean": _of(score, np.mean),
        "severity_sd": _of(score, np.std),
    }


def _thermography(history: NaturalHistory) -> dict[str, float]:
    """Patients of a thermography clinic (D03)."""
    visit = history.visits["thermography"]
    cases = meets_budapest_clinical(visit.items)
    difference = _temperature(history, "thermography")[cases]
    return {
        "temperature_mean": _of(difference, np.mean),
        "temperature_sd": _of(difference, np.std),
        "temperature_within_1": _of(difference, lambda values: np.mean(np.abs(values) <= 1)),
        "temperature_duration_rho": _rank_correlation(difference, visit.days[cases]),
    }


def _phenotype(history: NaturalHistory) -> dict[str, float]:
    """Durations of warm and of cold patients in one clinic (D01)."""
    visit = history.visits["phenotype"]
    cases = meets_budapest_clinical(visit.items)
    difference = _temperature(history, "phenotype")
    months = visit.days / DAYS_PER_MONTH
    return {
        "warm_duration": _of(months[cases & (difference > 0)], np.median),
        "cold_duration": _of(months[cases & (difference < 0)], np.median),
    }


def _blister(history: NaturalHistory) -> dict[str, float]:
    """Cytokines in blister fluid of the affected limb (A01, A03); TNF against pain within 2 years (A08)."""
    visit = history.visits["blister"]
    cases = meets_budapest_clinical(visit.items)
    people = history.patients
    laboratory = Laboratory(
        visit.outputs, people.values, people.identifiers, history.stream.child("visit", "blister")
    )
    found = {}
    for cytokine in ("tnf", "il6"):
        value = laboratory.blister(cytokine).value[cases]
        found[f"{cytokine}_median"] = _of(value, np.median)
        found[f"{cytokine}_log_sd"] = _of(np.log(value), np.std)
    recent = cases & (visit.days < BEFORE_TWO_YEARS)
    tnf = laboratory.blister("tnf").value[recent]
    found["tnf_pain_rho"] = _rank_correlation(tnf, visit.outputs["pain_nrs"][recent])
    return found


def _temperature(history: NaturalHistory, name: str) -> Numbers:
    people = history.patients
    of_visit = history.stream.child("visit", name)
    return measured_temperature(history.visits[name].outputs, people.values, people.identifiers, of_visit)
