"""Who may enter: criteria on values as they are measured at screening."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from calor.core.part import Part


class Covariate(StrEnum):
    """What is measured at screening and may limit entry, stratify or define a subgroup.

    `duration`: months since the injury. `pain`: mean of the run-in diary. `temperature`: affected minus sound
    side, in degrees Celsius (warm above 0). `shoulder-hand-score`: pain, swelling and passive motion of the
    arm, 0 to 14. `blister-tnf` and `blister-il6`, `plasma-tnf` and `plasma-il6`:
    cytokines in blister fluid of the affected limb and in plasma, by ELISA, pg/mL.
    """

    DURATION = "duration"
    PAIN = "pain"
    TEMPERATURE = "temperature"
    SHOULDER_HAND = "shoulder-hand-score"
    BLISTER_TNF = "blister-tnf"
    BLISTER_IL6 = "blister-il6"
    PLASMA_TNF = "plasma-tnf"
    PLASMA_IL6 = "plasma-il6"


class PainCriterion(Part):
    """Pain at screening: the mean of a run-in diary, as measured, must lie between two values.

    `no_value_below`: no rating of the run-in may lie below it either.
    """

    at_least: float = Field(ge=0, le=10)
    at_most: float = Field(default=10, ge=0, le=10)
    no_value_below: float = Field(default=0, ge=0, le=10)
    run_in_days: int = Field(default=7, ge=1, le=60)

    @model_validator(mode="after")
    def _ordered(self) -> PainCriterion:
        if self.at_most < self.at_least:
            raise ValueError(f"at_most ({self.at_most:g}) must not be below at_least ({self.at_least:g})")
        if self.no_value_below > self.at_most:
            raise ValueError(f"no_value_below ({self.no_value_below:g}) must not exceed at_most")
        return self


class DurationWindow(Part):
    """Time since the injury at screening, in months; from the injury on where no least time is given."""

    at_least: float = Field(default=0, ge=0, le=600)
    at_most: float = Field(gt=0, le=600)

    @model_validator(mode="after")
    def _ordered(self) -> DurationWindow:
        if self.at_most <= self.at_least:
            raise ValueError(f"at_most ({self.at_most:g}) must exceed at_least ({self.at_least:g})")
        return self


class Limits(Part):
    """Limits on a measured value; one side may be open."""

    at_least: float | None = Field(default=None, ge=-1e6, le=1e6)
    at_most: float | None = Field(default=None, ge=-1e6, le=1e6)

    @model_validator(mode="after")
    def _some_and_ordered(self) -> Limits:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_most <= self.at_least:
            raise ValueError(f"at_most ({self.at_most:g}) must exceed at_least ({self.at_least:g})")
        return self

    @property
    def pair(self) -> tuple[float, float]:
        """The limits as numbers, infinite where a side is open."""
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low, high


class PopulationPart(Part):
    """Who may enter."""

    duration_months: DurationWindow
    pain_nrs: PainCriterion
    temperature_difference: Limits | None = None
    shoulder_hand_score: Limits | None = None
    blister_tnf: Limits | None = None
    blister_il6: Limits | None = None
    plasma_tnf: Limits | None = None
    plasma_il6: Limits | None = None

    @property
    def limits(self) -> dict[Covariate, Limits]:
        """The limits on what is measured once at screening, by covariate."""
        found = {
            Covariate.TEMPERATURE: self.temperature_difference,
            Covariate.SHOULDER_HAND: self.shoulder_hand_score,
            Covariate.BLISTER_TNF: self.blister_tnf,
            Covariate.BLISTER_IL6: self.blister_il6,
            Covariate.PLASMA_TNF: self.plasma_tnf,
            Covariate.PLASMA_IL6: self.plasma_il6,
        }
        return {covariate: limits for covariate, limits in found.items() if limits is not None}
