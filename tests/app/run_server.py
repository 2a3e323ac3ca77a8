"""What the tests of runs share: a server with a queue, a tiny trial, and waiting for where a run stands."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from calor.app.application import create_app
from calor.app.settings import Limits, Settings
from calor.trial.protocols.template import protocol_text

BASE = "http://localhost:8765"
TINY = {"worlds": 2, "replicates": 100}
PATIENCE = 120.0


@asynccontextmanager
async def at_work(app: FastAPI) -> AsyncIterator[None]:
    with app.state.run_queue.at_work():
        yield


def client_of(runs: Path, *, works: bool = True, **limits: Any) -> TestClient:
    """Return a client of a server of runs, which works them off or lets them wait."""
    settings = Settings(runs=runs, limits=Limits(**limits))
    return TestClient(create_app(settings, at_work if works else None), base_url=BASE)


def trial(**more: Any) -> dict[str, Any]:
    """Return what asks for a tiny trial, or for another one."""
    return {"command": "trial", "protocol": protocol_text(), **TINY, **more}


def until(client: TestClient, run: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return a run once it stands as wanted; none may fail before."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found: dict[str, Any] = client.get(f"/api/v1/runs/{run}").json()
        if wanted(found):
            return found
        assert found["state"] != "failed", found
        time.sleep(0.05)
    raise AssertionError(found)
