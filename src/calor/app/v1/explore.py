"""Explore for programs: what up to three treatments change in a kind of patient."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from calor.app.explore.query import AskedInQuery
from calor.app.v1.problems import problems

router = APIRouter(tags=["explore"])


@router.get("/explore", responses=problems(422))
def explore(request: Request, asked: AskedInQuery) -> dict[str, Any]:
    """Return what each treatment changes within the same person, in 400 virtual people of a kind.

    An empty trait is any. Every drug needs its regimen, in words: `40 mg oral daily for 14 days`.
    """
    answer: dict[str, Any] = request.app.state.explorer.answer(asked.question())
    return answer
