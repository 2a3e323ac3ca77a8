"""The registered scales: on which each trial's published result is compared with its forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from calor.core.documents import read_document, validate
from calor.core.part import Part
from calor.core.provenance import Grade
from calor.evidence.library import record
from calor.evidence.lookup import figure_at, outcome_at, usable_grade, value_of
from calor.evidence.quantity import Quantity
from calor.evidence.vocabulary import Direction
from calor.trial.forecast.kinds import CourseFigure, Kind, Of


class ScaleEntry(Part):
    """One registered comparison; `parts` are key paths in the trial's evidence record."""

    kind: Kind
    of: Of
    scale: str
    parts: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    because: str

    @model_validator(mode="after")
    def _fits(self) -> ScaleEntry:
        if self.kind is Kind.DIRECTION and (len(self.parts) > 1 or self.of is not Of.CONTRAST):
            raise ValueError("a direction is that of one outcome's contrast")
        return self


class ForecastEntry(Part):
    """One figure that is forecast of a registered trial."""

    of: Of
    scale: str


class AccrualEntry(Part):
    """How fast a trial had filled: key paths of who came in some months, and of how many are wanted."""

    came: str
    months: float = Field(gt=0)
    wanted: str


class RegisteredEntry(Part):
    """A registered trial without a result: what is forecast, and what was assumed or why nothing is."""

    forecasts: tuple[ForecastEntry, ...] = ()
    accrual: AccrualEntry | None = None
    because: str


class CourseEntry(Part):
    """One figure that is forecast at every visit of an untreated cohort.

    `known`: for a visit (counted from 1) the key path in the evidence record of a number that was read before
    the forecast, which is therefore not blind there.
    """

    of: CourseFigure
    scale: str
    known: dict[int, str] = Field(default_factory=dict)


class RegisteredCourse(Part):
    """An untreated cohort whose results were not read: what is forecast of it, and what was assumed."""

    forecasts: Annotated[tuple[CourseEntry, ...], Field(min_length=1)]
    because: str


class Scales(Part):
    """The file of registered scales."""

    registered: date
    trials: dict[str, tuple[ScaleEntry, ...]]
    registered_trials: dict[str, RegisteredEntry]
    registered_courses: dict[str, RegisteredCourse]


@dataclass(frozen=True)
class PublishedResult:
    """A published result on a registered scale.

    Arguments: the number (None for a direction), its 95 % interval where a reliable one is printed, the
    direction, the grade, and where in the record it stands.
    """

    value: float | None
    interval95: tuple[float, float] | None
    direction: Direction
    grade: Grade
    source: str


@cache
def load_scales() -> Scales:
    """Return the registered scales that ship with calor."""
    path = Path(str(files("calor.trial.forecast"))) / "scales.yaml"
    return validate(read_document(path), Scales)


def number_read(identifier: str, path: str) -> dict[str, Any]:
    """Return a number of a record with its grade and place.

    Raises InputError where the record has no such number, and for one that is only recalled.
    """
    figure, source = figure_at(identifier, path), f"{identifier}: {path}"
    return {"value": value_of(figure), "grade": str(usable_grade(figure.grade, source)), "source": source}


def published_result(identifier: str, entry: ScaleEntry) -> PublishedResult:
    """Return the published result that an entry names in a record.

    Raises InputError where the record has no such number, and for one that is only recalled: a recalled
    number is never compared.
    """
    known = record(identifier)
    source = f"{identifier}: {' less '.join(dict.fromkeys(entry.parts))}"
    if entry.kind is Kind.DIRECTION:
        outcome = outcome_at(identifier, entry.parts[0])
        return PublishedResult(None, None, outcome.direction, usable_grade(outcome.grade, source), source)
    figures = [figure_at(identifier, part) for part in entry.parts]
    values = [value_of(figure) for figure in figures]
    grades = [usable_grade(figure.grade, source) for figure in figures]
    grade = max(grades, key=list(Grade).index)
    value = values[0] - (values[1] if len(values) > 1 else 0.0)
    interval = None
    first = figures[0]
    if len(figures) == 1 and isinstance(first, Quantity) and getattr(first, "interval_reliable", True):
        interval = first.interval95
    return PublishedResult(value, interval, known.headline.direction, grade, source)
