"""A study: who x given what x measured how, one file each; one designed as a trial is a `Protocol`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from calor.core.documents import MisfitError
from calor.core.part import Part
from calor.core.provenance import Grade
from calor.study.arms import Arm
from calor.study.fitted import Fitted, TargetEntry
from calor.study.natural_course import NaturalCourse
from calor.study.population import PopulationPart

Role = Literal["calibration", "held-back", "registered", "user"]
HELD_BACK: Role = "held-back"
REGISTERED: Role = "registered"


class Graded(Part):
    """Where a key of a study comes from: a graded source, or an assumption with its reason."""

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


class Study(Part):
    """A study, published, planned or a user's own.

    `record`: the evidence record or finding that holds its published numbers. `placebo_response`: whether
    reports hold the response to treatment as such, as in blinded arms and where a drug is hoped for.
    `fitted`: what a fit takes from it. `natural_course`: when an untreated cohort is seen. `provenance`
    grades its keys; what the record lacks is marked as assumed, with the reason.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    title: str = Field(min_length=1, pattern=r"\S")
    question: str | None = None
    record: str | None = None
    role: Role = "user"
    population: PopulationPart
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=8)
    placebo_response: bool = True
    acknowledge: tuple[str, ...] = ()
    fitted: Fitted | None = None
    natural_course: NaturalCourse | None = None
    provenance: dict[str, Graded] = Field(default_factory=dict)

    @field_validator("arms")
    @classmethod
    def _different_names(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        if len({arm.name for arm in arms}) < len(arms):
            names = ", ".join(arm.name for arm in arms)
            raise MisfitError("two arms have the same name", allowed=f"different names, not {names}")
        return arms

    @model_validator(mode="after")
    def _targets_fit(self) -> Study:
        names = {arm.name for arm in self.arms}
        for place, target in enumerate(self.targets):
            missing = {target.arm, target.control or target.arm} - names
            if missing:
                raise MisfitError(
                    f"{target.id} names {sorted(missing)[0]!r}, which is not an arm",
                    "fitted", "targets", place, "arm", allowed=", ".join(arm.name for arm in self.arms),
                )  # fmt: skip
        return self

    @property
    def supposes(self) -> tuple[str, ...]:
        """The dotted keys by which it supposes something about the world, where the others are choices."""
        return ()

    @property
    def targets(self) -> tuple[TargetEntry, ...]:
        """What every fit may match, and of a held-back study what only a fit with everything may."""
        return self.fitted.targets if self.fitted else ()
