"""Explore for programs: what up to three treatments change in a kind of patient."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from calor.app.explore.reading import Asked
from calor.app.v1.problems import problems
from calor.report.explore.question import MOST_TREATMENTS

router = APIRouter(tags=["explore"])

Text = Annotated[str, Query(max_length=20)]


@router.get("/explore", responses=problems(422))
def explore(
    request: Request,
    duration_months: Text = "3",
    phenotype: Text = "",
    cytokines: Text = "",
    antibody: Text = "",
    pain_at_least: Text = "",
    weeks: Text = "12",
    drug: Annotated[list[str], Query(max_length=MOST_TREATMENTS)] = [],  # noqa: B006
    regimen: Annotated[list[str], Query(max_length=MOST_TREATMENTS)] = [],  # noqa: B006
) -> dict[str, Any]:
    """Return what each treatment changes within the same person, in 400 virtual people of a kind.

    An empty trait is any. Every drug needs its regimen, in words: `40 mg oral daily for 14 days`.
    """
    asked = Asked(
        duration_months=duration_months,
        phenotype=phenotype,
        cytokines=cytokines,
        antibody=antibody,
        pain_at_least=pain_at_least,
        weeks=weeks,
        drug=drug,
        regimen=regimen,
    )
    answer: dict[str, Any] = request.app.state.explorer.answer(asked.question())
    return answer
