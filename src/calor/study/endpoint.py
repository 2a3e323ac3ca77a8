"""What is compared, and what it measures: variable, window, transformation, responder rule."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from calor.core.part import Part
from calor.study.variables import Variable


class Responder(Part):
    """A responder's endpoint is better than baseline by at least this share of the baseline."""

    reduction_percent: float = Field(gt=0, le=100)


class Endpoint(Part):
    """What is compared: the mean over study days (day 1 is the first day of treatment).

    In a crossover the days count from the first day of each period. The diary is filled in daily; other
    variables are read once, on `to_day`. `scale: change` subtracts the measured baseline. With `visits` in
    the protocol, each visit's value is the mean over as many days as this window, ending on the visit.
    """

    variable: Variable
    from_day: int = Field(ge=1, le=3650)
    to_day: int = Field(ge=1, le=3650)
    scale: Literal["value", "change"] = "value"
    responder: Responder | None = None

    @model_validator(mode="after")
    def _fits(self) -> Endpoint:
        if self.to_day < self.from_day:
            raise ValueError(f"to_day ({self.to_day}) must not lie before from_day ({self.from_day})")
        if not self.variable.row.daily and self.from_day != self.to_day:
            raise ValueError(f"{self.variable} is read on one day: from_day and to_day must be equal")
        if self.responder and self.variable.row.response is None:
            known = " or ".join(each for each in Variable if each.row.response)
            raise ValueError(f"a responder rule is for {known}, not for {self.variable}")
        if self.responder and self.scale == "change":
            raise ValueError("a responder rule already compares with baseline: leave out scale: change")
        return self

    @property
    def length(self) -> int:
        """The number of days in the window."""
        return self.to_day - self.from_day + 1

    @property
    def unit(self) -> str:
        """The unit of a contrast of this endpoint."""
        return "share of responders" if self.responder else self.variable.row.unit

    @property
    def less_is_better(self) -> bool:
        """Whether a negative contrast (active minus control) is benefit."""
        return not self.responder and self.variable.row.less_is_better

    @property
    def words(self) -> str:
        """The endpoint in words."""
        days = f"days {self.from_day} to {self.to_day}" if self.length > 1 else f"day {self.to_day}"
        row = self.variable.row
        if self.responder:
            return f"responders ({self.responder.reduction_percent:g} % {row.response}), {days}"
        change = ", change from baseline" if self.scale == "change" else ""
        return f"{row.words}, {days}{change}"
