"""The evidence: browsed, filtered and asked in words; a class with its forest plot; one entry in full."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from calor.app.drawings import Drawing, svg_of
from calor.app.failures import Failure, failure_of
from calor.app.lookups import entry_named
from calor.app.pages.evidence_words import (
    DESIGN_WORDS,
    GRADE_WORDS,
    PHASE_WORDS,
    classes_shown,
    shown_rows,
)
from calor.app.pages.rendering import command_line, page
from calor.core.errors import ReportedError
from calor.evidence.certainty import LABEL, certainty_of
from calor.evidence.forest import forest_of
from calor.evidence.library import load_records
from calor.evidence.table import Filter, TableRow, table_rows
from calor.evidence.vocabulary import DrugClass
from calor.report import tables
from calor.report.evidence_answer import AnswerInFull, answer_in_full
from calor.report.forest import draw_forest, forest_document, verdict
from calor.report.forest_summary import flow_text
from calor.report.harms import harm_tables

router = APIRouter()

Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Asked:
    """What a visitor asks for: words of their own, and filters; an empty one asks for nothing."""

    words: str
    drug_class: str
    phase: str
    design: str
    grade: str

    @property
    def filter(self) -> Filter:
        """The filter of the table."""
        return Filter(self.drug_class or None, self.phase or None, self.design or None, self.grade or None)

    @property
    def command(self) -> str:
        """The command that gives the same."""
        filters = (
            ("--class", self.drug_class),
            ("--phase", self.phase),
            ("--design", self.design),
            ("--grade", self.grade),
        )
        given = [part for option, value in filters if value for part in (option, value)]
        return command_line("calor", "evidence", *self.words.split(), *given)


@router.get("/evidence")
def browse(
    request: Request,
    words: Word = "",
    drug_class: Annotated[str, Query(alias="class", max_length=40)] = "",
    phase: Word = "",
    design: Word = "",
    grade: Word = "",
) -> HTMLResponse:
    """Return the studies that words and filters ask for."""
    asked = Asked(words.strip(), drug_class, phase, design, grade)
    answer: AnswerInFull | None = None
    failure: Failure | None = None
    rows: tuple[TableRow, ...] = ()
    try:
        if asked.words:
            answer = answer_in_full(load_records(), asked.words.split(), asked.filter)
            rows = answer.rows
        else:
            rows = table_rows(load_records(), asked.filter)
    except ReportedError as error:
        failure = failure_of(error)
    return page(
        request,
        "evidence.html",
        200 if failure is None else failure.status,
        asked=asked,
        failure=failure,
        answer=answer,
        groups=shown_rows(rows),
        count=len(rows),
        harms=[] if answer is None else list(harm_tables(answer.records, answer.drugs)),
        forest=_forest(_class_of(asked, answer)) if failure is None else None,
        classes=classes_shown(),
        phases=PHASE_WORDS,
        designs=DESIGN_WORDS,
        grades=GRADE_WORDS,
    )


@router.get("/evidence/{identifier}")
def show(request: Request, identifier: str) -> HTMLResponse:
    """Return one record, finding or economic fact in full, each number with its source and grade."""
    entry = entry_named(identifier)
    return page(
        request,
        "evidence-entry.html",
        identifier=identifier,
        lines=entry.lines,
        numbers=entry.document.get("numbers", []),
        command=command_line("calor", "evidence", identifier),
    )


def _class_of(asked: Asked, answer: AnswerInFull | None) -> DrugClass | None:
    """Return the one class that was asked for, by its filter or because all that was found is of it."""
    if asked.drug_class:
        return DrugClass(asked.filter.checked().drug_class or "")
    found = {row.drug_class for row in answer.rows} if answer is not None else set()
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class ForestShown:
    """A class's forest plot, what it says, how its rows were chosen, and how certain it is."""

    drawing: Drawing
    verdict: str
    flow: str
    certainty: str | None
    downgrades: tuple[str, ...]


@cache
def _forest(drug_class: DrugClass | None) -> ForestShown | None:
    """Return the forest plot of a class, None where there is no class or no controlled trial of it."""
    forest = forest_of(load_records(), drug_class) if drug_class is not None else None
    if forest is None or not forest.rows:
        return None
    document = forest_document(forest)
    said = verdict(forest)
    table = tables.Table(
        (tables.words("study"), tables.number("patients"), *map(tables.words, ("result", "as printed"))),
        [
            (row.record, "?" if row.n is None else str(row.n), row.direction.value, row.printed)
            for row in forest.rows
        ],
    )
    certainty = certainty_of(forest.drug_class)
    return ForestShown(
        Drawing(
            document["title"],
            said,
            "Differences between arms on a scale of 0 to 10; left of zero favours the active arm.",
            svg_of(draw_forest(forest), "forest", document["title"], said),
            table,
        ),
        said,
        flow_text(forest),
        f"{certainty.rating} ({LABEL})" if certainty else None,
        tuple(f"{down.domain}: {down.reason}" for down in certainty.downgrades) if certainty else (),
    )
