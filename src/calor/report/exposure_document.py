"""Exposure to a drug as a JSON document: a typical person at rest, and people who differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress
from calor.core.repeats import refuse_repeated
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.population.posterior import Posterior
from calor.regimen import parse_moment, parse_regimen
from calor.therapy.drug import Drug
from calor.therapy.equations import equations_of
from calor.therapy.exposure import quantity_of, typical_person, varied_people
from calor.therapy.library import load_drug
from calor.therapy.limits import warnings_of
from calor.therapy.profile import CourseSummary, course_of, summary_of, values_at

BAND = (0.05, 0.5, 0.95)


USUAL_WEIGHT = 70.0


def drug_of(name: str, alternative: str | None) -> Drug:
    """Return a drug, with another published set of its numbers where one is named. Raises InputError."""
    drug = load_drug(name)
    if alternative is None:
        return drug
    if alternative not in drug.alternatives:
        raise InputError.of(
            f"{drug.id} has no set of numbers {alternative!r}", allowed=", ".join(drug.alternatives) or "none"
        )
    return drug.with_alternative(alternative)


@dataclass(frozen=True)
class DrugNumbers:
    """Numbers of a drug that are not those of its file, by name, and in words where all come from."""

    values: Mapping[str, float]
    origin: str


def numbers_of(drug: Drug, alternative: str | None, posterior: Posterior | None) -> DrugNumbers:
    """Return a drug's numbers under a posterior, as far as it was fitted there; None: those of its file."""
    if alternative is not None:
        return DrugNumbers({}, f"the published set {alternative}")
    if posterior is None:
        return DrugNumbers({}, "the drug's file (priors)")
    fitted = posterior.typical(ParameterTable(tuple(equations_of(drug).parameters)))
    if not fitted:
        return DrugNumbers({}, f"the drug's file: it took no part in the fit of posterior {posterior.name}")
    date = f" of {posterior.date}" if posterior.date else ""
    return DrugNumbers(fitted, f"the mean of posterior {posterior.name}{date}")


@dataclass(frozen=True)
class ExposureRequest:
    """What is asked about a drug.

    Arguments: the regimen as text; the body weight in kg, None for 70 and for people who differ in it too;
    moments to report, such as `week 14`; the quantity; how many people to simulate as well, with their seed.
    """

    regimen: str
    weight: float | None = None
    moments: tuple[str, ...] = ()
    quantity: str = "concentration"
    population: int | None = None
    seed: int = 1


def exposure_document(
    drug: Drug, numbers: DrugNumbers, asked: ExposureRequest, progress: Progress = SILENT
) -> dict[str, Any]:
    """Return what a regimen of a drug does, as a JSON document.

    Raises InputError for what is wrong with the regimen, the moments or the quantity.
    """
    progress.start("simulating", 2 if asked.population else 1)
    document = _of_typical_person(drug, numbers, asked)
    progress.advance()
    if asked.population:
        document["population"] = _of_population(drug, numbers, asked, document, asked.population)
        progress.advance()
    return document


def _of_typical_person(drug: Drug, numbers: DrugNumbers, asked: ExposureRequest) -> dict[str, Any]:
    """Return the document for a typical person."""
    regimen = parse_regimen(asked.regimen)
    quantity = quantity_of(drug, asked.quantity)
    moments, weight = asked.moments, asked.weight or USUAL_WEIGHT
    refuse_repeated(moments, "--at")
    times = [parse_moment(moment) for moment in moments]
    warnings = warnings_of(regimen, drug, weight)
    person = typical_person(weight, numbers.values)
    course = course_of(drug, regimen, person, quantity)
    values = values_at(drug, regimen, person, quantity, times)[0] if times else []
    return {
        "drug": drug.id,
        "regimen": regimen.text,
        "numbers_from": numbers.origin,
        "weight_kg": weight,
        "quantity": quantity.name,
        "unit": quantity.unit,
        "baseline": float(course.baseline[0]),
        "times_days": course.times.tolist(),
        "typical": course.values[0].tolist(),
        "at": [
            {"at": moment, "time_days": time, "value": float(value)}
            for moment, time, value in zip(moments, times, values, strict=True)
        ],
        "summary": _summary(summary_of(course, regimen), quantity.unit),
        "warnings": warnings,
    }


def _summary(summary: CourseSummary, unit: str) -> dict[str, Any]:
    return {
        "cmax": summary.largest,
        "tmax_days": summary.largest_days,
        "cmin": summary.smallest,
        "tmin_days": summary.smallest_days,
        "auc": summary.area,
        "auc_unit": f"{unit} x day above the baseline, from day 1 to infinity",
        "half_life_days": summary.half_life_days,
    }


def _of_population(
    drug: Drug, numbers: DrugNumbers, asked: ExposureRequest, document: dict[str, Any], count: int
) -> dict[str, Any]:
    """Return the 5 %, 50 % and 95 % points of people who differ, at the document's times."""
    regimen = parse_regimen(asked.regimen)
    quantity = quantity_of(drug, asked.quantity)
    people = varied_people(drug, count, Stream(asked.seed, ("pk", drug.id)), asked.weight, numbers.values)
    course = course_of(drug, regimen, people, quantity, until=document["times_days"][-1])
    low, middle, high = np.quantile(course.values, BAND, axis=0)
    at = [entry["time_days"] for entry in document["at"]]
    if at:
        points = np.quantile(values_at(drug, regimen, people, quantity, at), BAND, axis=0)
        for index, entry in enumerate(document["at"]):
            entry["population"] = dict(zip(("p5", "p50", "p95"), points[:, index].tolist(), strict=True))
    return {
        "n": count,
        "seed": asked.seed,
        "p5": low.tolist(),
        "p50": middle.tolist(),
        "p95": high.tolist(),
    }
