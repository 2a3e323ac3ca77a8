"""The first page: what calor is, and the way to everything else."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from calor.app.pages.rendering import page
from calor.evidence.claims import standings
from calor.evidence.library import load_records

router = APIRouter()


@router.get("/")
def show(request: Request) -> HTMLResponse:
    """Return the first page."""
    return page(request, "home.html", records=len(load_records()), claims=len(standings()))
