"""Where a run stands, as any process may read it: a small file that its process renews.

A run says `running` while its process holds the folder's lock, which ends with the process however that ends:
a run that says so without one was killed, and reads as stopped.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from calor.store.folder_lock import is_locked
from calor.store.whole_files import read_json, write_whole_json

STATE, MANIFEST = "state.json", "manifest.json"
KILLED = "its process ended without a word"


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Arguments: the state; when it was first begun and when this was written (ISO 8601, UTC); the seconds that
    were worked on it so far; the process and the host that work on it or did last; the stage, how much of it
    is done and of how much; how many finished pieces are kept; and a message for people (why it failed).
    """

    state: State
    started: str | None = None
    updated: str | None = None
    seconds: float = 0.0
    process: int | None = None
    host: str | None = None
    stage: str | None = None
    done: int = 0
    total: int = 0
    pieces: int = 0
    message: str | None = None

    def seconds_by(self, now: datetime) -> float:
        """Return the seconds that were worked on the run by a time: one at work writes them now and then."""
        if self.state is not State.RUNNING or self.updated is None:
            return self.seconds
        return self.seconds + max(0.0, (now - datetime.fromisoformat(self.updated)).total_seconds())

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return asdict(self)


def write_status(folder: Path, status: Status, *, lasting: bool = False) -> None:
    """Write where a run stands into its folder. Raises OSError where it cannot be."""
    write_whole_json(folder / STATE, status.to_document(), lasting=lasting)


def read_status(folder: Path) -> Status:
    """Return where the run of a folder stands: done with its manifest, stopped once its process has ended."""
    status = last_written(folder)
    if (folder / MANIFEST).is_file():
        return _done(folder)
    if status.state is State.RUNNING and not is_locked(folder):
        if (folder / MANIFEST).is_file():
            return _done(folder)
        written = last_written(folder)  # it may have ended in good order meanwhile
        if written.state is State.RUNNING:
            return replace(written, state=State.STOPPED, message=KILLED)
        return written
    return status


def last_written(folder: Path) -> Status:
    """Return what a run's process wrote last; a run that got no further than its request is stopped."""
    document = read_json(folder / STATE)
    if document is None:
        return Status(state=State.STOPPED)
    try:
        status = Status(**{**document, "state": State(document["state"])})
        status.seconds_by(datetime.now(UTC))  # times that cannot be reckoned with are no times
        return status
    except (TypeError, ValueError, KeyError):
        return Status(state=State.STOPPED, message="its state cannot be read")


def _done(folder: Path) -> Status:
    manifest = read_json(folder / MANIFEST) or {}
    return Status(
        state=State.DONE, started=manifest.get("started"), seconds=float(manifest.get("seconds", 0))
    )
