"""Where a fitted number comes from: read off the evidence by its path, or derived, and how."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field, FiniteFloat, model_validator

from calor.core.errors import InputError
from calor.core.part import Part
from calor.core.provenance import Grade
from calor.evidence.lookup import figure_at, grade_at, outcome_at, usable_grade, value_of
from calor.evidence.quantity import Count, Quantity
from calor.evidence.vocabulary import Direction

SCALES = {"NRS 0-10": 1, "VAS 0-10": 1, "BOX-11 0-10": 1, "VAS 0-100": 10, "CRPS score 0-14": 1}
"""The units in which outcomes are printed, and how many make one of the unit that calor simulates."""


class Published(Part):
    """Where a number comes from; exactly one of `at`, `not_significant`, `derived`, `printed`.

    `at`: its path in the study's record, less the number at `minus`; `complement` takes a share from 1;
    `spread` takes the SD printed with it. `not_significant`: the path of an outcome that is known by its
    direction alone, no difference. `derived`: a number worked out from what stands at `from`, and how.
    `printed`: a number of a user's own source, with its grade and the place it stands in (`from`).
    """

    at: str | None = None
    minus: str | None = None
    complement: bool = False
    spread: bool = False
    not_significant: str | None = None
    derived: FiniteFloat | None = None
    how: str | None = None
    printed: FiniteFloat | None = None
    grade: Grade | None = None
    source_part: str | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _one_of(self) -> Published:
        given = [self.at, self.not_significant, self.derived, self.printed]
        if sum(each is not None for each in given) != 1:
            raise ValueError("give exactly one of at, not_significant, derived, printed")
        if self.derived is not None and not (self.how and self.source_part):
            raise ValueError("a derived number needs from (what it is derived from) and how")
        if self.printed is not None and (self.grade is None or not self.source_part):
            raise ValueError("a printed number needs its grade and from (where it stands)")
        if self.grade is Grade.RECALLED:
            raise ValueError("a recalled number never enters a fit")
        if (self.minus or self.complement or self.spread) and self.at is None:
            raise ValueError("minus, complement and spread go with at")
        return self

    @property
    def path(self) -> str:
        """Where it stands, for people."""
        if self.at is not None:
            return f"{self.at} less {self.minus}" if self.minus else self.at
        return self.not_significant or self.source_part or ""


@dataclass(frozen=True)
class PublishedNumber:
    """A published number in the unit that calor simulates, with its grade and where it stands."""

    value: float
    grade: Grade
    source: str


def published_number(record: str | None, published: Published) -> PublishedNumber:
    """Return the number that a study's part names.

    Arguments: the id of the study's record or finding (None for a user's own source); where the number comes
    from. Raises InputError where nothing usable stands there.
    """
    if published.printed is not None:
        return PublishedNumber(
            published.printed, usable_grade(published.grade, published.path), published.path
        )
    if record is None:
        raise InputError.of(
            "is looked up in an evidence record, and the study names none",
            key="published",
            hint="give printed with its grade and from, or record",
        )
    source = f"{record}: {published.path}"
    if published.derived is not None and published.source_part is not None:
        return PublishedNumber(published.derived, grade_at(record, published.source_part), source)
    if published.not_significant is not None:
        outcome = outcome_at(record, published.not_significant)
        if outcome.direction is not Direction.NONE:
            raise InputError.of(f"is {outcome.direction}, not a result without difference", key=source)
        return PublishedNumber(0.0, grade_at(record, published.not_significant), source)
    return _looked_up(record, published, source)


def _looked_up(record: str, published: Published, source: str) -> PublishedNumber:
    paths = [path for path in (published.at, published.minus) if path is not None]
    figures = [figure_at(record, path) for path in paths]
    numbers = [_number(figure, source, spread=published.spread) for figure in figures]
    value = numbers[0] - (numbers[1] if len(numbers) > 1 else 0.0)
    grades = [usable_grade(figure.grade, source) for figure in figures]
    weakest = max(grades, key=list(Grade).index)
    return PublishedNumber(1.0 - value if published.complement else value, weakest, source)


def _number(figure: Quantity | Count, source: str, *, spread: bool) -> float:
    """Return a number in the unit that calor simulates."""
    if isinstance(figure, Count):
        return value_of(figure)
    if figure.unit not in SCALES:
        raise InputError.of(
            f"is in {figure.unit}, which no simulated outcome has", key=source, allowed=", ".join(SCALES)
        )
    if not spread:
        return value_of(figure) / SCALES[figure.unit]
    if figure.sd is None:
        raise InputError.of("has no SD printed with it", key=source)
    return figure.sd / SCALES[figure.unit]
