"""What is compared, and what it measures: variable, window, transformation, responder rule."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from calor.core.documents import MisfitError
from calor.core.part import Part
from calor.study.variables import Variable


class Responder(Part):
    """A responder's endpoint is better than baseline by at least this share of the baseline."""

    reduction_percent: float = Field(gt=0, le=100)


class LossOfResponse(Part):
    """When a response is lost: the first day on which pain is back by so many points.

    The mean of the diary over the last `over_days` days lies at least `rise_nrs` above the level at
    randomisation. The time counts from randomisation, in days; until `to_day` nobody knows of a later loss.
    """

    rise_nrs: float = Field(gt=0, le=10)
    over_days: int = Field(default=3, ge=1, le=60)


class Endpoint(Part):
    """What is compared: the mean over study days (day 1 is the first day of treatment).

    In a crossover the days count from the first day of each period. The diary is filled in daily; other
    variables are read once, on `to_day`. `scale: change` subtracts the measured baseline. With `visits` in
    the protocol, each visit's value is the mean over as many days as this window, ending on the visit. With
    `loss_of_response` the outcome is the time until that, from day 1 to `to_day`.
    """

    variable: Variable
    from_day: int = Field(ge=1, le=3650)
    to_day: int = Field(ge=1, le=3650)
    scale: Literal["value", "change"] = "value"
    responder: Responder | None = None
    loss_of_response: LossOfResponse | None = None

    @model_validator(mode="after")
    def _fits(self) -> Endpoint:
        if self.to_day < self.from_day:
            what = f"to_day ({self.to_day}) must not lie before from_day ({self.from_day})"
            raise MisfitError(what, "to_day", allowed=f"{self.from_day} or later")
        if not self.variable.row.daily and self.from_day != self.to_day:
            raise ValueError(f"{self.variable} is read on one day: from_day and to_day must be equal")
        if self.responder and self.variable.row.response is None:
            known = " or ".join(each for each in Variable if each.row.response)
            raise ValueError(f"a responder rule is for {known}, not for {self.variable}")
        if self.responder and self.scale == "change":
            raise ValueError("a responder rule already compares with baseline: leave out scale: change")
        if self.loss_of_response is not None:
            self._check_loss(self.loss_of_response)
        return self

    def _check_loss(self, loss: LossOfResponse) -> None:
        if not self.variable.row.daily:
            raise ValueError(f"loss_of_response is read off a diary, not off {self.variable}")
        if self.responder or self.scale == "change":
            raise ValueError("loss_of_response is a time: leave out responder and scale")
        if self.from_day != 1 or loss.over_days > self.to_day:
            raise ValueError(f"loss_of_response counts from day 1 over at least {loss.over_days} days")

    @property
    def length(self) -> int:
        """The number of days in the window."""
        return self.to_day - self.from_day + 1

    @property
    def unit(self) -> str:
        """The unit of a contrast of this endpoint."""
        if self.loss_of_response:
            return "days"
        return "share of responders" if self.responder else self.variable.row.unit

    @property
    def less_is_better(self) -> bool:
        """Whether a negative contrast (active minus control) is benefit."""
        return not self.responder and self.variable.row.less_is_better

    @property
    def words(self) -> str:
        """The endpoint in words."""
        days = f"days {self.from_day} to {self.to_day}" if self.length > 1 else f"day {self.to_day}"
        row, loss = self.variable.row, self.loss_of_response
        if loss:
            return (
                f"time to loss of response (pain up by {loss.rise_nrs:g} over {loss.over_days} days), {days}"
            )
        if self.responder:
            return f"responders ({self.responder.reduction_percent:g} % {row.response}), {days}"
        change = ", change from baseline" if self.scale == "change" else ""
        return f"{row.words}, {days}{change}"
