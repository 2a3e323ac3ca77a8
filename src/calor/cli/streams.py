"""The three streams of the process, made fit for any terminal."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from calor.core.plain_text import ERRORS


def prepare_streams() -> None:
    """Let stdout and stderr spell out what their encoding lacks, and stand in for those that are closed."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def silence(stream: TextIO) -> None:
    """Write what is pending; where that fails let it go nowhere, so that nothing fails again at the end."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with _nowhere() as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")
