"""The registered scales: on which each trial's published result is compared with its forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from calor.core.documents import dotted_key, read_document, validate
from calor.core.errors import InputError
from calor.core.part import Part
from calor.core.provenance import Grade
from calor.evidence.library import numbers_of, record
from calor.evidence.quantity import Count, Quantity
from calor.evidence.record import Record
from calor.evidence.vocabulary import Direction
from calor.trial.forecast.kinds import Kind, Of


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


class RegisteredEntry(Part):
    """A registered trial without a result: what is forecast, and what was assumed or why nothing is."""

    forecasts: tuple[ForecastEntry, ...] = ()
    because: str


class Scales(Part):
    """The file of registered scales."""

    registered: date
    trials: dict[str, tuple[ScaleEntry, ...]]
    registered_trials: dict[str, RegisteredEntry]


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


def published_result(identifier: str, entry: ScaleEntry) -> PublishedResult:
    """Return the published result that an entry names in a record.

    Raises InputError where the record has no such number, and for one that is only recalled: a recalled
    number is never compared.
    """
    known = record(identifier)
    source = f"{identifier}: {' less '.join(dict.fromkeys(entry.parts))}"
    if entry.kind is Kind.DIRECTION:
        outcome = known.outcomes[int(entry.parts[0].removeprefix("outcomes[").removesuffix("]"))]
        return PublishedResult(None, None, outcome.direction, _usable(outcome.grade, source), source)
    figures = [_figure(known, part) for part in entry.parts]
    values = [_number(figure) for figure in figures]
    grades = [_usable(figure.grade, source) for figure in figures]
    grade = max(grades, key=list(Grade).index)
    value = values[0] - (values[1] if len(values) > 1 else 0.0)
    interval = None
    first = figures[0]
    if len(figures) == 1 and isinstance(first, Quantity) and getattr(first, "interval_reliable", True):
        interval = first.interval95
    return PublishedResult(value, interval, known.headline.direction, grade, source)


def _usable(grade: Grade | None, source: str) -> Grade:
    if grade is None or grade is Grade.RECALLED:
        raise InputError.of("is only recalled, and a recalled number is never compared", key=source)
    return grade


def _figure(known: Record, path: str) -> Quantity | Count:
    for located in numbers_of(known):
        if dotted_key(located.key) == path and isinstance(located.figure, Quantity | Count):
            return located.figure
    raise InputError.of(f"the record {known.id} has no number there", key=path)


def _number(figure: Quantity | Count) -> float:
    """Return a quantity's value as printed, or a count as a share."""
    if isinstance(figure, Quantity):
        if figure.value is None:
            raise InputError.of("holds no single value to compare")
        return figure.value
    if figure.count is not None and figure.of:
        return figure.count / figure.of
    if figure.percent is None:
        raise InputError.of("holds neither a share nor a percentage to compare")
    return figure.percent / 100
