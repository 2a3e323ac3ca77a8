"""The answers that ship: made once by `calor claims --run --out FILE`, read at once."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from calor.trial.claims.document import inputs_sha256
from calor.trial.claims.questions import FOLDER

ANSWERS = FOLDER / "answers.json"


@cache
def frozen_answers() -> dict[str, Any]:
    """Return the answers that ship, and as `current` whether model and questions are still the same."""
    document: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return {**document, "current": document["provenance"]["inputs_sha256"] == inputs_sha256()}
