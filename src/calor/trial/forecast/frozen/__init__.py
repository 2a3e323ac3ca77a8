"""Frozen forecasts, each in a dated file (a second one of a day ends in -2); none is ever changed."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

_FOLDER = Path(str(files("calor.trial.forecast.frozen")))


def latest_frozen() -> dict[str, Any] | None:
    """Return the forecasts that were frozen last, or None where none are."""
    paths = sorted(_FOLDER.glob("????-??-??*.json"), key=_when)
    if not paths:
        return None
    document: dict[str, Any] = json.loads(paths[-1].read_text(encoding="utf-8"))
    return document


def _when(path: Path) -> tuple[str, int]:
    """Return a file's date and its number on that day: as text, -10 would stand before -2."""
    day, number = path.stem[:10], path.stem[11:]
    return day, int(number or 1)
