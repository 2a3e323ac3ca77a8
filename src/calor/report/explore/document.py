"""What comes of a question as a JSON document: changes within the same person, benefit, harm, basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.versions import versions
from calor.model.parameters import ParameterTable
from calor.population.cohort import Cohort
from calor.population.course import CohortCourse
from calor.report.context.people import QUANTILES, RESPONSE
from calor.report.explore.outcomes import OUTCOMES, PAIN
from calor.report.explore.people import WEEK, Ground, TreatedModel
from calor.report.explore.question import SEED, Question
from calor.report.numbers import percentages
from calor.report.patient_document import traits_document, traits_text
from calor.study.treatments import ArmTreatment
from calor.therapy.limits import warnings_of
from calor.trial.bank.basis import Basis, basis_of
from calor.trial.results.caution import effect_warnings
from calor.trial.results.harm import events_of

PEOPLE = 100
"""Benefit and harm are shown for so many people."""

LAST_WEEKS = 4
"""Pain is averaged over the last weeks: on one day people are too different from themselves."""


@dataclass(frozen=True)
class Followed:
    """A treatment with the disease it is composed with, and the people's course under it."""

    given: ArmTreatment
    model: TreatedModel
    course: CohortCourse


def explore_document(
    ground: Ground, question: Question, people: Cohort, untreated: CohortCourse, followed: Sequence[Followed]
) -> dict[str, Any]:
    """Return the answer to a question as a JSON document.

    Arguments: what every question shares; the question; the people; their course without treatment, and
    under each treatment.
    """
    basis = _basis(ground, None)
    return {
        "title": traits_text(question.traits),
        "status": str(ground.scenario.status),
        "traits": traits_document(question.traits),
        "weeks": question.weeks,
        "last_weeks": LAST_WEEKS,
        "people": {
            "screened": people.screened,
            "found": len(people.patients),
            "failed_simulations": people.failed + int((~untreated.lived).sum()),
        },
        "times_days": untreated.times.tolist(),
        "untreated": _levels(untreated),
        "command": question.command(None),
        "treatments": [_treatment(ground, question, people, untreated, each) for each in followed],
        "warnings": list(basis.misfits),
        "provenance": {
            "seed": SEED,
            "model_sha256": ground.disease.sha256,
            "posterior": basis.origin(),
            "calor_version": versions()["calor"],
        },
    }


def _levels(course: CohortCourse) -> dict[str, Any]:
    """Return by outcome the quantiles over people in every week, without treatment."""
    outputs = {name: values[course.lived] for name, values in course.outputs.items()}
    return {
        outcome.output: {"name": outcome.name, "quantiles": _quantiles(outcome.level(outputs))}
        for outcome in OUTCOMES
    }


def _treatment(
    ground: Ground, question: Question, people: Cohort, untreated: CohortCourse, followed: Followed
) -> dict[str, Any]:
    given, basis = followed.given, _basis(ground, followed)
    lived = untreated.lived & followed.course.lived
    without = {name: values[lived] for name, values in untreated.outputs.items()}
    under = {name: values[lived] for name, values in followed.course.outputs.items()}
    return {
        "drug": given.drug.id,
        "name": given.drug.name,
        "regimen": given.regimen.text,
        "command": question.command(given),
        "followed": int(lived.sum()),
        "changes": {
            outcome.output: {
                "name": outcome.name,
                "unit": outcome.unit,
                "as_ratio": outcome.as_ratio,
                "quantiles": _quantiles(outcome.change(under, without)),
            }
            for outcome in OUTCOMES
        },
        "pain": _pain(ground, people.rivals[lived], PAIN.change(under, without)),
        "responders": _responders(PAIN.level(under), PAIN.level(without)),
        "harms": [event.to_document() for event in events_of(given, PEOPLE, float(WEEK * question.weeks))],
        "posterior": basis.to_document(),
        "share_by_status": ground.disease.parameters.share_of_status(basis.narrowed),
        "warnings": [*warnings_of(given.regimen, given.drug), *effect_warnings(basis)],
    }


def _pain(ground: Ground, rivals: NDArray[np.int64], change: Numbers) -> dict[str, Any]:
    """Return the change of pain over the last weeks: quantiles over people, and each rival's mean.

    Arguments: what is shared; the rival of each person (n,); the change of each, (n, n_times).
    """
    last = change[:, -LAST_WEEKS:].mean(axis=1)
    by_rival = {}
    for place, rival in enumerate(ground.rivals):
        own = rivals == place
        if own.sum() < 2:
            continue
        by_rival[rival.name] = {
            "says": rival.says,
            "people": int(own.sum()),
            "mean": float(last[own].mean()),
            "standard_error": float(last[own].std(ddof=1) / np.sqrt(own.sum())),
            "course": change[own].mean(axis=0).tolist(),
        }
    return {"quantiles": np.quantile(last, QUANTILES).tolist(), "by_rival": by_rival}


def _responders(treated: Numbers, untreated: Numbers) -> dict[str, Any]:
    """Return how many of 100 people are better with the treatment, without it, either way or neither way.

    Better: pain over the last weeks is at least 30 % below that of study day 1.
    """
    enough = (1 - RESPONSE) * untreated[:, 0]
    with_it, without = (level[:, -LAST_WEEKS:].mean(axis=1) <= enough for level in (treated, untreated))
    shares = {
        "better only with it": (with_it & ~without).mean(),
        "better either way": (with_it & without).mean(),
        "better neither way": (~with_it & ~without).mean(),
        "better only without it": (~with_it & without).mean(),
    }
    return {
        "of_100": percentages({name: float(share) for name, share in shares.items()}),
        "response_percent": 100 * RESPONSE,
    }


def _basis(ground: Ground, followed: Followed | None) -> Basis:
    """Return what an answer rests on, with a treatment's own numbers or without."""
    further = followed.model.table if followed else ()
    table = ParameterTable((*ground.screening.table, *further))
    drugs = [followed.given.drug] if followed else []
    return basis_of(ground.scenario, table, ground.disease, drugs)


def _quantiles(values: Numbers) -> list[list[float]]:
    """Return quantiles over people (n, n_times) at every time, (n_times, 5)."""
    found: list[list[float]] = np.quantile(values, QUANTILES, axis=0).T.tolist()
    return found
