"""What happens to a run, as server-sent events: a line each time that it stands otherwise."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from calor.app.runs.folders import AT_WORK, Runs, run_document
from calor.core.errors import ReportedError

LOOKED_EVERY = 0.5
SILENT_FOR = 15.0
"""Seconds between two looks, and after which something is said so that the connection is kept."""


async def events(runs: Runs, name: str) -> AsyncIterator[str]:
    """Yield the events of a run until it waits and works no more, or is removed."""
    said, spoken = "", time.monotonic()
    while True:
        found = await asyncio.to_thread(_found, runs, name)
        text = json.dumps(found)
        if text != said:
            said, spoken = text, time.monotonic()
            yield f"event: state\ndata: {text}\n\n"
        elif time.monotonic() - spoken >= SILENT_FOR:
            spoken = time.monotonic()
            yield ": still here\n\n"
        if found is None or found["state"] not in AT_WORK:
            return
        await asyncio.sleep(LOOKED_EVERY)


def _found(runs: Runs, name: str) -> dict[str, Any] | None:
    try:
        return run_document(runs.run(name), runs.folder)
    except ReportedError:
        return None
