"""One entry of the evidence in full: a record, a finding, an economic fact, or all of economics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from calor.evidence.economics import economic_fact, load_economics
from calor.evidence.findings import finding
from calor.evidence.record import Record
from calor.report.evidence_document import fact_document, finding_document, record_document
from calor.report.record_text import Line, fact_lines, finding_lines, record_lines

FINDING_ID = re.compile(r"^[A-G]\d\d$")
ECONOMICS = "economics"


@dataclass(frozen=True)
class Entry:
    """An entry of the evidence: its JSON document, and its lines for people."""

    document: dict[str, Any]
    lines: tuple[Line, ...]


def entry_of(identifier: str, records: Sequence[Record]) -> Entry | None:
    """Return the finding, record or fact of an identifier, or None where there is none.

    Raises InputError for what is written as a finding's id and is none.
    """
    if FINDING_ID.match(identifier):
        shown = finding(identifier)
        return Entry(finding_document(shown), tuple(finding_lines(shown)))
    own = next((record for record in records if record.id == identifier), None)
    if own is not None:
        return Entry(record_document(own), tuple(record_lines(own)))
    groups = load_economics()
    if identifier == ECONOMICS:
        document = {"groups": [group.model_dump(mode="json", exclude_none=True) for group in groups]}
        return Entry(document, tuple(_economics_lines()))
    if identifier in {fact.id for group in groups for fact in group.facts}:
        fact = economic_fact(identifier)
        return Entry(fact_document(fact), tuple(fact_lines(fact)))
    return None


def _economics_lines() -> Iterator[Line]:
    for group in load_economics():
        yield Line(f"{group.group} (read {group.read})", 0, heading=True)
        for fact in group.facts:
            yield Line(f"{fact.id}: {fact.statement} ({fact.grade})", 1)
        for missing in group.missing:
            yield Line(f"missing: {missing.what}", 1)
    yield Line("One in full: calor evidence ID", 0)
