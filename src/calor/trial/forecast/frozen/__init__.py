"""Frozen forecasts, one file a date; a file that is here is never changed."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

_FOLDER = Path(str(files("calor.trial.forecast.frozen")))


def latest_frozen() -> dict[str, Any] | None:
    """Return the forecasts that were frozen last, or None where none are."""
    paths = sorted(_FOLDER.glob("????-??-??.json"))
    if not paths:
        return None
    document: dict[str, Any] = json.loads(paths[-1].read_text(encoding="utf-8"))
    return document
