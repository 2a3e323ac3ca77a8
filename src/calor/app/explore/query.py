"""A question as the words behind an address ask it, for the page and the API alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from calor.app.explore.reading import Asked
from calor.report.explore.question import MOST_TREATMENTS

Text = Annotated[str, Query(max_length=20)]
Texts = Annotated[list[str], Query(max_length=MOST_TREATMENTS)]


def asked_in_query(
    duration_months: Text = Asked.duration_months,
    phenotype: Text = Asked.phenotype,
    cytokines: Text = Asked.cytokines,
    antibody: Text = Asked.antibody,
    pain_at_least: Text = Asked.pain_at_least,
    weeks: Text = Asked.weeks,
    drug: Texts = [],  # noqa: B006 - read by FastAPI, never changed
    regimen: Texts = [],  # noqa: B006
) -> Asked:
    """Return what the address asks for, as it was typed."""
    return Asked(
        duration_months=duration_months,
        phenotype=phenotype,
        cytokines=cytokines,
        antibody=antibody,
        pain_at_least=pain_at_least,
        weeks=weeks,
        drug=drug,
        regimen=regimen,
    )


AskedInQuery = Annotated[Asked, Depends(asked_in_query)]
