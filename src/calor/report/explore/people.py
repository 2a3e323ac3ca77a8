"""The people who answer: found once for a kind of patient, whatever they are then given."""

from __future__ import annotations

import os
from dataclasses import dataclass

from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.model.disease import Disease, load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.population.cohort import Cohort, Screening, find_cohort, with_numbers
from calor.population.course import CohortCourse, Treatment, follow, prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.traits import Traits
from calor.regimen import parse_regimen
from calor.report.explore.outcomes import NEEDED
from calor.report.explore.question import PEOPLE, SEED
from calor.study.treatments import ArmTreatment
from calor.therapy.drug import Drug
from calor.trial.bank.scenario import Scenario
from calor.trial.runs.named import posterior_of

WEEK = 7


@dataclass(frozen=True)
class Ground:
    """What every question shares: the disease, where worlds come from, the rivals, the untreated model, and
    how people are found."""

    disease: Disease
    scenario: Scenario
    rivals: tuple[Rival, ...]
    untreated: Treatment
    screening: Screening


def ground_of(posterior: str | None = None) -> Ground:
    """Return what every question under a posterior shares. Raises InputError for a name that is none.

    Without a name it is the posterior that users' trials take.
    """
    disease, rivals = load_disease(), load_rivals()
    scenario = Scenario(posterior_of(posterior))
    untreated = prepare_treatment(disease, ())
    screening = Screening(
        kernel=untreated.kernel,
        table=ParameterTable((*disease.parameters, *load_measurement())),
        rivals=rivals,
        weights=scenario.weights(rivals),
        worlds=scenario.worlds_at,
        stream=Stream(SEED).child("patient"),
        options=Options(threads=os.cpu_count() or 1),
    )
    return Ground(disease, scenario, rivals, untreated, screening)


def people_of(ground: Ground, traits: Traits) -> Cohort:
    """Return the people of a kind. Raises InputError where the kind is too rare."""
    return find_cohort(ground.screening, traits, PEOPLE, SILENT)


def untreated_course(ground: Ground, people: Cohort, weeks: int) -> CohortCourse:
    """Return how people fare without treatment, week by week."""
    return _weekly(ground, ground.untreated, people, weeks)


@dataclass(frozen=True)
class TreatedModel:
    """The disease with a drug: its compiled equations, and the drug's own numbers."""

    kernel: Kernel
    table: ParameterTable


def model_with(ground: Ground, drug: Drug) -> TreatedModel:
    """Return the disease with a drug; it holds for every regimen."""
    any_regimen = parse_regimen(drug.regimens[0].regimen)
    prepared = prepare_treatment(ground.disease, [(drug, any_regimen)])
    return TreatedModel(prepared.kernel, prepared.table)


def treated_course(
    ground: Ground, people: Cohort, model: TreatedModel, given: ArmTreatment, weeks: int
) -> CohortCourse:
    """Return how the same people fare under a treatment, week by week."""
    own = with_numbers(ground.screening, people, model.table)
    return _weekly(ground, Treatment((given,), model.kernel, model.table), own, weeks)


def _weekly(ground: Ground, treatment: Treatment, people: Cohort, weeks: int) -> CohortCourse:
    return follow(treatment, people, WEEK * weeks, ground.screening.options, every=WEEK, names=NEEDED)
