"""The numbers that may enter a fit: read, not recalled, and of a record or part meant for calibration."""

from __future__ import annotations

from collections.abc import Iterable

from calor.core.provenance import Grade
from calor.evidence.library import load_records, numbers_of
from calor.evidence.numbers import Located
from calor.evidence.record import Record
from calor.evidence.vocabulary import Role


def role_of(record: Record, path: str) -> Role:
    """Return the role of the number at a key path: that of the narrowest part that holds it."""
    role, narrowest = record.model_use.role, -1
    for part in record.model_use.parts:
        inside = path == part.path or path.startswith((f"{part.path}.", f"{part.path}["))
        if inside and len(part.path) > narrowest:
            role, narrowest = part.role, len(part.path)
    return role


def calibration_numbers(records: Iterable[Record] | None = None) -> tuple[Located, ...]:
    """Return every number that a calibration may use; none of them is recalled.

    Arguments: the records, by default those that ship with calor.
    """
    return tuple(
        located
        for record in (load_records() if records is None else records)
        for located in numbers_of(record)
        if located.grade in (Grade.VERIFIED, Grade.SECONDARY)
        and role_of(record, located.path) is Role.CALIBRATION
    )
