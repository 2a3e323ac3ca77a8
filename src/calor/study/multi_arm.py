"""Designs that compare several arms with one control and drop arms on the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from calor.core.documents import MisfitError
from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit
from calor.study.spending import Spending, check_looks

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

FEWEST_ARMS = 3
"""Two active arms and their control."""


class MultiArmMultiStage(DesignPart):
    """Several arms against one control, with looks at which arms are dropped or found to benefit.

    At each look an arm whose z score (positive towards benefit) reaches the look's critical value is found to
    benefit. `futility` gives, for every look but the last, the z score below which an arm is dropped, and
    `keep` the most arms that go on, the best ones. A dropped arm enrols nobody more; the others go on as they
    were. `stop` says whether the trial ends at its first success or goes on with the arms that are left.
    The critical values are those of `spending` and `parameter` for as many arms (Dunnett), in a closed test;
    they keep the familywise error whichever arms are dropped.
    """

    estimate: ClassVar[str] = (
        "that of the analysis when its arm ended; its interval is simultaneous over arms and looks"
    )
    familywise: ClassVar[str] = "critical values for all arms and looks (Dunnett), in a closed test"
    adaptive: ClassVar[bool] = True
    type: Literal["multi-arm-multi-stage"]
    looks: tuple[float, ...] = Field(min_length=2, max_length=4)
    spending: Spending = Spending.OBRIEN_FLEMING_TYPE_SPENDING
    parameter: float | None = None
    futility: tuple[float, ...] | None = None
    keep: tuple[int, ...] | None = None
    stop: Literal["first-success", "no-arm-left"] = "first-success"

    @model_validator(mode="after")
    def _fits(self) -> MultiArmMultiStage:
        check_looks(self.looks, "the patients", futility=self.futility, keep=self.keep)
        if self.keep is not None and (
            min(self.keep) < 1 or any(second > first for first, second in pairwise(self.keep))
        ):
            given = ", ".join(map(str, self.keep))
            raise MisfitError(f"is {given}", "keep", allowed="numbers of arms, 1 or more, that do not rise")
        return self

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit the looks at several arms."""
        yield from super().misfits(trial)
        yield from _misfits_of_arms(self.type, trial)
        active = len(trial.arms) - 1
        if self.keep is not None and self.keep[0] > active:
            yield Misfit(f"keep names more than the {active} active arms", ("design", "keep"))


class DropTheLosers(DesignPart):
    """Several arms against one control; after a first stage the best go on, and are tested at the end.

    After `interim_patients` the `keep` arms with the best estimates go on and the others enrol nobody more.
    Nothing is tested before the end; the critical value there keeps the familywise error over the choice.
    Source: Thall, Simon and Ellenberg (1988), Biometrika 75:303-10.
    """

    estimate: ClassVar[str] = (
        "that of the analysis when its arm ended; its interval is simultaneous over the arms"
    )
    familywise: ClassVar[str] = "a critical value that pays for the choice of arms"
    adaptive: ClassVar[bool] = True
    sizes_down: ClassVar[tuple[str, ...]] = ("interim_patients",)
    type: Literal["drop-the-losers"]
    interim_patients: int = Field(ge=10, le=100_000)
    keep: int = Field(default=1, ge=1)

    @property
    def interim(self) -> int:
        """The patients after whom arms are dropped."""
        return self.interim_patients

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit the choice between arms."""
        yield from super().misfits(trial)
        yield from _misfits_of_arms(self.type, trial)
        active = len(trial.arms) - 1
        if self.keep >= active:
            yield Misfit(
                f"keep must be below the {active} active arms: nobody would be dropped", ("design", "keep")
            )


def _misfits_of_arms(type_: str, trial: Protocol) -> Iterator[Misfit]:
    """Yield what several arms with one critical value for all of them refuse."""
    if len(trial.arms) < FEWEST_ARMS:
        yield Misfit(f"a {type_} design has three arms or more, not {len(trial.arms)}", ("arms",))
    if trial.analysis.sided == 2:
        yield Misfit(f"a {type_} design needs a one-sided test", ("analysis", "sided"), allowed="1")
    if "multiplicity" in trial.analysis.model_fields_set:
        what = f"the critical values of a {type_} design keep the familywise error: leave out multiplicity"
        yield Misfit(what, ("analysis", "multiplicity"))
    ratio = trial.allocation.ratio
    if ratio is not None and len(ratio) == len(trial.arms):
        control = [arm.name for arm in trial.arms].index(trial.control_name)
        if len({share for place, share in enumerate(ratio) if place != control}) > 1:
            what = (
                f"a {type_} design allocates equally to its active arms; the control may have another share"
            )
            yield Misfit(what, ("allocation", "ratio"))
