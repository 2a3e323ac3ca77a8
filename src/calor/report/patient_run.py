"""One virtual patient or a cohort, found, followed and put into a document."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.population.changes import check_changes
from calor.population.cohort import Cohort, Screening, find_cohort, find_patient
from calor.population.course import CohortCourse, follow, prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.simulation import ACCURACY
from calor.population.traits import Traits
from calor.regimen import Regimen, parse_regimen
from calor.report.patient_document import result_document
from calor.therapy.drug import Drug
from calor.therapy.library import load_drug
from calor.trial.bank.basis import basis_of
from calor.trial.bank.scenario import Scenario

WORLDS_OF_ONE = 600
"""Worlds and rivals in which a single virtual patient is tried."""


MOST_PERSON_DAYS = 2_500_000


def refuse_too_large(people: int, days: int) -> None:
    """Raise UnsupportedError for more days of people than the memory of a small machine holds."""
    if people * days > MOST_PERSON_DAYS:
        raise UnsupportedError.of(
            f"{people:,} people over {days:,} days are more than {MOST_PERSON_DAYS:,} days of people",
            key="--cohort",
            hint="ask for fewer people or fewer days",
        )


def given_of(drugs: Sequence[str], regimens: Sequence[str]) -> list[tuple[Drug, Regimen]]:
    """Return the drugs with their regimens. Raises InputError when they do not pair."""
    if len(drugs) != len(regimens):
        raise InputError.of(
            f"{len(drugs)} drugs and {len(regimens)} regimens",
            key="--drug",
            allowed="one --regimen for each --drug",
            hint='--drug prednisolone --regimen "40 mg oral daily for 14 days"',
        )
    return [(load_drug(drug), parse_regimen(text)) for drug, text in zip(drugs, regimens, strict=True)]


def rivals_named(name: str | None) -> tuple[Rival, ...]:
    """Return the rival of a name, or all without one. Raises InputError for a name that is none."""
    rivals = load_rivals()
    if name is None:
        return rivals
    chosen = tuple(rival for rival in rivals if rival.name == name)
    if not chosen:
        allowed = ", ".join(rival.name for rival in rivals)
        raise InputError.of(f"is {name!r}", key="--rival", allowed=allowed, hint="calor model rivals")
    return chosen


def patient_document(
    disease: Disease,
    traits: Traits,
    given: list[tuple[Drug, Regimen]],
    rivals: tuple[Rival, ...],
    scenario: Scenario,
    size: int | None,
    days: int,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, Any], dict[str, CohortCourse], Cohort]:
    """Return the result as a JSON document, the courses behind it, and the people that were found."""
    untreated = prepare_treatment(disease, ())
    treated = prepare_treatment(disease, given) if given else None
    table = ParameterTable(
        (*disease.parameters, *load_measurement(), *(treated.table if treated else ())),
    )
    check_changes(scenario.changes, table, rivals)
    basis = basis_of(scenario, table, disease, [drug for drug, _ in given])
    options = replace(ACCURACY, threads=os.cpu_count() or 1)
    stream, weights = Stream(seed).child("patient"), scenario.weights(rivals)
    setting = Screening(
        kernel=untreated.kernel,
        table=table,
        rivals=rivals,
        weights=weights,
        worlds=scenario.worlds_at,
        stream=stream,
        options=options,
    )
    found = (
        find_patient(setting, traits, WORLDS_OF_ONE, progress)
        if size is None
        else find_cohort(setting, traits, size, progress)
    )
    courses = {"untreated": follow(untreated, found, days, options)}
    if treated is not None:
        courses["treated"] = follow(treated, found, days, options)
    document = result_document(disease, traits, given, found, courses, rivals, basis, seed)
    return document, courses, found
