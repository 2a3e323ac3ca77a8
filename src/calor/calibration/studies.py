"""The studies that the model is fitted to: cohorts, arms, and items to match.

`data/studies.yaml` is read for every fit; `data/held_out.yaml` only for the product fit.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, model_validator

from calor.core.documents import Document, MisfitError, read_document, validate
from calor.core.errors import InputError
from calor.core.part import Part
from calor.core.provenance import Grade

Purpose = Literal["validation", "product"]
"""What a fit is for: to be checked against the held-out trials, or to be used, with all there is."""

HELD_OUT = frozenset({"goebel-2017-lips", "munts-2010", "kalita-20v40", "dirckx-2013"})
"""Studies of which nothing enters the validation fit."""

ONLY_UNTREATED = frozenset({"manning-2014"})
"""Studies of which only the arm without a drug enters the validation fit."""

DATA = Path(str(files("calor.calibration"))) / "data"

SHIPPED = "calor"
"""The source of a study that ships with calor."""

ITEM_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"

LONGEST_DAYS, LONGEST_MONTHS = 3653, 600
"""The longest study, and the longest disease at screening, that can be simulated in reasonable time."""

FEWEST_PEOPLE = 12
"""Smallest number of people a study may simulate in a world."""

CONTRASTS = frozenset({"contrast_mean", "score_contrast", "responder_contrast"})
"""The statistics that compare two arms."""


class CohortSpec(Part):
    """Who is enrolled: time since the injury in months, and measured pain at screening, from and to."""

    months: tuple[Annotated[FiniteFloat, Field(ge=0.25)], Annotated[FiniteFloat, Field(le=LONGEST_MONTHS)]]
    pain_at_least: float = Field(ge=0, le=10)
    pain_at_most: float = Field(default=10, ge=0, le=10)

    @model_validator(mode="after")
    def _forwards(self) -> CohortSpec:
        if self.pain_at_most < self.pain_at_least:
            raise ValueError("pain_at_most must not be below pain_at_least")
        if self.months[1] <= self.months[0]:
            raise ValueError("months must run forwards")
        return self


class Given(Part):
    """A drug and its regimen."""

    drug: str
    regimen: str


class Item(Part):
    """One published summary of one arm or one pair of arms.

    `change_mean`, `change_sd`: measured pain minus baseline. `responder_share`: at least 30 % less measured
    pain. `contrast_mean`: true pain, arm minus control. `score_contrast`: the 14-point score of signs and
    symptoms, arm minus control. `responder_contrast`: share of responders, arm minus control. `share_above`:
    share with a variable above a value.

    A trial that is known by its direction alone enters as `nonsignificant`: its value is 0 and its standard
    error that of the difference a trial of its size estimates.
    """

    id: str = Field(pattern=ITEM_NAME)
    statistic: Literal[
        "change_mean",
        "change_sd",
        "responder_share",
        "contrast_mean",
        "score_contrast",
        "responder_contrast",
        "share_above",
    ]
    arm: str
    control: str | None = None
    variable: Literal["pain_nrs", "autoantibody_igg_titre", "autoantibody_igm"] | None = None
    above: FiniteFloat | None = None
    days: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=LONGEST_DAYS)]]
    blinded: bool
    likelihood: Literal["normal", "nonsignificant"] = "normal"
    value: FiniteFloat
    standard_error: FiniteFloat = Field(gt=0)
    bias_sd: FiniteFloat = Field(ge=0)
    grade: Grade
    source_part: str = Field(alias="from")
    error_from: str
    says: str

    @model_validator(mode="after")
    def _complete(self) -> Item:
        if (self.statistic in CONTRASTS) != (self.control is not None):
            raise MisfitError("a contrast needs a control, and nothing else has one", "statistic")
        if (self.statistic == "share_above") != (self.variable is not None and self.above is not None):
            raise MisfitError(
                "share_above needs a variable and above, and nothing else has them", "statistic"
            )
        if self.likelihood == "nonsignificant" and (self.control is None or self.value != 0):
            raise MisfitError("what is known as not significant is a contrast with the value 0", "value")
        if self.grade is Grade.RECALLED:
            raise MisfitError("a recalled number never enters a fit", "grade")
        if self.days[1] < self.days[0]:
            raise MisfitError("days must not run backwards", "days")
        return self


class Study(Part):
    """One study: which cohort, which arms, which items.

    `people`: how many of those enrolled are simulated, all by default; fewer where an arm is costly and the
    published error wide.
    """

    study: str
    cohort: str
    people: int | None = Field(default=None, ge=FEWEST_PEOPLE)
    arms: dict[str, tuple[Given, ...]]
    items: tuple[Item, ...]
    _source: str = SHIPPED

    @model_validator(mode="after")
    def _has_items(self) -> Study:
        if not self.items:
            raise MisfitError("a study needs at least one item", "items")
        return self

    @property
    def source(self) -> str:
        """Where it was read: `calor`, or the hash of a user's file."""
        return self._source

    @property
    def days(self) -> NDArray[np.float64]:
        """The study days that its items need, increasing (n_days,)."""
        return np.array(
            sorted({day for item in self.items for day in range(item.days[0], item.days[1] + 1)}),
            dtype=np.float64,
        )

    def drugs_of(self, item: Item) -> tuple[str, ...]:
        """Return the drugs given in the arms of an item, sorted."""
        arms = [item.arm, *([item.control] if item.control else [])]
        return tuple(sorted({given.drug for arm in arms for given in self.arms[arm]}))

    def from_source(self, source: str) -> Study:
        """Return the study with its source."""
        study = self.model_copy()
        study._source = source
        return study


