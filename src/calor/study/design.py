"""How the trial is laid out: one class a design, told apart by `type`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from calor.study.borrowing import Borrowing
from calor.study.crossing import Crossover, NOf1
from calor.study.design_part import DesignPart, Subgroup
from calor.study.dose_finding import DoseFinding
from calor.study.factorial import Factorial
from calor.study.misfit import Misfit
from calor.study.multi_arm import DropTheLosers, MultiArmMultiStage
from calor.study.platform import Platform
from calor.study.response_adaptive import ResponseAdaptive
from calor.study.spending import Spending, check_looks
from calor.study.withdrawal import RandomisedWithdrawal

if TYPE_CHECKING:
    from calor.study.protocol import Protocol


class Parallel(DesignPart):
    """Every patient gets one arm."""

    against_margin: ClassVar[bool] = True
    type: Literal["parallel"]


class GroupSequential(DesignPart):
    """Parallel arms with looks at fractions of the patients; may stop early for benefit or futility.

    `spending` and `parameter` are those of `calor design boundaries`. `futility` gives, for every look but
    the last, the z score (positive towards benefit) below which the trial stops; it is not binding: the
    critical values keep the type I error whether or not it is followed.
    """

    estimate: ClassVar[str] = "median-unbiased, with its interval by the stage-wise ordering"
    alternatives: ClassVar[tuple[str, ...]] = ("plain",)
    adaptive: ClassVar[bool] = True
    most_arms: ClassVar[int] = 2
    type: Literal["group-sequential"]
    looks: tuple[float, ...] = Field(min_length=2, max_length=20)
    spending: Spending = Spending.OBRIEN_FLEMING_TYPE_SPENDING
    parameter: float | None = None
    futility: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _fits(self) -> GroupSequential:
        check_looks(self.looks, "the patients", futility=self.futility)
        return self

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit the looks."""
        yield from super().misfits(trial)
        if self.futility and trial.analysis.sided == 2:
            what = "futility needs a one-sided test"
            yield Misfit(what, ("analysis", "sided"), allowed="1")


class SampleSizeReestimation(DesignPart):
    """Parallel arms whose size is set again from the spread of the pooled, blinded data at an interim.

    At `interim_patients` the SD of the endpoint is estimated without knowing the arms; the size that gives
    `power` for `assumed_difference` with that SD becomes the size of the trial, between the interim and
    `most_patients`. The protocol's `patients` is the size that was planned.
    Source: Kieser and Friede (2003), Stat Med 22:3571-81.
    """

    estimate: ClassVar[str] = "that of the analysis, which is tested once; the size was set without the arms"
    supposes: ClassVar[tuple[str, ...]] = ("assumed_difference",)
    adaptive: ClassVar[bool] = True
    most_arms: ClassVar[int] = 2
    of_means: ClassVar[bool] = True
    sizes_down: ClassVar[tuple[str, ...]] = ("interim_patients",)
    sizes_up: ClassVar[tuple[str, ...]] = ("most_patients",)
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

    @property
    def interim(self) -> int:
        """The patients after whom the size is set again."""
        return self.interim_patients

    @property
    def most_places(self) -> int:
        """The most patients that the trial may enrol."""
        return self.most_patients

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit the sizes that the design names."""
        yield from super().misfits(trial)
        if self.most_patients < trial.patients:
            what = f"most_patients must not be below patients ({trial.patients})"
            yield Misfit(what, ("design", "most_patients"))


class Enrichment(DesignPart):
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
    adaptive: ClassVar[bool] = True
    most_arms: ClassVar[int] = 2
    of_means: ClassVar[bool] = True
    sizes_down: ClassVar[tuple[str, ...]] = ("interim_patients",)
    type: Literal["adaptive-enrichment"]
    subgroup: Subgroup
    interim_patients: int = Field(ge=10, le=100_000)
    margin: float = Field(default=0.0, ge=0, le=100)

    @property
    def interim(self) -> int:
        """The patients after whom the population is chosen."""
        return self.interim_patients

    @property
    def chosen(self) -> Subgroup:
        """The subgroup in which the trial may go on alone."""
        return self.subgroup

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit the choice of a population."""
        yield from super().misfits(trial)
        if trial.analysis.sided == 2:
            what = "an adaptive-enrichment design needs a one-sided test"
            yield Misfit(what, ("analysis", "sided"), allowed="1")

    def idle(self, trial: Protocol) -> Iterator[str]:
        """Yield why the choice of a population can change nothing."""
        yield from super().idle(trial)
        if self.margin >= trial.endpoint.variable.row.span:
            whole = f"a margin of {self.margin:g} is all that the scale can show"
            yield f"no trial goes on in the subgroup: {whole}"


Design = Annotated[
    Parallel
    | Factorial
    | Crossover
    | NOf1
    | RandomisedWithdrawal
    | GroupSequential
    | SampleSizeReestimation
    | Enrichment
    | MultiArmMultiStage
    | DropTheLosers
    | DoseFinding
    | ResponseAdaptive
    | Platform
    | Borrowing,
    Field(discriminator="type"),
]

DESIGNS: dict[str, type[DesignPart]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(Design)[0])
}
"""Every design by the name that a protocol gives it."""
