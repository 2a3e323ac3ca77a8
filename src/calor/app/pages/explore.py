"""Explore: a kind of patient, up to three treatments, and what each changes within the same person."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from calor.app.explore import showing
from calor.app.explore.explorer import FIRST, Explorer
from calor.app.explore.query import AskedInQuery
from calor.app.explore.reading import Asked
from calor.app.failures import failure_of
from calor.app.pages.rendering import page
from calor.core.errors import ReportedError
from calor.report.explore.question import PEOPLE, WEEKS
from calor.therapy.drug import Drug
from calor.therapy.library import load_library

router = APIRouter()


@router.get("/explore")
def show(request: Request, in_query: AskedInQuery) -> HTMLResponse:
    """Return the answer to the question in the address, or the first one where there is none."""
    asked = in_query if request.query_params else _first()
    try:
        answer, failure = _shown(request.app.state.explorer, asked), None
    except ReportedError as error:
        answer, failure = None, failure_of(error)
    return page(
        request,
        "explore.html",
        200 if failure is None else failure.status,
        asked=asked,
        answer=answer,
        failure=failure,
        drugs=library(),
        weeks=WEEKS,
        people=PEOPLE,
    )


def _first() -> Asked:
    """Return the question that is shown to who asks nothing yet, as a form holds it."""
    given = FIRST.treatments
    return Asked(drug=[each.drug.id for each in given], regimen=[each.regimen.text for each in given])


@cache
def library() -> tuple[Drug, ...]:
    """Return the drugs that can be chosen."""
    return load_library()


def _shown(explorer: Explorer, asked: Asked) -> dict[str, Any]:
    """Return what the template shows of an answer."""
    document = explorer.answer(asked.question())
    entries = document["treatments"]
    named = [
        (kind, showing.treatment_name(entry), entry)
        for kind, entry in zip(showing.KINDS, entries, strict=False)
    ]
    return {
        "document": document,
        "treatments": [
            {
                "kind": kind,
                "colour": showing.colour(kind),
                "name": name,
                "says": showing.sentence(entry, document["weeks"]),
                "rivals": showing.rival_sentence(entry),
                "harms": showing.harm_table(entry),
                "warnings": entry["warnings"],
                "command": entry["command"],
            }
            for kind, name, entry in named
        ],
        "pain": showing.pain_charts(document),
        "outcomes": showing.outcome_charts(document) if entries else [],
        "benefit": showing.benefit_icons(document),
        "harm": showing.harm_icons(document),
        "rivals": showing.rival_dots(document) if entries else None,
        "basis": showing.basis_bars(document) if entries else None,
    }
