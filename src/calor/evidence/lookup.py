"""A published number by its key path: of a record (`outcomes[CRPS score].contrast`) or of a finding (`crps`).

Whoever needs a published number names where it stands and reads it here, so that it is written down once.
An outcome is named by its name or its position.
"""

from __future__ import annotations

import re

from calor.core.documents import dotted_key
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import finding
from calor.evidence.library import numbers_of, record
from calor.evidence.numbers import Located, figures_in
from calor.evidence.quantity import Count, Quantity
from calor.evidence.record import Outcome, Record

_OUTCOME = re.compile(r"^outcomes\[(?P<which>[^\]]+)\](?P<rest>.*)$")
FINDING = re.compile(r"^[A-Z]\d\d$")
"""How the ids of findings look; every other id is a record's."""


def outcome_at(identifier: str, path: str) -> Outcome:
    """Return the outcome of a record that a path names. Raises InputError where there is none."""
    known = record(identifier)
    return known.outcomes[_position(known, path)]


def figure_at(identifier: str, path: str) -> Quantity | Count:
    """Return the quantity or count of a record or finding at a path, with its grade.

    Raises InputError where nothing of the kind stands there, and for a number that is only recalled.
    """
    found = _located(identifier, path)
    if not isinstance(found.figure, Quantity | Count):
        raise InputError.of("is no quantity and no count", key=f"{identifier}: {path}")
    usable_grade(found.grade, f"{identifier}: {path}")
    return found.figure


def grade_at(identifier: str, path: str) -> Grade:
    """Return the grade of any number, a p value too, or of an outcome. Raises as `figure_at` does."""
    where = f"{identifier}: {path}"
    match = _OUTCOME.match(path)
    if match and not match["rest"]:
        return usable_grade(outcome_at(identifier, path).grade, where)
    return usable_grade(_located(identifier, path).grade, where)


def usable_grade(grade: Grade | None, where: str) -> Grade:
    """Return a grade. Raises InputError for what is only recalled: it is neither fitted nor compared."""
    if grade is None or grade is Grade.RECALLED:
        raise InputError.of("is only recalled, and a recalled number is never fitted nor compared", key=where)
    return grade


def value_of(figure: Quantity | Count) -> float:
    """Return a quantity's value as printed, or a count as a share. Raises InputError where there is none."""
    if isinstance(figure, Quantity):
        if figure.value is None:
            raise InputError.of("holds no single value to compare")
        return figure.value
    if figure.count is not None and figure.of:
        return figure.count / figure.of
    if figure.percent is None:
        raise InputError.of("holds neither a share nor a percentage to compare")
    return figure.percent / 100


def _located(identifier: str, path: str) -> Located:
    if FINDING.match(identifier):
        for key, figure in figures_in(finding(identifier)):
            if key == ("numbers", path):
                return Located(identifier, key, figure, ())
    else:
        known = record(identifier)
        wanted = _with_position(known, path)
        for located in numbers_of(known):
            if dotted_key(located.key) == wanted:
                return located
    raise InputError.of(
        f"the record {identifier} has no number there", key=path, hint=f"calor evidence {identifier} shows it"
    )


def _with_position(known: Record, path: str) -> str:
    """Return a path with its outcome named by position."""
    match = _OUTCOME.match(path)
    return f"outcomes[{_position(known, path)}]{match['rest']}" if match else path


def _position(known: Record, path: str) -> int:
    match = _OUTCOME.match(path)
    names = [outcome.name for outcome in known.outcomes]
    which = match["which"] if match else path
    if which in names:
        return names.index(which)
    if which.isdecimal() and int(which) < len(names):
        return int(which)
    raise InputError.of(
        f"the record {known.id} has no outcome {which!r}", key=path, allowed="; ".join(names) or "none"
    )
