"""The claims for programs: the documents of `calor claims --json`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from calor.app.lookups import claim_named
from calor.app.v1.evidence import document
from calor.app.v1.problems import problems
from calor.evidence.claims import standings
from calor.report.claims_document import claims_document
from calor.trial.claims.frozen import frozen_answers

router = APIRouter(tags=["claims"])


@router.get("/claims")
def claims() -> dict[str, Any]:
    """Return the ten claims with the evidence and the answers that ship."""
    return document(claims_document(standings(), frozen_answers()))


@router.get("/claims/{identifier}", responses=problems(404))
def claim(identifier: str) -> dict[str, Any]:
    """Return one claim, S1 to S10."""
    return document(claims_document((claim_named(identifier),), frozen_answers()))
