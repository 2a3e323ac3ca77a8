"""A platform: arms that come and go beside one control, and time trends of who is seen or how they fare."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from calor.core.part import Part
from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit
from calor.study.platform_course import ArmSpan, patients_of_arms
from calor.study.spending import Spending, check_looks

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

ANALYSIS = "ancova"

FEWEST_ARMS = 3
"""Two active arms and their control."""

FEWEST_IN_ARM = 2

Month = Annotated[float, Field(gt=0, le=600)]


class Controls(StrEnum):
    """Which controls an arm is compared with.

    `concurrent`: those that were randomised while the arm was open. `all`: those too who came before it, as
    if nothing had changed since. `all-by-period`: all of them, with a fixed effect of each period; a new
    period begins when an arm enters or leaves.
    """

    CONCURRENT = "concurrent"
    ALL = "all"
    ALL_BY_PERIOD = "all-by-period"


class Stay(Part):
    """When an arm is open.

    It enters after so many patients of the platform (`enters_after`), or that many months after the first one
    (`enters_month`), without either at the start; enrolment never pauses, so that it enters at once where
    no other arm is open. It leaves with its own patients, or at `leaves_month` if that is earlier.
    """

    enters_after: int | None = Field(default=None, ge=1, le=100_000)
    enters_month: Month | None = None
    leaves_month: Month | None = None

    @model_validator(mode="after")
    def _fits(self) -> Stay:
        if self.enters_after is not None and self.enters_month is not None:
            raise ValueError("give either enters_after or enters_month")
        if self.leaves_month is not None and self.leaves_month <= (self.enters_month or 0):
            raise ValueError("leaves_month must be after enters_month")
        return self

    @property
    def from_the_start(self) -> bool:
        """Whether the arm is open when the platform begins."""
        return self.enters_after is None and self.enters_month is None


class Drift(Part):
    """A time trend of the outcome, the same in every arm, which the baseline does not show; an assumption.

    The outcome of a patient who comes t months after the first one lies higher by `per_month` t, or by `step`
    from `step_month` on (units of the endpoint).
    """

    per_month: FiniteFloat = Field(default=0.0, ge=-10, le=10)
    step: FiniteFloat = Field(default=0.0, ge=-100, le=100)
    step_month: Month | None = None

    @model_validator(mode="after")
    def _fits(self) -> Drift:
        if (self.step != 0) != (self.step_month is not None):
            raise ValueError("a step needs its step_month, and the month its step")
        return self

    def at(self, month: float) -> float:
        """Return by how much the outcome of a patient who comes in some month lies higher."""
        stepped = self.step_month is not None and month >= self.step_month
        return self.per_month * month + (self.step if stepped else 0.0)


class Platform(DesignPart):
    """Several arms against one control that runs on, each with its own start, size, looks and end.

    `stays` says when arms are open, by name; an arm that it does not name is open from the start. Every arm
    leaves when `arm_patients` were randomised to it, or at one of its own looks: `looks` are fractions of
    `arm_patients`, `futility` is the z score (towards benefit) below which the arm leaves at each look but
    the last; it is not binding. Each arm spends alpha / (number of active arms) by `spending` and `parameter`
    (Bonferroni over the arms), so the familywise error is kept however their stays overlap. Patients are
    randomised to the arms that are open, in the shares of `allocation`. The platform ends with its last arm,
    or when `patients` are in.
    Source: Lee and Wason (2020), BMC Med Res Methodol 20:165; Bofill Roig et al. (2022), BMC Med Res Methodol
    22:228.
    """

    estimate: ClassVar[str] = (
        "that of the analysis when its arm ended, by the controls that the design names; after several looks "
        "its interval is a repeated one"
    )
    familywise: ClassVar[str] = (
        "equal shares of alpha for the arms (Bonferroni), each spent over the arm's looks"
    )
    own_numbers: ClassVar[tuple[str, ...]] = (
        "arms_found",
        "arms_stopped_early",
        "arms_cut_short",
        "controls_before_entry",
    )
    supposes: ClassVar[tuple[str, ...]] = ("drift",)
    adaptive: ClassVar[bool] = True
    type: Literal["platform"]
    arm_patients: int = Field(ge=FEWEST_IN_ARM, le=100_000)
    stays: dict[str, Stay] = Field(default_factory=dict)
    looks: tuple[float, ...] = Field(default=(1.0,), min_length=1, max_length=10)
    spending: Spending = Spending.OBRIEN_FLEMING_TYPE_SPENDING
    parameter: float | None = None
    futility: tuple[float, ...] | None = None
    controls: Controls = Controls.CONCURRENT
    drift: Drift = Drift()

    @model_validator(mode="after")
    def _fits(self) -> Platform:
        check_looks(self.looks, "arm_patients", futility=self.futility)
        return self

    def sized(self, patients: int, whole: int) -> Self:
        """Return the design of a trial of another size; its numbers of patients keep their share of it."""
        stays = {
            arm: stay
            if stay.enters_after is None
            else stay.model_copy(update={"enters_after": max(1, stay.enters_after * patients // whole)})
            for arm, stay in self.stays.items()
        }
        of_arm = max(FEWEST_IN_ARM, self.arm_patients * patients // whole)
        return self.model_copy(update={"arm_patients": of_arm, "stays": stays})

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit arms that come and go."""
        yield from super().misfits(trial)
        named = f"a {self.type} design"
        if len(trial.arms) < FEWEST_ARMS:
            yield Misfit(f"{named} has three arms or more, not {len(trial.arms)}", ("arms",))
        if trial.analysis.method != ANALYSIS:
            what = f"{named} is analysed by {ANALYSIS}, not {trial.analysis.method!r}"
            yield Misfit(what, ("analysis", "method"), allowed=ANALYSIS)
        if trial.analysis.sided == 2:
            yield Misfit(f"{named} needs a one-sided test", ("analysis", "sided"), allowed="1")
        if "multiplicity" in trial.analysis.model_fields_set:
            what = f"the arms of {named} share alpha equally (Bonferroni): leave out multiplicity"
            yield Misfit(what, ("analysis", "multiplicity"))
        if trial.conduct.accrual is None:
            what = f"{named} needs conduct.accrual: arms come and go, and trends run, over the calendar"
            yield Misfit(what, ("conduct",))
        if self.arm_patients >= trial.patients:
            what = f"arm_patients must be below patients ({trial.patients})"
            yield Misfit(what, ("design", "arm_patients"))
        yield from self._misfits_of_stays(trial)

    def _misfits_of_stays(self, trial: Protocol) -> Iterator[Misfit]:
        actives = [arm.name for arm in trial.arms if arm.name != trial.control_name]
        for name in self.stays:
            if name not in actives:
                what = f"names {name!r}, which is not an active arm"
                yield Misfit(what, ("design", "stays"), allowed=", ".join(actives))
        if not any(self.stays.get(name, Stay()).from_the_start for name in actives):
            yield Misfit("one active arm or more must be open from the start", ("design", "stays"))
        for name, stay in self.stays.items():
            if stay.enters_after is not None and stay.enters_after >= trial.patients:
                what = f"must be below patients ({trial.patients}), or {name} never enters"
                yield Misfit(what, ("design", "stays", name, "enters_after"))

    def idle(self, trial: Protocol) -> Iterator[str]:
        """Yield which arms the platform is too full for, where no look ends an arm early."""
        yield from super().idle(trial)
        for name, found in self.expected_patients(trial).items():
            if found <= self.arm_patients - 1 and self._courses(trial)[name].leaves >= trial.patients:
                number = f"about {found:.0f}" if round(found) else "none"
                yield (
                    f"{name} gets {number} of its {self.arm_patients} patients where no arm ends early: the "
                    f"platform is full with {trial.patients}"
                )

    def expected_patients(self, trial: Protocol) -> dict[str, float]:
        """Return how many patients each active arm gets where no look ends an arm early, by name."""
        control = self._shares(trial)[trial.control_name]
        return patients_of_arms(self._courses(trial), control, self.arm_patients, trial.patients)

    def _shares(self, trial: Protocol) -> dict[str, int]:
        ratio = trial.allocation.ratio or (1,) * len(trial.arms)
        return {arm.name: share for arm, share in zip(trial.arms, ratio, strict=True)}

    def _courses(self, trial: Protocol) -> dict[str, ArmSpan]:
        """Return when each active arm enters and leaves, in patients. Raises ValueError without accrual."""
        accrual = trial.conduct.accrual
        if accrual is None:
            raise ValueError("months are patients by the accrual")
        found = {}
        for name, share in self._shares(trial).items():
            if name != trial.control_name:
                stay = self.stays.get(name, Stay())
                month, leaves = stay.enters_month, stay.leaves_month
                enters = float(stay.enters_after or 0) if month is None else accrual.patients_by(month)
                until = math.inf if leaves is None else accrual.patients_by(leaves)
                found[name] = ArmSpan(enters, until, share)
        return found
