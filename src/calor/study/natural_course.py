"""A cohort that is followed without treatment: when it is seen, how many, and who belongs to it."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from calor.core.part import Part

LONGEST_MONTHS = 120


class Criteria(StrEnum):
    """The diagnostic criteria that people meet at the first visit."""

    BUDAPEST_CLINICAL = "budapest-clinical"
    BUDAPEST_RESEARCH = "budapest-research"


class NaturalCourse(Part):
    """Visits in months since the injury; who meets the criteria at the first one makes up the cohort."""

    criteria: Criteria
    people: int = Field(ge=8, le=100_000)
    months: tuple[Annotated[float, Field(gt=0, le=LONGEST_MONTHS)], ...] = Field(min_length=2, max_length=12)

    @field_validator("months")
    @classmethod
    def _rising(cls, months: tuple[float, ...]) -> tuple[float, ...]:
        if any(second <= first for first, second in pairwise(months)):
            raise ValueError("months must rise")
        return months
