"""Next: the questions that ship, and which study would teach most about each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from calor.app.drawings import Drawing, svg_of
from calor.app.lookups import question_named
from calor.app.next_answers import PEOPLE, WORLDS, NextAnswers
from calor.app.pages.rendering import command_line, page
from calor.app.runs.asked import NextAsked
from calor.decision.questions.shipped import shipped_questions
from calor.report.next_figure import draw_next, study_rows
from calor.report.next_table import (
    basis_lines,
    before_lines,
    below_lines,
    capital,
    ranking_table,
    unknown_table,
)
from calor.report.tables import Table, number, words

router = APIRouter()


@router.get("/next")
def browse(request: Request) -> HTMLResponse:
    """Return the questions that ship."""
    return page(
        request, "next.html", questions=shipped_questions(), command=command_line("calor", "next", "--list")
    )


@router.get("/next/{identifier}")
def show(request: Request, identifier: str, look: Annotated[bool, Query()] = False) -> HTMLResponse:
    """Return a question with the ranking of its newest run, or of a first look where one is asked for."""
    question, answers = question_named(identifier), request.app.state.next_answers
    name, document = _answer(answers, identifier, look=look)
    size = ("--worlds", str(WORLDS), "--people", str(PEOPLE)) if look else ()
    return page(
        request,
        "next-question.html",
        question=question.file,
        run=name,
        look=look,
        answer=None if document is None else _shown(document),
        command=command_line("calor", "next", identifier, *size),
        full_command=command_line("calor", "next", identifier, "--out", f"runs/next-{identifier}"),
    )


@router.post("/next/{identifier}/run")
def run(request: Request, identifier: str) -> RedirectResponse:
    """Put the full answer to a question into the queue."""
    asked = NextAsked(command="next", question=identifier)
    name = request.app.state.run_queue.add(asked.order(request.app.state.settings.limits))
    return RedirectResponse(f"/runs/{name}", status_code=HTTPStatus.SEE_OTHER)


def _answer(answers: NextAnswers, identifier: str, *, look: bool) -> tuple[str | None, dict[str, Any] | None]:
    if look:
        return None, answers.look(identifier)
    return answers.saved(identifier) or (None, None)


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return what the template shows of a comparison of studies."""
    said = f"{capital(document['answer'])}."
    title = "What each study would teach, against what it costs"
    return {
        "says": said,
        "before": list(before_lines(document)),
        "ranking": ranking_table(document),
        "below": list(below_lines(document)),
        "unknown": unknown_table(document) if document["what_we_do_not_know"] is not None else None,
        "basis": basis_lines(document)[:1],
        "warnings": document["warnings"],
        "drawing": Drawing(
            title,
            said,
            "95 % intervals of what the simulation knows; ring: not clearly worse than the first.",
            svg_of(draw_next(document), "studies", title, said),
            _studies(document),
        ),
    }


def _studies(document: dict[str, Any]) -> Table:
    rows = [
        (row["label"], str(row["patients"]), f"{row['cost']:.2f}", f"{row['value']:.3f}",
         f"{row['lower']:.3f} to {row['upper']:.3f}")
        for row in study_rows(document).to_dict("records")
    ]  # fmt: skip
    columns = (words("study"), number("patients"), number("cost, millions"), number("teaches"),
               number("95 % interval"))  # fmt: skip
    return Table(columns, rows)
