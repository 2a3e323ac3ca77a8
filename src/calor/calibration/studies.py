"""The studies that the model is fitted to (`data/studies.yaml`): cohorts, arms, and items to match."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError
from calor.core.provenance import Grade

HELD_OUT = frozenset({"goebel-2017-lips", "munts-2010", "kalita-20v40", "dirckx-2013"})
"""Studies of which nothing enters the validation fit; of manning-2014 only the placebo arm does."""


class Part(BaseModel):
    """A part of the studies file: no unknown keys, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CohortSpec(Part):
    """Who is enrolled: time since the injury in months, and measured pain at screening."""

    months: tuple[float, float]
    pain_at_least: float = Field(ge=0, le=10)


class Given(Part):
    """A drug and its regimen."""

    drug: str
    regimen: str


class Item(Part):
    """One published summary of one arm or one pair of arms.

    `change_mean`, `change_sd`: measured pain minus baseline. `responder_share`: at least 30 % less measured
    pain. `contrast_mean`: true pain, arm minus control. `score_contrast`: the 14-point score of signs and
    symptoms, arm minus control. `share_above`: share with a variable above a value.
    """

    id: str
    statistic: Literal[
        "change_mean", "change_sd", "responder_share", "contrast_mean", "score_contrast", "share_above"
    ]
    arm: str
    control: str | None = None
    variable: str | None = None
    above: float | None = None
    days: tuple[int, int]
    blinded: bool
    value: float
    standard_error: float = Field(gt=0)
    bias_sd: float = Field(ge=0)
    grade: Grade
    source_part: str = Field(alias="from")
    error_from: str
    says: str

    @model_validator(mode="after")
    def _complete(self) -> Item:
        if (self.statistic in {"contrast_mean", "score_contrast"}) != (self.control is not None):
            raise ValueError("a contrast needs a control, and nothing else has one")
        if (self.statistic == "share_above") != (self.variable is not None and self.above is not None):
            raise ValueError("share_above needs a variable and above, and nothing else has them")
        if self.grade is Grade.RECALLED:
            raise ValueError("a recalled number never enters a fit")
        if self.days[1] < self.days[0]:
            raise ValueError("days must not run backwards")
        return self


class Study(Part):
    """One study: which cohort, which arms, which items."""

    study: str
    cohort: str
    arms: dict[str, tuple[Given, ...]]
    items: tuple[Item, ...] = Field(min_length=1)


class Studies(Part):
    """All cohorts and studies of a file."""

    cohorts: dict[str, CohortSpec]
    studies: tuple[Study, ...]

    @model_validator(mode="after")
    def _names_fit(self) -> Studies:
        for study in self.studies:
            if study.cohort not in self.cohorts:
                raise ValueError(f"{study.study} names the cohort {study.cohort!r}, which is not defined")
            for item in study.items:
                named = {item.arm} | ({item.control} if item.control else set())
                if not named <= set(study.arms):
                    raise ValueError(f"{item.id} names an arm that {study.study} does not have")
        return self


@cache
def load_studies() -> Studies:
    """Return the studies that ship with calor."""
    return check_studies(read_document(Path(str(files("calor.calibration"))) / "data" / "studies.yaml"))


def check_studies(document: Document) -> Studies:
    """Return the studies of a document. Raises InputError, also for a study that is held out."""
    studies = validate(document, Studies)
    held = [study.study for study in studies.studies if study.study in HELD_OUT]
    if held:
        raise InputError.of(
            f"names {', '.join(held)}, which is held out of the fit", file=document.file, key="studies"
        )
    return studies