class Studies(Part):
    """All cohorts and studies of a file."""

    cohorts: dict[str, CohortSpec]
    studies: tuple[Study, ...]

    @model_validator(mode="after")
    def _names_fit(self) -> Studies:
        for place, study in enumerate(self.studies):
            if study.cohort not in self.cohorts:
                raise MisfitError(
                    f"{study.study} names the cohort {study.cohort!r}, which is not defined",
                    "studies", place, "cohort",
                )  # fmt: skip
            for position, item in enumerate(study.items):
                named = {item.arm} | ({item.control} if item.control else set())
                if not named <= set(study.arms):
                    raise MisfitError(
                        f"{item.id} names an arm that {study.study} does not have",
                        "studies", place, "items", position,
                    )  # fmt: skip
        ids = [item.id for study in self.studies for item in study.items]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise MisfitError(f"two items have the id {', '.join(repeated)}", "studies")
        return self

    def joined(self, others: Studies) -> Studies:
        """Return these studies and others; a cohort that both define must be the same.

        Raises ValueError where a cohort differs, or an item of the same id stands in both.
        """
        for name, cohort in others.cohorts.items():
            if self.cohorts.get(name, cohort) != cohort:
                raise ValueError(f"the cohort {name!r} is defined in two ways")
        return Studies(cohorts={**self.cohorts, **others.cohorts}, studies=(*self.studies, *others.studies))


NO_STUDIES = Studies(cohorts={}, studies=())


@cache
def load_studies(purpose: Purpose = "validation") -> Studies:
    """Return the studies that ship with calor, for one purpose.

    The file of held-out trials is opened for the product fit alone.
    """
    shipped = check_studies(read_document(DATA / "studies.yaml"))
    return shipped if purpose == "validation" else shipped.joined(load_held_out())


@cache
def load_held_out() -> Studies:
    """Return the trials that are held out of the validation fit, as the product fit knows them."""
    return validate(read_document(DATA / "held_out.yaml"), Studies)


def check_studies(document: Document) -> Studies:
    """Return the studies of a document. Raises InputError, also for a study that is held out."""
    studies = validate(document, Studies)
    problems = []
    for place, study in enumerate(studies.studies):
        treated = study.study in ONLY_UNTREATED and any(study.arms.values())
        if study.study in HELD_OUT or treated:
            what = f"names {study.study}, " + (
                "of which only the placebo arm may be fitted" if treated else "which is held out of the fit"
            )
            problems.append(document.problem(("studies", place, "study"), what))
    if problems:
        raise InputError(problems)
    return studies
