"""Runs for programs: begun, watched, stopped, gone on with, and what came of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from starlette.responses import FileResponse, StreamingResponse

from calor.app.failures import AbsentError
from calor.app.runs.asked import Asked
from calor.app.runs.events import events
from calor.app.runs.folders import Runs, run_document
from calor.app.runs.queue import RunQueue
from calor.app.runs.reports import REPORT_POLICY, report_of
from calor.app.v1.evidence import document
from calor.app.v1.problems import problems
from calor.report.writing import Reader

router = APIRouter(prefix="/runs", tags=["runs"])

HTML = "text/html; charset=utf-8"
TYPES = {"html": HTML, "pdf": "application/pdf"}
DATA: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}}
}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "`state` events, each a run", "content": {"text/event-stream": {}}}
}
REPORTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report", "content": {"text/html": {}, "application/pdf": {}}}
}


@router.get("")
def runs(request: Request) -> dict[str, Any]:
    """Return the runs: those at work and waiting, then the newest 100, also those of the command line."""
    found = _runs(request)
    listed = [run_document(run, found.folder) for run in found.newest()]
    return document({"runs": listed, "count": len(found.names())})


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(400, 403, 404, 413, 415, 422, 429))
def begin(request: Request, response: Response, asked: Annotated[Asked, Body()]) -> dict[str, Any]:
    """Check what is asked and put it into the queue: a trial, the search of its size, designs, a question."""
    name = _queue(request).add(asked.order(request.app.state.settings.limits))
    response.headers["Location"] = f"/api/v1/runs/{name}"
    return _document(request, name)


@router.get("/{run}", responses=problems(404, 422))
def one(request: Request, run: str) -> dict[str, Any]:
    """Return where a run stands, and the names of its files."""
    return _document(request, run)


@router.delete("/{run}", status_code=HTTPStatus.NO_CONTENT, responses=problems(403, 404, 409, 413, 415, 422))
def remove(request: Request, run: str) -> None:
    """Remove a run with all its files; one that is at work is refused (409)."""
    _queue(request).remove(run)


@router.post("/{run}/stop", responses=problems(403, 404, 409, 413, 415, 422))
def stop(request: Request, run: str) -> dict[str, Any]:
    """Ask a run to stop at its next safe point, within a second; what is finished is kept.

    One that has stopped already stays so; one that is done or has failed is refused (409).
    """
    _queue(request).stop(run)
    return _document(request, run)


@router.post("/{run}/resume", responses=problems(403, 404, 409, 413, 415, 422, 429))
def resume(request: Request, run: str) -> dict[str, Any]:
    """Put a run that stopped or failed into the queue again; what is finished is not done again.

    One that waits keeps its place; one that is at work or done is refused (409).
    """
    _queue(request).resume(run)
    return _document(request, run)


@router.get("/{run}/events", response_class=StreamingResponse, responses={**EVENTS, **problems(404, 422)})
def watch(request: Request, run: str) -> StreamingResponse:
    """Say each time that the run stands otherwise, until it waits and works no more (server-sent events)."""
    found = _runs(request)
    found.run(run)
    return StreamingResponse(events(found, run), media_type="text/event-stream")


@router.get(
    "/{run}/report.{ending}", response_class=Response, responses={**REPORTS, **problems(404, 409, 422)}
)
def report(
    request: Request,
    run: str,
    ending: str,
    reader: Annotated[Literal["board", "patients", "statisticians"], Query()] = "board",
) -> Response:
    """Return the report of a run that is done, as HTML or PDF, for one of three readers."""
    folder = _runs(request).place(run)
    if ending not in TYPES:
        raise AbsentError.of(f"there is no report.{ending}", allowed="report.html or report.pdf")
    headers = {"Content-Security-Policy": REPORT_POLICY}
    content = report_of(folder, Reader(reader), ending)
    return Response(content, media_type=TYPES[ending], headers=headers)


@router.get("/{run}/data/{name}", response_class=FileResponse, responses={**DATA, **problems(404)})
def data(request: Request, run: str, name: str) -> FileResponse:
    """Return one of the run's files by its name."""
    path = _runs(request).file(run, name)
    return FileResponse(path, filename=f"{run}-{name}")


def _document(request: Request, name: str) -> dict[str, Any]:
    found = _runs(request)
    return document(run_document(found.run(name), found.folder))


def _runs(request: Request) -> Runs:
    runs: Runs = request.app.state.runs
    return runs


def _queue(request: Request) -> RunQueue:
    queue: RunQueue = request.app.state.run_queue
    return queue
