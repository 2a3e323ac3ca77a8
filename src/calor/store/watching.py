"""Progress of a run that other processes can see, and their wish to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from calor.core.progress import Progress
from calor.store.states import State

STOP = "stop"
"""The file in a run's folder by which another process asks it to stop."""

LOOKED_EVERY = 0.1
WRITTEN_EVERY = 0.5
"""Seconds between two looks at the wish to stop, and between two reports of how far the work is."""


class Watching:
    """Progress that is shown by another, and written into the folder of a run.

    Arguments: who shows it; the folder; and what writes the state with stage, done and total.
    """

    def __init__(self, shown: Progress, folder: Path, report: Callable[..., None]) -> None:
        self._shown = shown
        self._stop = folder / STOP
        self._report = report
        self._stage, self._done, self._total = "", 0, 0
        self._looked = self._written = 0.0
        self._asked = False

    @property
    def stop_requested(self) -> bool:
        """Whether the work should stop at its next safe point."""
        now = time.monotonic()
        if not self._asked and now - self._looked >= LOOKED_EVERY:
            self._looked = now
            self._asked = self._stop.exists()
        return self._asked or self._shown.stop_requested

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of `total` equal steps."""
        self._shown.start(stage, total)
        self._stage, self._done, self._total = stage, 0, total
        self._write()

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the current stage are done."""
        self._shown.advance(steps)
        self._done += steps
        self._write()

    def _write(self) -> None:
        now = time.monotonic()
        if now - self._written >= WRITTEN_EVERY:
            self._written = now
            self._report(State.RUNNING, stage=self._stage, done=self._done, total=self._total)
