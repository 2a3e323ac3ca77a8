"""Safety of a drug as data: signals with their incidence, contraindications, monitoring, acknowledgements."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calor.core.part import Part
from calor.core.provenance import Grade
from calor.regimen import Route
from calor.therapy.numbers import Text


class Proportion(Part):
    """Patients with the event among patients exposed, over a course or the study's length."""

    kind: Literal["proportion"]
    events: int = Field(ge=0)
    patients: int = Field(gt=0, le=10**10)

    @model_validator(mode="after")
    def _not_more_events_than_patients(self) -> Proportion:
        if self.events > self.patients:
            raise ValueError(f"{self.events} events among {self.patients} patients")
        return self


class Percentage(Part):
    """A printed percentage of patients whose number was not printed, with its 95 % interval where it was."""

    kind: Literal["percentage"]
    percent: float = Field(ge=0, le=100)
    lower: float | None = Field(default=None, ge=0, le=100)
    upper: float | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _interval_holds_the_percentage(self) -> Percentage:
        if (self.lower is None) != (self.upper is None):
            raise ValueError("an interval has a lower and an upper end")
        if self.lower is not None and self.upper is not None and not self.lower <= self.percent <= self.upper:
            raise ValueError("the interval does not hold the percentage")
        return self


class Rate(Part):
    """Events per 1,000 patient-years, with the 95 % interval where one was printed."""

    kind: Literal["rate"]
    per_1000_patient_years: float = Field(gt=0, le=1e6)
    lower: float | None = Field(default=None, gt=0, le=1e6)
    upper: float | None = Field(default=None, gt=0, le=1e6)

    @model_validator(mode="after")
    def _interval_holds_the_rate(self) -> Rate:
        if (self.lower is None) != (self.upper is None):
            raise ValueError("an interval has a lower and an upper end")
        if self.lower and self.upper and not self.lower < self.per_1000_patient_years < self.upper:
            raise ValueError("the interval does not hold the rate")
        return self


class Relative(Part):
    """A ratio against no treatment; without a background rate it gives no count."""

    kind: Literal["relative"]
    ratio: float = Field(gt=0, le=1e4)
    lower: float | None = Field(default=None, gt=0, le=1e6)
    upper: float | None = Field(default=None, gt=0, le=1e6)

    @model_validator(mode="after")
    def _interval_holds_the_ratio(self) -> Relative:
        if (self.lower or 0) > self.ratio or (self.upper is not None and self.upper < self.ratio):
            raise ValueError("the interval does not hold the ratio")
        return self


class Unquantified(Part):
    """A known hazard of which no incidence was read."""

    kind: Literal["unquantified"]


Incidence = Annotated[Proportion | Percentage | Rate | Relative | Unquantified, Field(discriminator="kind")]


class Signal(Part):
    """One adverse event: what, how serious, in whom it was counted, how often, and how well that is known.

    `among` names what was counted where it is not everybody who is treated (carriers, pregnancies,
    sessions): the number then says nothing about how many of an arm to expect. `daily_mg` is the daily dose
    at which it was counted, where the source says it: of several signals of one event, an arm takes that of
    the dose nearest to its own.
    """

    event: Text
    serious: bool
    population: Text
    incidence: Incidence
    among: Text | None = None
    daily_mg: float | None = Field(default=None, gt=0, le=1e6)
    source: Text
    grade: Grade


class Acknowledgement(Part):
    """A hazard that a protocol must acknowledge by its id before the drug may be used in it.

    With a `route`, only a regimen by that route needs it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    statement: Text
    route: Route | None = None


class Safety(Part):
    """What may go wrong with a drug. A drug without it is refused."""

    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    contraindications: Annotated[tuple[Text, ...], Field(min_length=1)]
    monitoring: Annotated[tuple[Text, ...], Field(min_length=1)]
    acknowledgements: tuple[Acknowledgement, ...]
