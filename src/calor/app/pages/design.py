"""Design: a protocol written with guidance, checked while one types, and run, sized or compared."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from calor.app.failures import AbsentError, Failure, failure_of
from calor.app.pages import starts
from calor.app.pages.rendering import command_line, page
from calor.app.protocols import FILE, sent_protocol
from calor.app.runs.asked import LETTERS, ComparisonAsked, TrialAsked, asked_in_form
from calor.app.runs.folders import Runs
from calor.core.errors import InputError, Problem, ReportedError
from calor.study import Protocol
from calor.trial.protocols.schema import design_descriptions

router = APIRouter(prefix="/design")

SIZES = {
    "worlds": "40",
    "replicates": "2000",
    "seed": "1",
    "assume_effect": "",
    "power": "0.8",
    "against": "",
}
"""What stands in the fields at first."""

SIMULATION = ("worlds", "replicates", "seed", "assume_effect")


async def sent(request: Request) -> dict[str, str]:
    """Return the fields of the form that was sent."""
    async with request.form(max_files=0, max_fields=50) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(sent)]


@router.get("")
def write(
    request: Request,
    like: Annotated[str, Query(max_length=80)] = starts.FIRST,
    run: Annotated[str | None, Query(max_length=255)] = None,
    file: Annotated[str, Query(max_length=80)] = FILE,
) -> HTMLResponse:
    """Return a protocol to work on: an example, a published trial, or that of a run."""
    text = starts.text_of(like) if run is None else _text_of_run(request.app.state.runs, run, file)
    return _page(request, text, SIZES, chosen=like if run is None else None)


@router.post("/check")
def check(request: Request, fields: Sent) -> HTMLResponse:
    """Return the page with what is wrong with the protocol, or what it says."""
    return _page(request, _text(fields), fields)


@router.post("/download")
def download(fields: Sent) -> Response:
    """Return the protocol as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
    return Response(_text(fields).encode("utf-8", "replace"), media_type="application/yaml", headers=headers)


@router.post("/run")
def run_trial(request: Request, fields: Sent) -> Response:
    """Put the trial into the queue."""
    return _begun(request, fields, TrialAsked, {"command": "trial", "protocol": _text(fields)})


@router.post("/find")
def find_size(request: Request, fields: Sent) -> Response:
    """Put the search of the trial's size into the queue."""
    wanted = {"command": "trial", "protocol": _text(fields), "find": "n", "power": fields.get("power", "")}
    return _begun(request, fields, TrialAsked, wanted)


@router.post("/compare")
def compare(request: Request, fields: Sent) -> Response:
    """Put the comparison with a published trial into the queue."""
    protocols = [_text(fields), fields.get("against", "")]
    return _begun(request, fields, ComparisonAsked, {"command": "compare", "protocols": protocols})


def _begun(request: Request, fields: Mapping[str, str], kind: Any, wanted: Mapping[str, Any]) -> Response:
    """Put what a form asks for into the queue and lead to it, or return the page that says what is wrong."""
    settings, queue = request.app.state.settings, request.app.state.run_queue
    simulation = {name: fields.get(name, "") for name in SIMULATION}
    try:
        if wanted["command"] == "compare" and not fields.get("against"):
            raise InputError.of("names no other design", key="against", hint="choose one to compare with")
        asked = asked_in_form(kind, {**simulation, **wanted})
        name = queue.add(asked.order(settings.limits))
    except (ReportedError, RequestValidationError) as error:
        return _page(request, _text(fields), fields, refused=failure_of(error))
    return RedirectResponse(f"/runs/{name}", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    text: str,
    fields: Mapping[str, str],
    *,
    chosen: str | None = None,
    refused: Failure | None = None,
) -> HTMLResponse:
    protocol, failure = _checked(text)
    return page(
        request,
        "design.html",
        HTTPStatus.OK if refused is None else refused.status,
        text=text,
        fields={name: fields.get(name, value) for name, value in SIZES.items()},
        chosen=chosen,
        questions=starts.QUESTIONS,
        designs=starts.designs(),
        published=starts.published(),
        says=None if protocol is None else _says(protocol),
        guidance=None if protocol is None else _guidance(protocol.design.type),
        command=command_line(*starts.command_of(chosen or starts.FIRST)),
        failure=failure,
        problems=[] if failure is None else [_with_line(each, text) for each in failure.problems],
        refused=None if refused is None or failure is not None else refused,
    )


def _checked(text: str) -> tuple[Protocol | None, Failure | None]:
    try:
        return sent_protocol(text), None
    except ReportedError as error:
        return None, failure_of(error)


def _says(protocol: Protocol) -> dict[str, str]:
    """Return what a protocol says, in words."""
    return {
        "trial": protocol.title,
        "design": protocol.design.type,
        "arms": ", ".join(arm.name for arm in protocol.arms),
        "patients": f"{protocol.patients:,}",
        "endpoint": protocol.endpoint.words,
        "analysis": protocol.analysis.method,
    }


def _guidance(design: str) -> tuple[str, str]:
    """Return what a design is in one sentence, and how it is set."""
    first, _, rest = design_descriptions()[design].partition("\n")
    return first, " ".join(rest.split())


def _with_line(problem: Problem, text: str) -> tuple[Problem, str]:
    """Return a problem with the line of the text that it is about."""
    lines, number = text.splitlines(), problem.place.line
    return problem, lines[number - 1].strip() if number and number <= len(lines) else ""


def _text(fields: Mapping[str, str]) -> str:
    return fields.get("protocol", "")[:LETTERS].replace("\r\n", "\n")


def _text_of_run(runs: Runs, name: str, file: str) -> str:
    if not file.endswith(".yaml"):
        raise AbsentError.of(f"{file!r} is no protocol of a run")
    return runs.file(name, file).read_text(encoding="utf-8", errors="replace")
