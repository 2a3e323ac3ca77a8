"""Runs as people read them: a table of several, or one in full."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from calor.core.host import processor_text
from calor.report.tables import Table, label, words
from calor.store.saved_runs import Listed
from calor.store.states import State


def runs_table(runs: Sequence[Listed]) -> Table:
    """Return runs as a table, a row each."""
    rows = [
        (
            str(run.folder),
            str(run.status.state),
            run.request.command if run.request else "",
            run.request.question if run.request else "",
            (run.status.started or "")[: len("2026-11-28T09:55")].replace("T", " "),
            progress_text(run),
        )
        for run in runs
    ]
    columns = (words("run", breaks_at=22), label("state"), words("kind"), words("question", breaks_at=14),
               words("started"), words("progress"))  # fmt: skip
    return Table(columns, rows, framed=False)


def progress_text(run: Listed) -> str:
    """Return in words how far a run is."""
    status = run.status
    if status.state is State.DONE:
        return f"{status.seconds:,.0f} s"
    parts = [f"{status.stage}: {status.done:,} of {status.total:,}"] if status.stage else []
    if status.pieces:
        parts.append(f"{status.pieces:,} pieces kept")
    return ", ".join(parts)


def run_lines(run: Listed) -> Iterator[str]:
    """Yield the lines of one run in full, with the command that goes on with it or reports on it."""
    request, status, folder = run.request, run.status, shlex.quote(str(run.folder))
    yield f"{run.folder}: {status.state}"
    if request:
        yield f"asked: {shlex.join(['calor', *request.arguments])}"
        yield f"in: {request.working_folder}"
        if "seed" in request.asked:
            yield f"seed: {request.asked['seed']}"
        posterior = request.asked.get("posterior")
        if isinstance(posterior, dict) and posterior.get("name"):
            yield f"posterior: {posterior['name']}, SHA-256 {posterior['file_sha256']}"
        versions = request.made_with.get("versions", {})
        if versions:
            yield "versions: " + ", ".join(f"{name} {version}" for name, version in versions.items())
        machine = request.made_with.get("machine", {})
        if machine:
            yield f"processor: {processor_text(machine)}"
    if status.started:
        yield f"begun: {status.started}, {status.seconds_by(datetime.now(UTC)):,.0f} s of work"
    if progress := progress_text(run) if status.state is not State.DONE else "":
        yield f"progress: {progress}"
    if status.state is State.RUNNING:
        yield f"process: {status.process} on {status.host}"
    if status.message:
        yield f"because: {status.message}"
    if status.state is State.RUNNING:
        yield f"to stop it: calor runs stop {folder}"
    elif status.state is not State.DONE:
        yield f"to go on: calor resume {folder}"
    elif request is None or request.command != "trials --freeze":
        yield f"its report: calor report {folder}"
