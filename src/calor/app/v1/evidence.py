"""The evidence for programs: the documents of `calor evidence --json`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from calor.app.lookups import entry_named
from calor.app.v1.problems import problems
from calor.core.plain_data import plain
from calor.evidence.forest import forest_with_rows
from calor.evidence.library import load_records
from calor.evidence.table import Filter, table_rows
from calor.evidence.words import class_named
from calor.report.evidence_answer import answer_in_full
from calor.report.evidence_document import rows_document
from calor.report.forest_summary import forest_summary

router = APIRouter(tags=["evidence"])

Word = Annotated[str | None, Query(max_length=200)]


@router.get("/evidence", responses=problems(422))
def records(
    words: Word = None,
    drug_class: Annotated[str | None, Query(alias="class", max_length=40)] = None,
    phase: Word = None,
    design: Word = None,
    grade: Word = None,
    text: Word = None,
) -> dict[str, Any]:
    """Return the records that words and filters ask for, with harms where words were given."""
    wanted = Filter(drug_class, phase, design, grade, text)
    if words is not None:
        return document(answer_in_full(load_records(), words.split(), wanted).document())
    return document(rows_document(table_rows(load_records(), wanted)))


@router.get("/evidence/{identifier}", responses=problems(404, 422))
def entry(identifier: str) -> dict[str, Any]:
    """Return one record, finding or economic fact in full, each number with its grade and sources."""
    return document(entry_named(identifier).document)


@router.get("/forests/{drug_class}", responses=problems(422))
def forest(drug_class: str) -> dict[str, Any]:
    """Return the controlled trials of a drug class side by side, and what is pooled or why nothing is."""
    return document(forest_summary(forest_with_rows(load_records(), class_named(drug_class, "class"))))


def document(found: dict[str, Any]) -> dict[str, Any]:
    """Return a document with plain numbers."""
    shown: dict[str, Any] = plain(found)
    return shown
