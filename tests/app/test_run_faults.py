"""Stopping, killing and filling the disk: a run is never lost, and says why it stands still."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from calor.store.piece_files import ENDING, Key, places_in
from calor.store.states import State, read_status
from tests.app.run_server import client_of, trial, until

LONG = {"replicates": 60_000, "worlds": 2}
"""Some minutes of work: it is always stopped before its end."""


def begun(client: TestClient, **more: Any) -> str:
    """Begin a long trial; return its name once it is at work and has finished something."""
    run = str(client.post("/api/v1/runs", json=trial(**{**LONG, **more})).json()["run"])
    until(client, run, lambda found: found["state"] == "running" and found["pieces"] > 0)
    until(client, run, lambda _: bool(kept_in(client.app.state.runs.folder / run)))  # type: ignore[attr-defined]
    return run


def process_of(folder: Path) -> int:
    found = read_status(folder).process
    assert found is not None
    return found


def test_a_run_stops_within_a_second_waits_over_the_server_s_end_and_goes_on(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with client_of(runs) as client:
        run = begun(client)
        other = client.post("/api/v1/runs", json=trial()).json()["run"]
        assert client.get(f"/api/v1/runs/{other}").json()["state"] == "queued"  # one at once
        assert client.post(f"/api/v1/runs/{other}/stop").json()["state"] == "stopped"
        assert client.delete(f"/api/v1/runs/{run}").status_code == 409
        assert client.post(f"/api/v1/runs/{run}/resume").status_code == 409
        asked = time.monotonic()
        client.post(f"/api/v1/runs/{run}/stop")
        stopped = until(client, run, lambda found: found["state"] == "stopped")
        assert time.monotonic() - asked < 20.0  # a second on an idle machine
        client.post(f"/api/v1/runs/{run}/resume")
        until(client, run, lambda found: found["state"] == "running")
    # the server has ended in good order: the run waits, the one that was stopped by hand does not
    assert read_status(runs / run).state is State.QUEUED
    assert read_status(runs / other).state is State.STOPPED
    with client_of(runs) as client:
        again = until(client, run, lambda found: found["state"] == "running" and found["pieces"] > 0)
        assert again["pieces"] >= stopped["pieces"]
        client.post(f"/api/v1/runs/{run}/stop")
        until(client, run, lambda found: found["state"] == "stopped")


def kept_in(folder: Path) -> list[Key]:
    """Return the name of every finished piece on the disk, as often as it stands there."""
    return [key for file in sorted(folder.rglob(f"*{ENDING}")) for key, _ in places_in(file)]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    with client_of(tmp_path / "runs") as client:
        run = begun(client)
        os.kill(process_of(tmp_path / "runs" / run), signal.SIGKILL)
        killed = until(client, run, lambda found: found["state"] == "stopped")
        assert killed["message"] == "its process ended without a word"
        folder = tmp_path / "runs" / run
        before = kept_in(folder)
        client.post(f"/api/v1/runs/{run}/resume")
        until(client, run, lambda _: len(kept_in(folder)) > len(before))
        client.post(f"/api/v1/runs/{run}/stop")
        until(client, run, lambda found: found["state"] == "stopped")
        after = kept_in(folder)
        assert {*before} < {*after}
        assert len(after) == len({*after})  # nothing was done twice


SERVER = """
import sys, time
from pathlib import Path
from calor.app.runs.asked import TrialAsked
from calor.app.runs.folders import Runs
from calor.app.runs.queue import RunQueue
from calor.app.settings import Limits
from calor.trial.protocols.template import protocol_text
queue = RunQueue(Runs(Path(sys.argv[1])), Limits())
with queue.at_work():
    for worlds in (2, 3):
        asked = TrialAsked(command="trial", protocol=protocol_text(), worlds=worlds, replicates=60_000)
        print(queue.add(asked.order(Limits())), flush=True)
    time.sleep(600)
"""


def test_a_killed_server_loses_no_run(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(runs)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    first, second = (server.stdout.readline().strip() for _ in range(2))
    with client_of(runs, works=False) as looking:
        until(looking, first, lambda found: found["state"] == "running" and found["pieces"] > 0)
    server.kill()
    server.communicate()
    assert read_status(runs / first).state is State.RUNNING  # it goes on by itself
    with client_of(runs) as client:
        time.sleep(0.5)
        assert client.get(f"/api/v1/runs/{second}").json()["state"] == "queued"  # one at once, still
        client.post(f"/api/v1/runs/{first}/stop")
        until(client, first, lambda found: found["state"] == "stopped")
        until(client, second, lambda found: found["state"] == "running")
        client.post(f"/api/v1/runs/{second}/stop")
        until(client, second, lambda found: found["state"] == "stopped")


def test_a_full_disk_is_said_and_the_run_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with client_of(tmp_path / "runs") as client:
        asked = trial(replicates=2000)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, hard))  # processes inherit it: no file is larger
        try:
            run = client.post("/api/v1/runs", json=asked).json()["run"]
            failed = until(client, run, lambda found: found["state"] == "failed")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "cannot be written: File too large" in failed["message"]
        assert str(tmp_path) not in failed["message"]
        assert client.post(f"/api/v1/runs/{run}/resume").json()["message"] is None
        until(client, run, lambda found: found["state"] == "done")


def test_what_cannot_begin_says_why(tmp_path: Path) -> None:
    with client_of(tmp_path / "runs", works=False) as client:
        run = client.post("/api/v1/runs", json=trial()).json()["run"]
    (tmp_path / "runs" / run / "protocol.yaml").unlink()
    with client_of(tmp_path / "runs") as client:
        failed = until(client, run, lambda found: found["state"] == "failed")
    assert "protocol.yaml" in failed["message"]
