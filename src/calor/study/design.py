"""How the trial is laid out: one class a design, told apart by `type`."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from calor.core.part import Part
from calor.study.population import Covariate


class Spending(StrEnum):
    """How the type I error is distributed over the looks."""

    OBRIEN_FLEMING = "OF"
    POCOCK = "P"
    WANG_TSIATIS = "WT"
    HAYBITTLE_PETO = "HP"
    OBRIEN_FLEMING_TYPE_SPENDING = "asOF"
    POCOCK_TYPE_SPENDING = "asP"
    KIM_DEMETS = "KD"


class _Plain(Part):
    """A design whose estimate and interval are those of the analysis.

    `alternatives` names the other estimates that a design knows and does not report.
    """

    estimate: ClassVar[str] = "that of the analysis"
    alternatives: ClassVar[tuple[str, ...]] = ()


class Parallel(_Plain):
    """Every patient gets one arm."""

    type: Literal["parallel"]


class Crossover(_Plain):
    """Every patient gets every arm, in an order that is allocated.

    Two arms: AB and BA. Three and more: the sequences of a Williams design, in which every arm follows every
    other equally often.
    """

    type: Literal["crossover"]
    period_days: int = Field(ge=1, le=730)
    washout_days: int = Field(ge=0, le=730)


class GroupSequential(_Plain):
    """Parallel arms with looks at fractions of the patients; may stop early for benefit or futility.

    `spending` and `parameter` are those of `calor design boundaries`. `futility` gives, for every look but
    the last, the z score (positive towards benefit) below which the trial stops; it is not binding: the
    critical values keep the type I error whether or not it is followed.
    """

    estimate: ClassVar[str] = "median-unbiased, with its interval by the stage-wise ordering"
    alternatives: ClassVar[tuple[str, ...]] = ("plain",)
    type: Literal["group-sequential"]
    looks: tuple[float, ...] = Field(min_length=2, max_length=20)
    spending: Spending = Spending.OBRIEN_FLEMING_TYPE_SPENDING
    parameter: float | None = None
    futility: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _fits(self) -> GroupSequential:
        rising = all(0 < first < second for first, second in pairwise(self.looks))
        if not rising or self.looks[-1] != 1:
            raise ValueError("looks must be rising fractions of the patients, above 0, the last one 1")
        if self.futility is not None and len(self.futility) != len(self.looks) - 1:
            raise ValueError(f"futility needs {len(self.looks) - 1} numbers, one for every look but the last")
        return self


class SampleSizeReestimation(_Plain):
    """Parallel arms whose size is set again from the spread of the pooled, blinded data at an interim.

    At `interim_patients` the SD of the endpoint is estimated without knowing the arms; the size that gives
    `power` for `assumed_difference` with that SD becomes the size of the trial, between the interim and
    `most_patients`. The protocol's `patients` is the size that was planned.
    Source: Kieser and Friede (2003), Stat Med 22:3571-81.
    """

    estimate: ClassVar[str] = "that of the analysis, which is tested once; the size was set without the arms"
    type: Literal["sample-size-reestimation"]
    interim_patients: int = Field(ge=10, le=100_000)
    most_patients: int = Field(ge=10, le=100_000)
    assumed_difference: float = Field(gt=0, le=100)
    power: float = Field(gt=0.5, lt=1)

    @model_validator(mode="after")
    def _ordered(self) -> SampleSizeReestimation:
        if self.most_patients <= self.interim_patients:
            raise ValueError("most_patients must exceed interim_patients")
        return self


class Subgroup(Part):
    """Patients on one side of a cut of a covariate as measured at screening."""

    by: Covariate
    at_least: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Subgroup:
        if (self.at_least is None) == (self.below is None):
            raise ValueError("give either at_least or below")
        return self

    @property
    def words(self) -> str:
        """The subgroup in words: `duration below 12`."""
        if self.below is not None:
            return f"{self.by} below {self.below:g}"
        return f"{self.by} at least {self.at_least:g}"


class Enrichment(_Plain):
    """Two stages; the second one enters everybody, or the subgroup alone where the first one points to it.

    After `interim_patients` the trial goes on in the subgroup alone when its estimated benefit exceeds that
    of all patients by `margin` (units of the endpoint). Each hypothesis (all, subgroup) is tested by the
    inverse normal combination of the stages with Simes' test of their intersection (closed test), so the
    familywise error is kept whatever the choice.
    Source: Brannath et al. (2009), Stat Med 28:1445-63.
    """

    estimate: ClassVar[str] = (
        "plain less the bias of the choice; its interval is that of the combination test"
    )
    alternatives: ClassVar[tuple[str, ...]] = ("plain", "combination-test")
    type: Literal["adaptive-enrichment"]
    subgroup: Subgroup
    interim_patients: int = Field(ge=10, le=100_000)
    margin: float = Field(default=0.0, ge=0, le=100)


Design = Annotated[
    Parallel | Crossover | GroupSequential | SampleSizeReestimation | Enrichment, Field(discriminator="type")
]
