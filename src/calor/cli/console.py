"""What the commands share: where people's text and machines' JSON go, and the progress bar.

Results go to stdout; progress, warnings and errors go to stderr. With `--json`, stdout carries one JSON
document and nothing else. Text is never markup: titles, names and paths are people's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.segment import Segment
from rich.text import Text

from calor.cli.signals import first_asks
from calor.core.plain_data import plain
from calor.core.plain_text import without_controls
from calor.core.progress import stop_if_requested

QUIET_SECONDS = 2.0
"""Work shorter than this shows no progress."""


NARROWEST = 20
"""Columns that are written at least, however narrow the terminal says it is: an interval needs them."""

USUAL_WIDTH = 80
"""Columns where the terminal says that it has none."""


class PlainConsole(Console):
    """A console for which text is text: no markup, no emoji codes, no control characters that act."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, markup=False, emoji=False, highlight=False, width=_width())

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of something printed, with control characters shown and not obeyed."""
        if isinstance(renderable, str):
            renderable = without_controls(renderable)
        elif isinstance(renderable, Text):
            renderable = renderable.copy()
            renderable.plain = without_controls(renderable.plain)  # as long as before: the styles fit
        yield from super().render(renderable, options)

    def render_str(self, text: str, **settings: Any) -> Text:
        """Return text to be measured and printed, with control characters shown."""
        return super().render_str(without_controls(text), **settings)


def console() -> Console:
    """Return the console for results (stdout)."""
    return PlainConsole(sys.stdout)


def error_console() -> Console:
    """Return the console for progress, warnings and errors (stderr)."""
    return PlainConsole(sys.stderr)


def _width() -> int | None:
    """Return the width that COLUMNS asks for, as far as text can be read in it; None: the terminal's."""
    asked = os.environ.get("COLUMNS", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    return max(int(asked), NARROWEST) if int(asked) else USUAL_WIDTH


def print_indented(text: str, depth: int, *, heading: bool = False) -> None:
    """Print plain text (no markup) with its wrapped lines under its first, two columns in per depth."""
    lines = Padding(Text(text, style="bold" if heading else ""), (0, 0, 0, 2 * depth), expand=False)
    console().print(lines)


def print_json(document: Any) -> None:
    """Write one JSON document to stdout; a number that is not finite is a fault, never written."""
    sys.stdout.write(json.dumps(plain(document), indent=2, allow_nan=False) + "\n")


class TerminalProgress:
    """Progress shown on stderr once work has lasted two seconds, with the time left.

    The first Ctrl-C asks the work to stop at its next safe point; a second one ends it at once.
    """

    def __init__(self) -> None:
        screen = error_console()
        self._bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,  # a file would get an empty line
        )
        self._began = time.monotonic()
        self._shown = False
        self._task: Any = None
        self.stop_requested = False

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of `total` steps."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(stage, total=total)

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the current stage are done."""
        if self._task is not None:
            self._bar.advance(self._task, steps)
        if not self._shown and time.monotonic() - self._began > QUIET_SECONDS:
            self._shown = True
            self._bar.start()

    def close(self) -> None:
        """Take the bar away."""
        if self._shown:
            self._bar.stop()

    def ask_to_stop(self) -> None:
        """Note that the user wants the work to stop."""
        self.stop_requested = True


@contextmanager
def watched() -> Iterator[TerminalProgress]:
    """Yield progress for the terminal, with Ctrl-C turned into the wish to stop.

    Raises Stopped where work without a safe point came to its end after the wish.
    """
    progress = TerminalProgress()
    with first_asks(progress.ask_to_stop):
        try:
            yield progress
            stop_if_requested(progress)
        finally:
            progress.close()
