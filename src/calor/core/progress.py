"""Progress that long work reports, and the wish to stop that it obeys.

The work calls `advance`; whoever watches decides how to show it. A face that wants to stop sets
`stop_requested`; the work then raises `Stopped` at its next safe point.
"""

from __future__ import annotations

from typing import Protocol

from calor.core.errors import CalorError


class Stopped(CalorError):
    """The user asked to stop; where the work has a run folder, what was finished is kept in it."""

    exit_code = 130


class Progress(Protocol):
    """What long work needs from whoever watches it."""

    @property
    def stop_requested(self) -> bool:
        """Whether the work should stop at its next safe point."""

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of `total` equal steps."""

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the current stage are done."""


class Silent:
    """Progress that nobody watches."""

    stop_requested: bool = False

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the steps."""


SILENT: Progress = Silent()
"""The progress of work that nobody watches."""


def stop_if_requested(progress: Progress) -> None:
    """Raise Stopped when the watcher asked for it."""
    if progress.stop_requested:
        raise Stopped("stopped; nothing is kept of it")


class StopOnly:
    """A view of another progress that shows nothing but passes on the wish to stop.

    For a part of a stage: the part obeys, and the stage alone reports.
    """

    def __init__(self, watcher: Progress) -> None:
        self._watcher = watcher

    @property
    def stop_requested(self) -> bool:
        """Whether the work should stop at its next safe point."""
        return self._watcher.stop_requested

    def start(self, stage: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the steps."""


class StepsOnly(StopOnly):
    """A view of another progress that passes on steps and the wish to stop, and names no stage.

    For one of the pieces that a stage is made of.
    """

    def advance(self, steps: int = 1) -> None:
        """Pass on the steps."""
        self._watcher.advance(steps)
