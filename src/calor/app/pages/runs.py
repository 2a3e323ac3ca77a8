"""Runs: the list with where each stands, one run with its result, and stopping, resuming, removing."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from calor.app.failures import ConflictError, failure_of
from calor.app.pages.rendering import command_line, page
from calor.app.runs.folders import AT_WORK, SHOWN, Runs, files_of, run_document
from calor.app.runs.queue import RunQueue
from calor.app.runs.reports import finished_run
from calor.app.runs.results import share_done, shown_result
from calor.core.errors import ReportedError
from calor.report.runs_table import progress_text
from calor.store.saved_runs import Listed
from calor.store.states import State

router = APIRouter(prefix="/runs")

TONES = {
    State.QUEUED: "", State.RUNNING: "", State.STOPPED: "warn", State.DONE: "good", State.FAILED: "bad"
}  # fmt: skip
KINDS = {
    "trial": "trial", "trial --find n": "search of a trial's size", "compare": "designs compared",
    "next": "which study would teach most", "calibrate": "fit", "trials --freeze": "forecasts",
}  # fmt: skip
"""What people call a run, by its command."""


@router.get("")
def browse(request: Request) -> HTMLResponse:
    """Return the runs, those at work first."""
    runs, queue = _of(request)
    listed = [_row(run, runs, queue) for run in runs.newest()]
    return page(
        request,
        "runs.html",
        runs=listed,
        count=len(runs.names()),
        most=SHOWN,
        at_work=any(row["at_work"] for row in listed),
        command=command_line("calor", "runs", "--in", str(request.app.state.settings.runs)),
    )


@router.get("/{name}")
def show(request: Request, name: str) -> HTMLResponse:
    """Return one run: where it stands, or what came of it."""
    runs, queue = _of(request)
    run = runs.run(name)
    result, failure = None, None
    if run.status.state is State.DONE:
        try:
            result = shown_result(finished_run(run.folder))
        except ReportedError as error:
            failure = failure_of(error)
    files = files_of(run.folder)
    return page(
        request,
        "run.html",
        run=_row(run, runs, queue),
        result=result,
        failure=failure,
        files=files,
        protocols=[file for file in files if file.endswith(".yaml")],
        command=command_line("calor", *run.request.arguments) if run.request else None,
    )


@router.post("/{name}/stop")
def stop(request: Request, name: str) -> RedirectResponse:
    """Ask a run to stop; where it is not at work any more, its page says how it stands."""
    with suppress(ConflictError):
        _of(request)[1].stop(name)
    return _back(f"/runs/{name}")


@router.post("/{name}/resume")
def resume(request: Request, name: str) -> RedirectResponse:
    """Put a run into the queue again; where it is at work or done already, its page says so."""
    with suppress(ConflictError):
        _of(request)[1].resume(name)
    return _back(f"/runs/{name}")


@router.get("/{name}/remove")
def ask_to_remove(request: Request, name: str) -> HTMLResponse:
    """Return the question whether a run is to go."""
    runs, queue = _of(request)
    return page(request, "run-remove.html", run=_row(runs.run(name), runs, queue))


@router.post("/{name}/remove")
def remove(request: Request, name: str) -> RedirectResponse:
    """Remove a run."""
    _of(request)[1].remove(name)
    return _back("/runs")


def _row(run: Listed, runs: Runs, queue: RunQueue) -> dict[str, Any]:
    """Return what templates show of a run."""
    status, request = run.status, run.request
    stopping = status.state is State.RUNNING and queue.is_stopping(run.folder.name)
    return {
        "name": run.folder.name,
        "question": (request.question if request else "") or run.folder.name,
        "kind": KINDS.get(request.command, request.command) if request else "a run of an earlier calor",
        "state": "stopping" if stopping else str(status.state),
        "tone": TONES[status.state],
        "at_work": status.state in AT_WORK,
        "can_stop": status.state in AT_WORK and not stopping,
        "can_resume": status.state in (State.STOPPED, State.FAILED) and request is not None,
        "is_done": status.state is State.DONE,
        "started": (status.started or "")[: len("2026-11-28T09:55")].replace("T", " "),
        "progress": progress_text(run),
        "share": share_done(run),
        "message": run_document(run, runs.folder)["message"],
    }


def _of(request: Request) -> tuple[Runs, RunQueue]:
    return request.app.state.runs, request.app.state.run_queue


def _back(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)
