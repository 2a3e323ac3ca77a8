"""What is known of calor's own tests: a summary that `make verification` writes and the wheel ships."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def verification() -> dict[str, Any]:
    """Return the summary: date, commit, tests by area, and the numbers that other tools computed."""
    text = (files("calor.report") / "verification.json").read_text(encoding="utf-8")
    summary: dict[str, Any] = json.loads(text)
    return summary
