"""Every number of a record with the place it stands, its grade and its sources.

This is how a number shown anywhere is followed back: a `Located` names the record, the key path in its
file, and the pages that were read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calor.core.documents import Key, dotted_key
from calor.core.provenance import Grade, NumberStatus
from calor.evidence.quantity import Count, Entry, Figure, PValue, Quantity, count_in_words, quantity_in_words


@dataclass(frozen=True)
class Located:
    """A number, the record and key path where it stands, and the pages it was read in."""

    owner: str
    key: Key
    figure: Figure
    sources: tuple[str, ...]

    @property
    def path(self) -> str:
        """The key path as people write it: `outcomes[0].contrast`."""
        return dotted_key(self.key)

    @property
    def grade(self) -> Grade | None:
        """How the number was checked."""
        return self.figure.grade

    @property
    def status(self) -> NumberStatus:
        """Whether the number is as printed or derived from printed ones."""
        return self.figure.status

    @property
    def words(self) -> str:
        """The number as people read it."""
        return figure_in_words(self.figure)


def figure_in_words(figure: Figure) -> str:
    """Return any published number as people read it."""
    if isinstance(figure, Quantity):
        return quantity_in_words(figure)
    if isinstance(figure, Count):
        return count_in_words(figure)
    return str(figure)


def figures_in(entry: Entry, key: Key = ()) -> Iterator[tuple[Key, Figure]]:
    """Yield every number under an entry with its key path, in the order of the file."""
    if isinstance(entry, Quantity | Count | PValue):
        yield key, entry
    for name in type(entry).model_fields:
        yield from _figures_in_value(getattr(entry, name), (*key, name))


def _figures_in_value(value: Any, key: Key) -> Iterator[tuple[Key, Figure]]:
    if isinstance(value, Entry):
        yield from figures_in(value, key)
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _figures_in_value(inner, (*key, index))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _figures_in_value(inner, (*key, name))


def with_grades(entry: Entry, inherited: Grade | None = None) -> Any:
    """Return the entry with each number's grade filled in from the nearest block above that has one."""
    own: Grade | None = getattr(entry, "grade", None) or inherited
    changes: dict[str, Any] = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        filled = _value_with_grades(value, own)
        if filled is not value:
            changes[name] = filled
    if isinstance(entry, Figure) and entry.grade is None:
        changes["grade"] = own
    return entry.model_copy(update=changes) if changes else entry


def _value_with_grades(value: Any, grade: Grade | None) -> Any:
    if isinstance(value, Entry):
        return with_grades(value, grade)
    if isinstance(value, tuple) and any(isinstance(inner, Entry) for inner in value):
        return tuple(_value_with_grades(inner, grade) for inner in value)
    if isinstance(value, dict):
        return {name: _value_with_grades(inner, grade) for name, inner in value.items()}
    return value
