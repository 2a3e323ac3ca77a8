"""What a request to the API may name: a word that nothing reads is refused, not left out."""

from __future__ import annotations

from fastapi import Request
from fastapi.routing import APIRoute

from calor.core.errors import InputError, Place, Problem


def refuse_unknown_words(request: Request) -> None:
    """Raise InputError for every query name that the route does not take."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = sorted(each.alias for each in route.dependant.query_params)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        allowed = ", ".join(known) or "no words behind a question mark"
        raise InputError(
            [Problem("is no word of this address", Place(key=name), allowed) for name in unknown]
        )
