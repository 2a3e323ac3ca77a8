"""The studies that the model is fitted to: those that ship and have targets, as far as a fit may know them.

A fit for validation sees nothing of a held-back study but what is marked as known before its result; a fit
for the product sees everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import read_document, validate
from calor.core.errors import InputError
from calor.core.provenance import sha256_of_data
from calor.evidence.years import published_year
from calor.population.facts import Fact, load_facts
from calor.study.arms import Arm
from calor.study.fitted import TargetEntry
from calor.study.library import study, study_ids
from calor.study.population import Covariate, PopulationPart
from calor.study.study import HELD_BACK, Study

Purpose = Literal["validation", "product"]
"""What a fit is for: to be checked against the held-out trials, or to be used, with all there is."""

DATA = Path(str(files("calor.calibration"))) / "data"

SHIPPED = "calor"
"""The source of a study that ships with calor."""


@dataclass(frozen=True)
class FittedStudy:
    """A study with the targets that a fit may know.

    Arguments: the study; the targets; the name of its cohort; and where it was read (`calor`, or the hash of
    a user's file).
    """

    study: Study
    targets: tuple[TargetEntry, ...]
    cohort: str
    source: str = SHIPPED

    @property
    def id(self) -> str:
        """The study's id."""
        return self.study.id

    @property
    def people(self) -> int | None:
        """How many of those enrolled are simulated; None is all."""
        return self.study.fitted.people if self.study.fitted else None

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that the targets ask for, in the study's order."""
        asked = {name for target in self.targets for name in (target.arm, target.control)}
        return tuple(arm for arm in self.study.arms if arm.name in asked)

    @property
    def limited(self) -> tuple[Covariate, ...]:
        """What limits entry besides duration and pain; a fit screens it in shared cohorts too."""
        return tuple(self.study.population.limits)

    @property
    def days(self) -> Numbers:
        """The study days that its targets need, increasing (n_days,)."""
        needed = {day for target in self.targets for day in range(target.days[0], target.days[1] + 1)}
        return np.array(sorted(needed), dtype=np.float64)

    def drugs_of(self, target: TargetEntry) -> tuple[str, ...]:
        """Return the drugs given in the arms of a target, sorted."""
        asked = {target.arm, target.control}
        return tuple(
            sorted({given.drug for arm in self.arms if arm.name in asked for given in arm.treatments})
        )


@dataclass(frozen=True)
class FittedStudies:
    """The studies of a fit, who is enrolled into each cohort by its name, and facts of the untreated course.

    A held-back study stands twice in a fit for the product: with what every fit may know, and with the rest.
    """

    cohorts: Mapping[str, PopulationPart]
    studies: tuple[FittedStudy, ...]
    facts: tuple[Fact, ...] = ()

    def screened(self, cohort: str) -> int:
        """Return how many times the usual number of candidates a cohort's studies ask to be screened."""
        asked = (each.study.fitted for each in self.studies if each.cohort == cohort)
        return max((fitted.screened for fitted in asked if fitted), default=1)

    @property
    def sha256(self) -> str:
        """The hash of everything that the studies say."""
        said = [
            [[each.cohort, each.study.model_dump(mode="json")] for each in self.studies],
            {name: part.model_dump(mode="json") for name, part in self.cohorts.items()},
            [repr(fact) for fact in self.facts],
        ]
        return sha256_of_data(said)

    def joined(self, others: FittedStudies) -> FittedStudies:
        """Return these studies and others. Raises InputError where a target stands in both."""
        mine, theirs = (
            {target.id for each in part.studies for target in each.targets} for part in (self, others)
        )
        if mine & theirs:
            raise InputError.of(f"two studies of the fit have the target {', '.join(sorted(mine & theirs))}")
        return replace(
            self,
            cohorts={**self.cohorts, **others.cohorts},
            studies=(*self.studies, *others.studies),
            facts=(*self.facts, *others.facts),
        )

    def known_before(self, year: int) -> FittedStudies:
        """Return what of this was published before a year; what has no year on record was not."""
        studies = tuple(each for each in self.studies if _published_before(each.study.record or "", year))
        names = {each.cohort for each in studies}
        return replace(
            self,
            cohorts={name: cohort for name, cohort in self.cohorts.items() if name in names},
            studies=studies,
            facts=tuple(fact for fact in self.facts if _published_before(fact.finding, year)),
        )


NO_STUDIES = FittedStudies({}, ())


@cache
def shared_cohorts() -> dict[str, PopulationPart]:
    """Return the cohorts that several studies share, by name."""
    document = read_document(DATA / "cohorts.yaml")
    return {name: validate(document, PopulationPart, prefix=(name,)) for name in document.data}


@cache
def load_studies(purpose: Purpose = "validation") -> FittedStudies:
    """Return what the studies that ship give to a fit for one purpose."""
    seen = replace(_of_library(_known_to_all), facts=load_facts())
    return seen if purpose == "validation" else seen.joined(load_held_out())


@cache
def load_held_out() -> FittedStudies:
    """Return what only a fit for the product may know: the results of the held-back studies."""
    return _of_library(lambda each, target: not _known_to_all(each, target))


def held_out_ids() -> frozenset[str]:
    """Return the ids of the studies of which a fit for validation sees no result."""
    return frozenset(each.id for each in load_held_out().studies)


def fitted_study(found: Study, targets: tuple[TargetEntry, ...], source: str = SHIPPED) -> FittedStudy:
    """Return a study as a fit takes it.

    Raises InputError for a cohort that does not exist, or that differs from the study's population without a
    reason.
    """
    fitted = found.fitted
    asked = fitted.cohort if fitted else None
    if asked is not None and asked not in shared_cohorts():
        raise InputError.of(
            f"{found.id} names the cohort {asked!r}, which is not defined",
            key="fitted.cohort",
            allowed=", ".join(shared_cohorts()),
        )
    if fitted and asked and found.population != shared_cohorts()[asked] and not fitted.because.cohort:
        raise InputError.of(
            f"{found.id} enrolled others than its cohort {asked!r} does",
            key="fitted.because.cohort",
            hint="say why, or leave out cohort",
        )
    return FittedStudy(found, targets, asked or found.id, source)


def with_cohorts(studies: tuple[FittedStudy, ...]) -> FittedStudies:
    """Return studies with the cohorts that they are enrolled into."""
    shared = shared_cohorts()
    cohorts = {each.cohort: shared.get(each.cohort, each.study.population) for each in studies}
    return FittedStudies(cohorts, studies)


def _published_before(identifier: str, year: int) -> bool:
    published = published_year(identifier) if identifier else None
    return published is not None and published < year


def _known_to_all(found: Study, target: TargetEntry) -> bool:
    return found.role != HELD_BACK or target.before_unblinding is not None


def _of_library(kept: Callable[[Study, TargetEntry], bool]) -> FittedStudies:
    """Return the studies that ship and have targets of a kind, in the order of their ids."""
    found = []
    for identifier in study_ids():
        each = study(identifier)
        targets = tuple(target for target in each.targets if kept(each, target))
        if targets:
            found.append(fitted_study(each, targets))
    return with_cohorts(tuple(found))
