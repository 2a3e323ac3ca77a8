"""The protocol of a trial as people write it: a YAML file, checked key by key.

What a protocol says about a published trial is graded in `provenance`; what the record lacks is marked
`assumed`, with the reason.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from calor.core.provenance import Grade

DAYS_PER_MONTH = 365.25 / 12
DAYS_PER_YEAR = 365.25


class Part(BaseModel):
    """A part of a protocol: no unknown keys, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PainCriterion(Part):
    """Pain at screening: the mean of a run-in diary, as measured, must reach a value."""

    at_least: float = Field(ge=0, le=10)
    run_in_days: int = Field(default=7, ge=1, le=60)


class DurationWindow(Part):
    """Time since the injury at screening, in months."""

    at_least: float = Field(ge=0, le=600)
    at_most: float = Field(gt=0, le=600)

    @model_validator(mode="after")
    def _ordered(self) -> DurationWindow:
        if self.at_most <= self.at_least:
            raise ValueError(f"at_most ({self.at_most:g}) must exceed at_least ({self.at_least:g})")
        return self


class PopulationPart(Part):
    """Who may enter."""

    duration_months: DurationWindow
    pain_nrs: PainCriterion


class Parallel(Part):
    """Every patient gets one arm."""

    type: Literal["parallel"]


class Crossover(Part):
    """Every patient gets both arms, one after the other, in an order that is allocated."""

    type: Literal["crossover"]
    period_days: int = Field(ge=1, le=730)
    washout_days: int = Field(ge=0, le=730)


Design = Annotated[Parallel | Crossover, Field(discriminator="type")]


class Treatment(Part):
    """A drug of the library and its regimen."""

    drug: str = Field(min_length=1)
    regimen: str = Field(min_length=1)


class Arm(Part):
    """A treatment arm; one without treatments is the placebo arm."""

    name: str = Field(min_length=1, max_length=40)
    treatments: tuple[Treatment, ...] = ()


class Allocation(Part):
    """Randomisation in blocks, in the given ratio (one number per arm or sequence)."""

    ratio: tuple[int, ...] = (1, 1)
    block_size: int = Field(default=4, ge=2, le=64)

    @model_validator(mode="after")
    def _whole_blocks(self) -> Allocation:
        if min(self.ratio) < 1:
            raise ValueError("every share of the ratio must be at least 1")
        if self.block_size % sum(self.ratio):
            raise ValueError(f"block_size must be a multiple of {sum(self.ratio)}, the sum of the ratio")
        return self


class Endpoint(Part):
    """What is compared: the mean of a daily diary over study days (day 1 is the first day of treatment).

    In a crossover the days count from the first day of each period.
    """

    variable: Literal["pain-diary"]
    from_day: int = Field(ge=1, le=3650)
    to_day: int = Field(ge=1, le=3650)

    @model_validator(mode="after")
    def _ordered(self) -> Endpoint:
        if self.to_day < self.from_day:
            raise ValueError(f"to_day ({self.to_day}) must not lie before from_day ({self.from_day})")
        return self


class Analysis(Part):
    """How the contrast is estimated, active minus control."""

    method: Literal["ancova", "t-test", "crossover"]
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    sided: Literal[1, 2] = 2


class Conduct(Part):
    """What happens besides treatment; without a value the measurement table's prior is used."""

    dropout_per_month: float | None = Field(default=None, ge=0, lt=1)
    missing_diary_share: float | None = Field(default=None, ge=0, lt=1)


class Graded(Part):
    """Where a key of the protocol comes from: a graded source, or an assumption with its reason."""

    grade: Grade | None = None
    source: str | None = None
    assumed: str | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Graded:
        if (self.grade is None) == (self.assumed is None):
            raise ValueError("give either a grade with its source, or assumed with its reason")
        if self.grade is not None and not self.source:
            raise ValueError("a grade needs its source")
        return self


class Protocol(Part):
    """A trial: who, what, how long, measured how, analysed how."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    title: str = Field(min_length=1)
    question: str | None = None
    record: str | None = None
    role: Literal["calibration", "held-back", "user"] = "user"
    population: PopulationPart
    design: Design
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=2)
    control: str | None = None
    allocation: Allocation = Allocation()
    patients: int = Field(ge=4, le=100_000)
    endpoint: Endpoint
    analysis: Analysis
    conduct: Conduct = Conduct()
    acknowledge: tuple[str, ...] = ()
    provenance: dict[str, Graded] = Field(default_factory=dict)

    @field_validator("arms")
    @classmethod
    def _different_names(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        if len({arm.name for arm in arms}) < len(arms):
            raise ValueError("two arms have the same name")
        return arms

    @model_validator(mode="after")
    def _parts_fit(self) -> Protocol:
        names = [arm.name for arm in self.arms]
        if self.control is not None and self.control not in names:
            raise ValueError(f"control is {self.control!r}, which is not an arm: {', '.join(names)}")
        if self.control is None and sum(not arm.treatments for arm in self.arms) != 1:
            raise ValueError("name the control arm (control: ...): not exactly one arm is without treatments")
        crossover = isinstance(self.design, Crossover)
        if crossover != (self.analysis.method == "crossover"):
            raise ValueError(
                f"analysis method {self.analysis.method!r} does not fit a {self.design.type} design"
            )
        if isinstance(self.design, Crossover) and self.endpoint.to_day > self.design.period_days:
            raise ValueError(
                f"the endpoint runs to day {self.endpoint.to_day}, a period to {self.design.period_days}"
            )
        if len(self.allocation.ratio) != len(self.arms):
            raise ValueError(f"the allocation ratio needs {len(self.arms)} numbers, one per arm")
        return self

    @property
    def control_name(self) -> str:
        """The name of the control arm: as given, or the arm without treatments."""
        return self.control or next(arm.name for arm in self.arms if not arm.treatments)

    @property
    def period_starts(self) -> tuple[float, ...]:
        """The study time (days from study day 1) at which each treatment period begins."""
        if isinstance(self.design, Crossover):
            return (0.0, float(self.design.period_days + self.design.washout_days))
        return (0.0,)

    @property
    def sequences(self) -> tuple[tuple[int, ...], ...]:
        """What can be allocated: for each sequence the arm of each period, by position."""
        return ((0, 1), (1, 0)) if isinstance(self.design, Crossover) else ((0,), (1,))

    @property
    def sequence_names(self) -> tuple[str, ...]:
        """A name for each sequence: its arms' names in order."""
        return tuple(" > ".join(self.arms[arm].name for arm in sequence) for sequence in self.sequences)
