"""Utilities, costs, accrual and incidence: what the worth of a trial is reckoned from, each with its source.

A fact stands in one of the files of the folder `economics`. A number that a record or a finding holds is
named there by its owner and key path (`taken_from`), so that it stands in one place only.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import load_findings, numbers_of_finding
from calor.evidence.library import numbers_of, record
from calor.evidence.numbers import Located, figures_in, with_grades
from calor.evidence.parsed import documents_of
from calor.evidence.quantity import Entry, Number, Pair, Quantity, Text
from calor.evidence.record import Day, Missing, Name, Numbers, Url

ECONOMICS_FOLDER = Path(__file__).with_name("economics")

GROUPS = ("utilities", "costs", "accrual", "incidence")

FactId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$", strict=True)]


class UtilityLoss(Entry):
    """Utility lost against no pain at points of a pain scale; straight lines between them."""

    scale: Pair
    at: tuple[Number, ...]
    loss: tuple[Number, ...]
    grade: Grade

    @model_validator(mode="after")
    def _is_a_map_of_the_scale(self) -> UtilityLoss:
        if len(self.at) != len(self.loss) or len(self.at) < 2:
            raise ValueError(f"has {len(self.at)} points and {len(self.loss)} losses")
        if list(self.at) != sorted(set(self.at)) or (self.at[0], self.at[-1]) != self.scale:
            raise ValueError("has points that do not run up the whole scale")
        if list(self.loss) != sorted(self.loss) or self.loss[0] != 0:
            raise ValueError("has a loss that is not 0 without pain or falls with more pain")
        return self

    def at_pain(self, pain: float) -> float:
        """Return the utility lost at a pain score. Raises InputError outside the scale."""
        low, high = self.scale
        if not low <= pain <= high:
            raise InputError.of(f"pain of {pain:g} is outside the map", allowed=f"{low:g} to {high:g}")
        return float(np.interp(pain, self.at, self.loss))


class TakenFrom(Entry):
    """A number of a record or finding, by its owner's id and its key path there."""

    owner: Text
    path: Text


class EconomicFact(Entry):
    """One fact: what it says, of whom, its numbers with unit, interval and grade, and where it was read."""

    id: FactId
    statement: Text
    grade: Grade
    n: Quantity | None = None
    population: Text | None = None
    numbers: Numbers = Field(default_factory=dict)
    utility_loss: UtilityLoss | None = None
    taken_from: dict[Name, TakenFrom] = Field(default_factory=dict)
    use: Text | None = None
    note: Text | None = None
    citation: Text
    url: Url | None = None


class EconomicGroup(Entry):
    """The facts of one file, the day their pages were read, and what is missing."""

    group: Literal["utilities", "costs", "accrual", "incidence"]
    read: Day
    facts: tuple[EconomicFact, ...]
    missing: tuple[Missing, ...] = ()


def economics_from_document(document: Document) -> EconomicGroup:
    """Return the group that a document holds, each number with its grade. Raises InputError."""
    group: EconomicGroup = with_grades(validate(document, EconomicGroup))
    problems = [
        document.problem(("facts", index, *key), what, hint=hint)
        for index, fact in enumerate(group.facts)
        for key, what, hint in _broken_rules(fact)
    ]
    if problems:
        raise InputError(problems)
    return group


def _broken_rules(fact: EconomicFact) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    broken: list[tuple[tuple[str | int, ...], str, str | None]] = []
    recalled = [key for key, figure in figures_in(fact) if figure.grade is Grade.RECALLED]
    if fact.grade is Grade.RECALLED:
        recalled.append(("grade",))
    if fact.utility_loss is not None and fact.utility_loss.grade is Grade.RECALLED:
        recalled.append(("utility_loss", "grade"))
    broken += [
        (key, "is graded recalled", "name under `missing` what is only remembered") for key in recalled
    ]
    if (fact.numbers or fact.utility_loss) and fact.url is None:
        broken.append((("url",), "is missing though the fact holds numbers", "say where they were read"))
    if not (fact.numbers or fact.utility_loss or fact.taken_from):
        broken.append((("numbers",), "holds no number", "give `numbers`, `utility_loss` or `taken_from`"))
    return broken


@cache
def load_economics() -> tuple[EconomicGroup, ...]:
    """Return the groups that ship with calor, in the order of GROUPS."""
    found: dict[str, EconomicGroup] = {}
    for document in documents_of(ECONOMICS_FOLDER):
        try:
            group = economics_from_document(document)
        except InputError:
            group = economics_from_document(read_document(Path(document.file)))
        found[group.group] = group
    return tuple(found[name] for name in GROUPS)


def economic_fact(identifier: str) -> EconomicFact:
    """Return the fact of an id such as `util-nrs-dixon-2011`. Raises InputError with the nearest ids."""
    by_id = {fact.id: fact for group in load_economics() for fact in group.facts}
    if identifier not in by_id:
        near = get_close_matches(identifier, by_id, n=3) or list(by_id)
        raise InputError.of(
            f"there is no economic fact {identifier!r}", hint=f"did you mean {', '.join(near)}?"
        )
    return by_id[identifier]


def numbers_of_fact(fact: EconomicFact) -> dict[str, Located]:
    """Return every number of a fact by its name, those of records and findings included, with its pages."""
    pages = (fact.url,) if fact.url else ()
    own = {
        str(key[1]): Located(fact.id, key, figure, pages)
        for key, figure in figures_in(fact)
        if key[0] == "numbers"
    }
    return own | {name: _taken(reference) for name, reference in fact.taken_from.items()}


def _taken(reference: TakenFrom) -> Located:
    """Return a number of a record or finding. Raises InputError where none stands there."""
    findings = {one.id: one for one in load_findings()}
    if reference.owner in findings:
        owned = numbers_of_finding(findings[reference.owner])
    else:
        owned = numbers_of(record(reference.owner))
    for located in owned:
        if located.path == reference.path:
            return located
    raise InputError.of(f"{reference.owner} has no number at {reference.path!r}", key="taken_from")
