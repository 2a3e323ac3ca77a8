"""Several doses of one drug against placebo: is there a dose response, and which dose is enough?"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from calor.core.documents import MisfitError
from calor.core.part import Part
from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

FEWEST_ARMS = 3
ANALYSIS = "ancova"


class Shape(StrEnum):
    """How a curve rises with the dose."""

    EMAX = "emax"
    SIGMOID_EMAX = "sigmoid-emax"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    QUADRATIC = "quadratic"
    LOGISTIC = "logistic"


PARAMETERS: dict[Shape, tuple[str, ...]] = {
    Shape.EMAX: ("ed50",),
    Shape.SIGMOID_EMAX: ("ed50", "hill"),
    Shape.LINEAR: (),
    Shape.EXPONENTIAL: ("delta",),
    Shape.QUADRATIC: ("delta",),
    Shape.LOGISTIC: ("ed50", "delta"),
}
"""What a guess of each shape names."""


class CandidateCurve(Part):
    """A shape that the dose response may have, with guesses of its parameters in the unit of the doses.

    `ed50`: the dose of half the largest effect. `hill`: the steepness of a sigmoid. `delta`: that of an
    exponential curve exp(d / δ) - 1, a logistic one 1 / (1 + exp((ED50 - d) / δ)) or a parabola d + δ d².
    """

    shape: Shape
    ed50: float | None = Field(default=None, gt=0, le=1e9)
    hill: float | None = Field(default=None, gt=0, le=20)
    delta: float | None = Field(default=None, ge=-1e9, le=1e9)

    @model_validator(mode="after")
    def _fits(self) -> CandidateCurve:
        needed = PARAMETERS[self.shape]
        for name in ("ed50", "hill", "delta"):
            given = getattr(self, name) is not None
            if given != (name in needed):
                words = "needs" if name in needed else "has no"
                raise ValueError(f"{self.shape} {words} {name}")
        if self.shape is not Shape.QUADRATIC and self.delta is not None and self.delta <= 0:
            raise ValueError("delta must be above 0")
        if self.shape is Shape.QUADRATIC and self.delta == 0:
            raise ValueError("delta 0 makes a straight line: write linear")
        return self

    @property
    def parameters(self) -> tuple[float, ...]:
        """The guesses, in the order of the shape's parameters."""
        return tuple(getattr(self, name) for name in PARAMETERS[self.shape])


class DoseFinding(DesignPart):
    """Parallel arms of several doses of one drug, analysed by MCP-Mod.

    `doses` gives the dose of every active arm, in one unit. Whether there is a dose response is tested by the
    best contrast for each of the `curves` together; the effect of each dose is the average over their shapes,
    fitted anew and weighted by AIC. `target` is the effect (in units of the endpoint, above 0) whose smallest
    dose is sought.
    Source: Bretz, Pinheiro and Branson (2005), Biometrics 61:738-48; Pinheiro et al. (2014), Stat Med
    33:1646-61.
    """

    estimate: ClassVar[str] = "the average over the fitted curves by AIC weight, with its interval"
    alternatives: ClassVar[tuple[str, ...]] = ("plain",)
    familywise: ClassVar[str] = "one test over all candidate curves (MCP-Mod)"
    own_numbers: ClassVar[tuple[str, ...]] = ("target_dose_found", "target_dose")
    supposes: ClassVar[tuple[str, ...]] = ("curves",)
    type: Literal["dose-finding"]
    doses: dict[str, float]
    curves: tuple[CandidateCurve, ...] = Field(min_length=1, max_length=12)
    target: float = Field(gt=0, le=100)

    @model_validator(mode="after")
    def _doses_differ(self) -> DoseFinding:
        if any(not 0 < dose <= 1e9 for dose in self.doses.values()):
            what = "must be above 0; the control is the dose of 0"
            raise MisfitError(what, "doses", allowed="above 0, at most 1e9")
        if len(set(self.doses.values())) < len(self.doses):
            raise ValueError("two arms have the same dose")
        return self

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit several doses of one drug."""
        yield from super().misfits(trial)
        named = f"a {self.type} design"
        if len(trial.arms) < FEWEST_ARMS:
            yield Misfit(f"{named} has three arms or more, not {len(trial.arms)}", ("arms",))
        active = {arm.name for arm in trial.arms} - {trial.control_name}
        if set(self.doses) != active:
            what = "doses must name every active arm and no other"
            yield Misfit(what, ("design", "doses"), allowed=", ".join(sorted(active)))
        drugs = {given.drug for arm in trial.arms for given in arm.treatments}
        if len(drugs) > 1 or any(len(arm.treatments) > 1 for arm in trial.arms):
            yield Misfit(f"{named} gives doses of one drug, one treatment an arm", ("arms",))
        if trial.analysis.sided == 2:
            yield Misfit(f"{named} needs a one-sided test", ("analysis", "sided"), allowed="1")
        if trial.analysis.method != ANALYSIS:
            what = f"{named} is analysed by {ANALYSIS}, not {trial.analysis.method!r}"
            yield Misfit(what, ("analysis", "method"), allowed=ANALYSIS, unsupported=True)
        if trial.analysis.prior is not None:
            what = f"a prior does not fit {named}, which tests all curves at once"
            yield Misfit(what, ("analysis", "prior"), unsupported=True)
        if trial.analysis.imputes or trial.analysis.tipping_point is not None:
            what = f"{named} does not impute: leave out missing and delta"
            yield Misfit(what, ("analysis", "missing"), unsupported=True)
        if "multiplicity" in trial.analysis.model_fields_set:
            what = f"the test of {named} is over all curves: leave out multiplicity"
            yield Misfit(what, ("analysis", "multiplicity"))
