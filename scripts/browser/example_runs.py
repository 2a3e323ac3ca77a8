"""A folder of runs to look at: a trial and the search of a size that are done, one stopped, one failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from calor.store.queued_runs import queue_run
from calor.store.requests import Request
from calor.store.states import State, Status, write_status

DONE, FOUND, STOPPED, FAILED = "trial", "size", "stopped", "failed"
"""The names of the runs."""

SMALL = ("--worlds", "2", "--replicates", "100")
TRIAL = "goebel-2017-lips"


def make_example_runs(folder: Path) -> None:
    """Make the runs in a folder; that takes some seconds. Raises CalledProcessError where one fails."""
    _calor("trial", TRIAL, *SMALL, "--out", str(folder / DONE))
    found = ("--find", "n", "--assume-effect", "-1")
    _calor("trial", TRIAL, *found, *SMALL, "--out", str(folder / FOUND))
    request = Request("trial", "kalita-2006", ("trial", "kalita-2006"), ".")
    begun, ended = "2026-11-28T09:55:00+00:00", "2026-11-28T09:57:00+00:00"
    for name, status in (
        (STOPPED, Status(State.STOPPED, begun, ended, 120.0, stage="patients", done=5, total=12, pieces=5)),
        (
            FAILED,
            Status(State.FAILED, begun, ended, 120.0, message="cannot be written: No space left on device"),
        ),
    ):
        queue_run(folder / name, request)
        write_status(folder / name, status)


def _calor(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "calor", *arguments], check=True, capture_output=True)
