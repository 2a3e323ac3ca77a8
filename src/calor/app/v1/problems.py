"""How the API says that there is no answer, for its OpenAPI document."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": ["string", "null"]}
_PROBLEM = {
    "type": "object",
    "required": ["what", "place", "allowed", "hint"],
    "properties": {
        "what": {"type": "string"},
        "place": {
            "type": "object",
            "properties": {"file": _TEXT, "line": {"type": ["integer", "null"]}, "key": _TEXT},
        },
        "allowed": _TEXT,
        "hint": _TEXT,
    },
}
_DETAILS = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "exit_code", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The text of the command line."},
        "exit_code": {
            "type": ["integer", "null"],
            "description": "The exit code of the command line: 2 wrong input, 3 not supported, 1 a fault.",
        },
        "problems": {"type": "array", "items": _PROBLEM},
    },
}

_SAID = {
    400: "The request was refused",
    401: "The token is missing",
    403: "The request may come from another site",
    404: "There is no such thing",
    409: "The run does not stand so that this can be done with it",
    413: "The body is too large",
    415: "The body is not sent as JSON",
    422: "The input is wrong (exit code 2), or valid but not supported (exit code 3)",
    429: "Too much is asked at once",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what an operation answers besides its document, for OpenAPI."""
    return {
        status: {
            "description": _SAID[status],
            "content": {"application/problem+json": {"schema": _DETAILS}},
        }
        for status in statuses
    }
