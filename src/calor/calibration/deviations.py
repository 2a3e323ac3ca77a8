"""Where a fit simulates a study otherwise than it was, for cost: named with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from calor.calibration.studies import FittedStudies, FittedStudy
from calor.study.population import Covariate, PopulationPart


@dataclass(frozen=True)
class Deviation:
    """One deviation: the study, what differs, how it was and how it is simulated in words, and the reason."""

    study: str
    what: str
    was: str
    simulated: str
    reason: str


def deviations_of(studies: FittedStudies) -> tuple[Deviation, ...]:
    """Return every deviation of a fit's studies from what they were, in their order."""
    return tuple(each for study in studies.studies for each in _of(study, studies.cohorts[study.cohort]))


def _of(study: FittedStudy, cohort: PopulationPart) -> Iterator[Deviation]:
    fitted = study.study.fitted
    if fitted is None:
        return
    limits = study.study.population.limits  # screened in a shared cohort too
    own, shared = _words(study.study.population, limits), _words(cohort, limits)
    if own != shared:
        yield Deviation(study.id, "who is enrolled", own, shared, fitted.because.cohort or "")
    if fitted.people is not None:
        yield Deviation(
            study.id,
            "people",
            "all who are enrolled",
            f"{fitted.people} of each world",
            fitted.because.people or "",
        )


def _words(population: PopulationPart, limits: Iterable[Covariate]) -> str:
    window, pain = population.duration_months, population.pain_nrs
    below = f" and at most {pain.at_most:g}" if pain.at_most < 10 else ""
    more = "".join(f", {covariate}" for covariate in limits)
    return f"{window.at_least:g} to {window.at_most:g} months, pain at least {pain.at_least:g}{below}{more}"
