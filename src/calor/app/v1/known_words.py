"""What a request to the API may name: a word that nothing reads is refused, not left out."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from calor.core.errors import InputError, Place, Problem


def refuse_unknown_words(request: Request) -> None:
    """Raise InputError for every query name that neither the route nor what it depends on takes."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = sorted(_words(route.dependant))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        allowed = ", ".join(known) or "no words behind a question mark"
        raise InputError(
            [Problem("is no word of this address", Place(key=name), allowed) for name in unknown]
        )


def _words(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for each in dependant.dependencies:
        yield from _words(each)
