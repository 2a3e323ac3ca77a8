"""A number of a drug file: value, unit, spread, source, grade, status and reason, always together."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from calor.core.part import Part
from calor.core.provenance import Grade, NumberStatus

JUDGEMENT = "judgement"
"""The source of a number for which nothing was read."""

Text = Annotated[str, Field(min_length=1)]


class Spread(Part):
    """How far a number spreads.

    `patients`: coefficient of variation between patients (log-normal). `typical`: what is unknown about the
    typical value, as an SD on the log scale (on the logit scale for a share of 1).
    """

    patients: float | None = Field(default=None, gt=0, lt=5)
    typical: float | None = Field(default=None, gt=0, lt=5)


class Number(Part):
    """One number with where it comes from.

    `grade` is how the published number behind it was checked; `none` where there is none, which only an
    assumed or derived number may have.
    """

    value: float = Field(allow_inf_nan=False)
    unit: Text
    spread: Spread = Spread()
    source: Text
    grade: Grade | Literal["none"]
    status: NumberStatus
    rationale: Text

    @model_validator(mode="after")
    def _grade_fits_status(self) -> Number:
        if self.grade == Grade.RECALLED and self.status in {NumberStatus.MEASURED, NumberStatus.DERIVED}:
            raise ValueError(f"a recalled number cannot be {self.status}; set status to assumed")
        if self.grade == "none" and self.status in {NumberStatus.MEASURED, NumberStatus.CALIBRATED}:
            raise ValueError(f"a {self.status} number needs a grade: verified, secondary or recalled")
        if self.source == JUDGEMENT and self.status is not NumberStatus.ASSUMED:
            raise ValueError(f"a {self.status} number needs a source of the file, not {JUDGEMENT}")
        return self

    @property
    def patient_sd(self) -> float:
        """The SD between patients on the log scale: sqrt(ln(1 + CV^2)); 0 where none is known."""
        cv = self.spread.patients
        return math.sqrt(math.log1p(cv * cv)) if cv else 0.0


class Source(Part):
    """Where numbers come from: a citation, and an address if it has one."""

    citation: Text
    url: str | None = None
