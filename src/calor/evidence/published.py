"""What a study published as its main contrast, in the form that trials and reports compare with."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.provenance import Grade
from calor.evidence.record import Outcome, Record
from calor.evidence.vocabulary import Direction


@dataclass(frozen=True)
class PublishedContrast:
    """The published main result: active minus control, negative is less pain.

    Arguments: the record's id; the outcome's name; value and 95 % interval (None where no page that was
    read prints them); unit; direction; the grade of value or, without one, of the direction; whether the
    interval is one between patients; a note.
    """

    record: str
    outcome: str
    value: float | None
    interval95: tuple[float, float] | None
    unit: str | None
    direction: Direction
    grade: Grade | None
    interval_reliable: bool
    note: str | None


def primary_outcome(record: Record) -> Outcome | None:
    """Return the outcome marked primary, or else the first one; None for a record without outcomes."""
    marked = [outcome for outcome in record.outcomes if outcome.primary]
    return next(iter([*marked, *record.outcomes]), None)


def published_contrast(record: Record) -> PublishedContrast:
    """Return the published contrast of a record's primary outcome; what is only recalled is never in it."""
    outcome = primary_outcome(record)
    headline = record.headline
    if outcome is None or outcome.contrast is None:
        return PublishedContrast(
            record=record.id,
            outcome=outcome.name if outcome else headline.statement,
            value=None,
            interval95=None,
            unit=None,
            direction=headline.direction,
            grade=headline.grade,
            interval_reliable=False,
            note=None,
        )
    contrast = outcome.contrast
    return PublishedContrast(
        record=record.id,
        outcome=outcome.name,
        value=contrast.value,
        interval95=contrast.interval95,
        unit=contrast.unit,
        direction=headline.direction,
        grade=contrast.grade,
        interval_reliable=contrast.interval95 is not None and contrast.interval_reliable,
        note=contrast.note,
    )
