"""Findings about the disease: one measured fact each, with its source and grade, by group.

A finding is what a study found about CRPS or its biology rather than about a treatment: a cytokine level, a
half-life, a course, the noise of an instrument. The groups are the files of the folder `findings`.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.numbers import Located, figures_in, with_grades
from calor.evidence.parsed import documents_of
from calor.evidence.quantity import Entry, Quantity, Text
from calor.evidence.record import Day, Numbers, Recalled, Url

FINDINGS_FOLDER = Path(__file__).with_name("findings")

GROUPS = (
    "cytokines",
    "autoimmunity",
    "sensitisation",
    "vasomotor",
    "natural-history",
    "measurement",
    "models",
)


class Finding(Entry):
    """One fact: what was found, in whom, where it was read, and what it is good for in the model."""

    id: Annotated[str, Field(pattern=r"^[A-Z]\d\d$", strict=True)]
    statement: Text
    grade: Grade
    result: Text | None = None
    n: Quantity | None = None
    population: Text | None = None
    states: tuple[Text, ...] = ()
    numbers: Numbers = Field(default_factory=dict)
    recalled: tuple[Recalled, ...] = ()
    use: Text | None = None
    note: Text | None = None
    licence: Text | None = None
    citation: Text | None = None
    url: Url | None = None


class FindingGroup(Entry):
    """The findings of one file, and the day their pages were read."""

    group: Literal[
        "cytokines", "autoimmunity", "sensitisation", "vasomotor", "natural-history", "measurement", "models"
    ]
    read: Day
    findings: tuple[Finding, ...]


def group_from_document(document: Document) -> FindingGroup:
    """Return the group that a document holds, each number with its grade. Raises InputError."""
    group: FindingGroup = with_grades(validate(document, FindingGroup))
    problems = [
        document.problem(("findings", *key), what, hint=hint) for key, what, hint in _broken_rules(group)
    ]
    if problems:
        raise InputError(problems)
    return group


def _broken_rules(group: FindingGroup) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    broken: list[tuple[tuple[str | int, ...], str, str | None]] = []
    seen: set[str] = set()
    for index, finding in enumerate(group.findings):
        if finding.id in seen:
            broken.append(((index, "id"), f"repeats {finding.id}", None))
        seen.add(finding.id)
        for key, figure in figures_in(finding):
            if key[0] != "recalled" and figure.grade is Grade.RECALLED:
                hint = "move what is only remembered under `recalled`"
                broken.append(((index, *key), "is graded recalled here", hint))
        if finding.grade is not Grade.RECALLED and finding.url is None:
            broken.append(((index,), f"{finding.id} has no url though it is graded {finding.grade}", None))
    return broken


@cache
def load_findings() -> tuple[Finding, ...]:
    """Return every finding that ships with calor, in the order of groups and ids."""
    groups: dict[str, FindingGroup] = {}
    for document in documents_of(FINDINGS_FOLDER):
        try:
            group = group_from_document(document)
        except InputError:
            group = group_from_document(read_document(Path(document.file)))
        groups[group.group] = group
    return tuple(finding for name in GROUPS for finding in groups[name].findings)


def group_of(finding: Finding) -> str:
    """Return the name of the group a shipped finding stands in: the letter of its id says it."""
    return GROUPS[ord(finding.id[0]) - ord("A")]


def finding(identifier: str) -> Finding:
    """Return the finding of an id such as `E08`. Raises InputError with the nearest ids."""
    by_id = {entry.id: entry for entry in load_findings()}
    if identifier not in by_id:
        near = get_close_matches(identifier, by_id, n=3)
        raise InputError.of(
            f"there is no finding {identifier!r}", hint=f"did you mean {', '.join(near)}?" if near else None
        )
    return by_id[identifier]


def numbers_of_finding(entry: Finding) -> tuple[Located, ...]:
    """Return every number of a finding that was read, with its page; none that is only recalled."""
    pages = (entry.url,) if entry.url else ()
    return tuple(
        Located(entry.id, key, figure, pages) for key, figure in figures_in(entry) if key[0] != "recalled"
    )
