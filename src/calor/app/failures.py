"""What went wrong, said once for pages and API: the command line's own texts, with a status of HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from calor.core.errors import CalorError, InputError, Place, Problem, ReportedError, UnsupportedError
from calor.core.schema_errors import ALLOWED

WRONG_INPUT, NOT_SUPPORTED, FAULT = "wrong-input", "not-supported", "fault"


class AbsentError(InputError):
    """What an address names is not there."""


class ConflictError(InputError):
    """A run does not stand so that this can be done with it."""


class BusyError(InputError):
    """The server has as much to do as it takes on."""


@contextmanager
def absent_if_wrong() -> Iterator[None]:
    """Turn InputError into AbsentError: inside, the input is the name of a page."""
    try:
        yield
    except InputError as error:
        raise AbsentError(error.problems) from None


@dataclass(frozen=True)
class Failure:
    """Why there is no answer.

    Arguments: the status of HTTP; the kind of failure; its title; the problems; the exit code that the
    command line ends with, None where the command line knows no such failure.
    """

    status: int
    kind: str
    title: str
    problems: Sequence[Problem]
    exit_code: int | None = None

    @property
    def detail(self) -> str:
        """The problems in words, as the command line says them."""
        return "\n".join(str(problem) for problem in self.problems)

    def document(self) -> dict[str, Any]:
        """Return the failure as problem details (RFC 9457)."""
        return {
            "type": f"urn:calor:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "exit_code": self.exit_code,
            "problems": [asdict(problem) for problem in self.problems],
        }


def failure_of(error: BaseException) -> Failure:
    """Return the failure that an error means."""
    if isinstance(error, AbsentError):
        return Failure(HTTPStatus.NOT_FOUND, "absent", "There is no such page", error.problems, 2)
    if isinstance(error, ConflictError):
        return Failure(HTTPStatus.CONFLICT, "conflict", "Not as the run stands", error.problems, 2)
    if isinstance(error, BusyError):
        return Failure(HTTPStatus.TOO_MANY_REQUESTS, "busy", "Too much at once", error.problems, 2)
    if isinstance(error, UnsupportedError):
        title = "Valid, but not supported"
        return Failure(HTTPStatus.UNPROCESSABLE_ENTITY, NOT_SUPPORTED, title, error.problems, 3)
    if isinstance(error, ReportedError):
        title = "The input is wrong"
        return Failure(HTTPStatus.UNPROCESSABLE_ENTITY, WRONG_INPUT, title, error.problems, error.exit_code)
    if isinstance(error, RequestValidationError):
        problems = [_problem_of(entry) for entry in error.errors()]
        return Failure(HTTPStatus.UNPROCESSABLE_ENTITY, WRONG_INPUT, "The input is wrong", problems, 2)
    if isinstance(error, HTTPException):
        return _http_failure(error)
    what = str(error) if isinstance(error, CalorError) else "a fault of calor's own, please report it"
    hint = "the details are in the log of calor serve"
    problem = Problem(what, hint=hint)
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, FAULT, "A fault of calor's own", [problem], 1)


def refusal(status: HTTPStatus, what: str, *, allowed: str | None = None, hint: str | None = None) -> Failure:
    """Return the failure of a request that is not let in."""
    return Failure(status, "refused", "The request was refused", [Problem(what, allowed=allowed, hint=hint)])


def _http_failure(error: HTTPException) -> Failure:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        problem = Problem("there is nothing at this address", hint="/ leads to every page")
        return Failure(status, "absent", "There is no such page", [problem], 2)
    return Failure(status, "refused", status.phrase, [Problem(str(error.detail))])


def _problem_of(entry: dict[str, Any]) -> Problem:
    """Return an error of the schema library in calor's words, at the name of the parameter."""
    _, *key = entry["loc"]
    place = Place(key=".".join(map(str, key)) or None)
    kind, context = entry["type"], entry.get("ctx", {})
    if kind == "missing":
        return Problem("is missing", place)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        what = "is missing" if kind == "union_tag_not_found" else f"is {context['tag']!r}"
        return Problem(what, Place(key=context["discriminator"].strip("'")), context.get("expected_tags"))
    if kind == "json_invalid":
        return Problem(f"is not JSON: {context.get('error', '')}", Place(key="body"))
    if kind == "extra_forbidden":
        return Problem("is not a known key", place)
    if kind == "value_error":
        return Problem(str(context.get("error", entry["msg"])), place)
    given = entry.get("input")
    said = f"is {given!r}" if isinstance(given, str | int | float | bool) else "has another form"
    return Problem(said, place, ALLOWED[kind](context) if kind in ALLOWED else entry["msg"])
