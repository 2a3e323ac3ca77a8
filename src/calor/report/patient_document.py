"""The result of `calor patient` as a JSON document and as a table of courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.versions import versions
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.rivals import Rival
from calor.model.units import sign_of
from calor.population.cohort import Cohort
from calor.population.course import CohortCourse
from calor.population.traits import Traits
from calor.regimen import Regimen
from calor.therapy.drug import Drug
from calor.therapy.limits import warnings_of
from calor.trial.bank.basis import Basis
from calor.trial.results.caution import effect_warnings

if TYPE_CHECKING:
    import pandas as pd

Given = Sequence[tuple[Drug, Regimen]]
Courses = Mapping[str, CohortCourse]


def result_document(
    disease: Disease,
    traits: Traits,
    given: Given,
    found: Cohort,
    courses: Courses,
    rivals: Sequence[Rival],
    basis: Basis,
    seed: int,
) -> dict[str, Any]:
    """Return the result as a JSON document.

    Arguments: the disease; the traits asked for; drugs with regimens; the cohort that was found; its courses,
    `untreated` and, with drugs, `treated`; the rivals in play; what the numbers rest on; the seed.
    """
    status = str(basis.scenario.status)
    return {
        "title": f"{_title(traits, given, found)} · {status}",
        "status": status,
        "posterior": basis.to_document(),
        "traits": traits_document(traits),
        "treatments": [{"drug": drug.id, "regimen": regimen.text} for drug, regimen in given],
        "population": _counts(found, courses, rivals),
        "times_days": courses["untreated"].times.tolist(),
        "outputs": _outputs(disease, courses),
        "parameters": {"share_by_status": disease.parameters.share_of_status(basis.narrowed)},
        "warnings": [
            *basis.misfits,
            *(warning for drug, regimen in given for warning in warnings_of(regimen, drug)),
            *effect_warnings(basis),
        ],
        "provenance": {
            "seed": seed,
            "model_sha256": disease.sha256,
            "posterior": basis.origin(),
            "calor_version": versions()["calor"],
        },
    }


def traits_document(traits: Traits) -> dict[str, Any]:
    """Return what was asked of virtual patients as JSON-like data."""
    return {
        "duration_months": traits.duration_months,
        "phenotype": traits.phenotype,
        "cytokines": traits.cytokines,
        "antibody": traits.antibody,
        "pain_at_least": traits.pain_at_least,
        "criteria": "Budapest clinical, at screening",
    }


def traits_text(traits: Traits) -> str:
    """Return what was asked of virtual patients in words."""
    words = [f"{traits.duration_months:g} months after injury", *(filter(None, (traits.phenotype,)))]
    if traits.cytokines:
        words.append(f"{traits.cytokines} cytokines")
    if traits.antibody is not None:
        words.append("autoantibody" if traits.antibody else "no autoantibody")
    if traits.pain_at_least is not None:
        words.append(f"pain {traits.pain_at_least:g} or more")
    return ", ".join(words)


def members_within(courses: Courses, rows: int) -> int:
    """Return how many of the virtual patients a table of at most so many rows can hold, at least one."""
    course = courses["untreated"]
    return max(1, min(len(course.lived), rows // (len(courses) * len(course.times))))


def course_table(courses: Courses, status: str, members: int) -> pd.DataFrame:
    """Return one row per course, virtual patient (the first `members`) and day, with every output."""
    import pandas as pd  # takes long to load

    parts = []
    for name, course in courses.items():
        n, n_times = members, len(course.times)
        parts.append(
            pd.DataFrame(
                {
                    "course": name,
                    "member": np.repeat(np.arange(n), n_times),
                    "time_days": np.tile(course.times, n),
                    **{output: course.outputs[output][:n].ravel() for output in OUTPUTS},
                }
            )
        )
    return pd.concat(parts).assign(simulated=True, status=status)


def _title(traits: Traits, given: Given, found: Cohort) -> str:
    who = "one virtual patient" if found.persons == 1 else f"{found.persons} virtual patients"
    drugs = "; ".join(f"{drug.id} {regimen.text}" for drug, regimen in given)
    return f"{who}, {traits_text(traits)}{f': {drugs}' if drugs else ''}"


def _counts(found: Cohort, courses: Courses, rivals: Sequence[Rival]) -> dict[str, Any]:
    lived = np.all([course.lived for course in courses.values()], axis=0)
    return {
        "screened": found.screened,
        "followed": int(lived.sum()),
        "persons": found.persons,
        "worlds": len(np.unique(found.patients.draws)),
        "failed_simulations": found.failed + int((~lived).sum()),
        "by_rival": {
            rival.name: int((found.rivals[lived] == index).sum()) for index, rival in enumerate(rivals)
        },
    }


def _outputs(disease: Disease, courses: Courses) -> dict[str, Any]:
    """Return every output by name with unit, and the median and 95 % interval of each course."""
    variables = {variable.identifier: variable for variable in disease.variables}
    lived = np.all([course.lived for course in courses.values()], axis=0)
    documents = {}
    for name in OUTPUTS:
        untreated = courses["untreated"].outputs[name][lived]
        treated = courses["treated"].outputs[name][lived] if "treated" in courses else None
        documents[name] = {
            "name": variables[name].name,
            "unit": sign_of(variables[name].unit),
            "untreated": _band(untreated),
            "treated": None if treated is None else _band(treated),
            "difference": None if treated is None else _band(treated - untreated),
        }
    return documents


def _band(values: Numbers) -> dict[str, list[float]]:
    lower, middle, upper = np.quantile(values, (0.025, 0.5, 0.975), axis=0)
    return {"median": middle.tolist(), "lower95": lower.tolist(), "upper95": upper.tolist()}
