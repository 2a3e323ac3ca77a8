"""Runs begun through the API: queued on the disk, worked off by processes, watched, stopped, resumed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.settings import Limits, Settings
from calor.trial.protocols.template import protocol_text

BASE = "http://localhost:8765"
TINY = {"worlds": 2, "replicates": 100}
PATIENCE = 120.0


@asynccontextmanager
async def at_work(app: FastAPI) -> Any:
    with app.state.run_queue.at_work():
        yield


def client_of(runs: Path, *, works: bool = True, **limits: Any) -> TestClient:
    settings = Settings(runs=runs, limits=Limits(**limits))
    return TestClient(create_app(settings, at_work if works else None), base_url=BASE)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[TestClient]:
    """A server whose queue nobody works off."""
    with client_of(tmp_path / "runs", works=False, waiting=3, kept_runs=5) as opened:
        yield opened


def until(client: TestClient, run: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found: dict[str, Any] = client.get(f"/api/v1/runs/{run}").json()
        if wanted(found):
            return found
        assert found["state"] in {"queued", "running", "stopped", "done"}, found
        time.sleep(0.05)
    raise AssertionError(found)


def trial(**more: Any) -> dict[str, Any]:
    return {"command": "trial", "protocol": protocol_text(), **TINY, **more}


def test_a_trial_is_run_and_gives_its_result_report_and_files(tmp_path: Path) -> None:
    with client_of(tmp_path / "runs") as client:
        begun = client.post("/api/v1/runs", json=trial(seed=3))
        assert begun.status_code == 201
        run = begun.json()["run"]
        assert begun.headers["Location"] == f"/api/v1/runs/{run}"
        assert begun.json()["command"] == [
            "calor", "trial", "protocol.yaml", "--worlds", "2", "--replicates", "100", "--seed", "3"
        ]  # fmt: skip
        with client.stream("GET", f"/api/v1/runs/{run}/events") as stream:
            said = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
        assert said[0]["state"] in {"queued", "running"}
        assert said[-1]["state"] == "done"
        done = client.get(f"/api/v1/runs/{run}").json()
        assert {"protocol.yaml", "result.json", "figure.svg", "adsl.csv", "manifest.json"} <= {*done["files"]}
        result = client.get(f"/api/v1/runs/{run}/data/result.json").json()
        assert result["provenance"]["seed"] == 3
        assert client.get(f"/api/v1/runs/{run}/data/protocol.yaml").text == protocol_text()
        report = client.get(f"/api/v1/runs/{run}/report.html")
        assert "Immunoglobulin against placebo" in report.text
        assert "script-src" not in report.headers["Content-Security-Policy"]
        assert "default-src 'none'" in report.headers["Content-Security-Policy"]
        assert client.post(f"/api/v1/runs/{run}/resume").status_code == 422
        assert client.delete(f"/api/v1/runs/{run}").status_code == 204
        assert client.get(f"/api/v1/runs/{run}").status_code == 404
        assert list((tmp_path / "runs").iterdir()) == []
