"""The evidence as JSON documents: the rows of the table, one record, one finding, one economic fact."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from calor.evidence.economics import EconomicFact, numbers_of_fact
from calor.evidence.findings import Finding, numbers_of_finding
from calor.evidence.library import numbers_of, recalled_numbers_of
from calor.evidence.numbers import Located
from calor.evidence.published import published_contrast
from calor.evidence.record import Record
from calor.evidence.table import TableRow


def row_as_json(row: TableRow) -> dict[str, Any]:
    """Return a row of the table as plain data, with the command that shows its record."""
    return {**dataclasses.asdict(row), "source": f"calor evidence {row.id} --json"}


def rows_document(rows: Sequence[TableRow]) -> dict[str, Any]:
    """Return the rows of the table with their number."""
    return {"records": [row_as_json(row) for row in rows], "count": len(rows)}


def record_document(record: Record) -> dict[str, Any]:
    """Return one record in full, with what was published and every number's grade and sources."""
    return {
        "record": record.model_dump(mode="json", exclude_none=True),
        "published": dataclasses.asdict(published_contrast(record)),
        "numbers": _numbers_as_json((*numbers_of(record), *recalled_numbers_of(record))),
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return one finding in full, with every number's grade and sources."""
    shown = finding.model_dump(mode="json", exclude_none=True)
    return {"finding": shown, "numbers": _numbers_as_json(numbers_of_finding(finding))}


def fact_document(fact: EconomicFact) -> dict[str, Any]:
    """Return one economic fact in full, with every number's grade and sources."""
    shown = fact.model_dump(mode="json", exclude_none=True)
    return {"fact": shown, "numbers": _numbers_as_json(numbers_of_fact(fact).values())}


def _numbers_as_json(numbers: Iterable[Located]) -> list[dict[str, Any]]:
    return [
        {
            "path": located.path,
            "words": located.words,
            "grade": located.grade,
            "status": located.status,
            "sources": list(located.sources),
        }
        for located in numbers
    ]
