"""Next for programs: the questions that ship, and the newest answer to each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from calor.app.failures import AbsentError
from calor.app.lookups import question_named
from calor.app.v1.evidence import document
from calor.app.v1.problems import problems
from calor.decision.questions.shipped import shipped_questions

router = APIRouter(tags=["next"])


@router.get("/next")
def questions() -> dict[str, Any]:
    """Return the questions that ship."""
    return document({"questions": [question.model_dump(mode="json") for question in shipped_questions()]})


@router.get("/next/{identifier}", responses=problems(404, 422))
def question(request: Request, identifier: str, look: Annotated[bool, Query()] = False) -> dict[str, Any]:
    """Return the newest saved answer to a question, or a first look (seconds) where one is asked for."""
    answers = request.app.state.next_answers
    question_named(identifier)
    if look:
        return document(answers.look(identifier))
    found = answers.saved(identifier)
    if found is None:
        raise AbsentError.of(
            f"no run of {identifier!r} is saved here",
            hint=f"calor next {identifier} --out runs/next-{identifier}, or ask with look=true",
        )
    return document(found[1])
