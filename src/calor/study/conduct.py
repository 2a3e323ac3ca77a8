"""What happens besides treatment: stopping, rescue, loss, adherence, unblinding, accrual."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, model_validator

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.part import Part
from calor.study.arms import Treatment

Hazard = Annotated[float, Field(ge=0, le=5)]
Slope = Annotated[float, Field(ge=-2, le=2)]
Probability = Annotated[float, Field(ge=0, le=1)]

MONTHS_PER_YEAR = 12.0

REFERENCE_PAIN = 5.0
"""True pain at which the hazards of a protocol hold as written."""


class Stopping(Part):
    """Stopping the study treatment, at a visit, while being followed further.

    Hazard a month: per_month exp(log_hazard_per_point (pain - 5)), plus the arm's for side effects.
    """

    per_month: Hazard = 0.0
    log_hazard_per_point: Slope = 0.0
    side_effects_per_month: dict[str, Hazard] = Field(default_factory=dict)


class Rescue(Part):
    """Taking rescue medication. Hazard a month: per_month exp(log_hazard_per_point (pain - 5)).

    Either an analgesic that lowers reported pain by `relief_nrs` from that day on and touches nothing else,
    or a `drug` of the library that starts its `regimen` on the next visit and acts on the later course.
    """

    per_month: Hazard
    log_hazard_per_point: Slope = 0.0
    relief_nrs: float | None = Field(default=None, ge=0, le=10)
    drug: str | None = None
    regimen: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Rescue:
        if (self.drug is None) != (self.regimen is None):
            raise ValueError("a rescue drug needs its regimen, and a regimen its drug")
        if (self.drug is None) == (self.relief_nrs is None):
            raise ValueError("give either relief_nrs, or a drug with its regimen")
        return self

    @property
    def treatment(self) -> Treatment | None:
        """The rescue drug and its regimen, counted from the visit on which it starts."""
        if self.drug is None or self.regimen is None:
            return None
        return Treatment(drug=self.drug, regimen=self.regimen)


class Unblinding(Part):
    """Some patients of each arm believe to be on an active arm and report less pain for it."""

    believing_share: dict[str, Probability]
    shift_nrs: float = Field(ge=-10, le=10)


class Season(Part):
    """How accrual goes up and down with the year: rate times 1 + amplitude cos(2π (month - peak) / 12).

    Months count from 1, January; `starts` is the one in whose middle the first patient may come.
    """

    amplitude: float = Field(gt=0, lt=1)
    peak: int = Field(ge=1, le=12)
    starts: int = Field(ge=1, le=12)

    def expected(self, months: float) -> float:
        """Return how many months' worth of the mean rate come in the first so many months."""
        turn = 2 * math.pi / MONTHS_PER_YEAR
        begin = turn * (self.starts - self.peak)
        return months + self.amplitude / turn * (math.sin(begin + turn * months) - math.sin(begin))


class Accrual(Part):
    """How fast patients come: sites, all open from the start, and patients per site and month."""

    sites: int = Field(ge=1, le=2000)
    patients_per_site_per_month: float = Field(gt=0, le=100)
    season: Season | None = None

    @property
    def per_day(self) -> float:
        """How many patients come a day, over the year."""
        return self.sites * self.patients_per_site_per_month / DAYS_PER_MONTH

    def patients_by(self, months: float) -> float:
        """Return how many patients are expected to have come in the first so many months."""
        at_mean_rate = months if self.season is None else self.season.expected(months)
        return self.per_day * DAYS_PER_MONTH * at_mean_rate

    def days_to(self, patients: float) -> float:
        """Return the days until so many patients are expected to have come."""
        wanted = patients / self.per_day / DAYS_PER_MONTH
        if self.season is None:
            return wanted * DAYS_PER_MONTH
        # The rate never falls to 0 and its swings even out over a year.
        low, high = 0.0, wanted + MONTHS_PER_YEAR
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.season.expected(middle) < wanted else (low, middle)
        return (low + high) / 2 * DAYS_PER_MONTH


class Conduct(Part):
    """What happens besides treatment; without a value the measurement table's prior is used.

    `dropout_log_hazard_per_point` makes loss depend on pain; `adherence` is the share of planned doses that
    are taken, each by itself at random.
    """

    dropout_per_month: float | None = Field(default=None, ge=0, lt=1)
    dropout_log_hazard_per_point: Slope = 0.0
    missing_diary_share: float | None = Field(default=None, ge=0, lt=1)
    stopping: Stopping | None = None
    rescue: Rescue | None = None
    adherence: float = Field(default=1.0, gt=0, le=1)
    unblinding: Unblinding | None = None
    accrual: Accrual | None = None
