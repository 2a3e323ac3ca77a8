"""The answers that ship: made once by `calor claims --run --out FILE`, read at once."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from calor.population.posteriors import Shipped, shipped_posterior
from calor.trial.claims.document import inputs_sha256
from calor.trial.claims.questions import FOLDER

ANSWERS = FOLDER / "answers.json"


@cache
def frozen_answers() -> dict[str, Any]:
    """Return the answers that ship, and as `current` whether model, questions and posterior are the same."""
    document: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    made_of = document["provenance"]
    posterior = shipped_posterior(Shipped.PRODUCT)
    same = made_of["posterior"]["file_sha256"] == (posterior.file_sha256 if posterior else None)
    return {**document, "current": same and made_of["inputs_sha256"] == inputs_sha256()}
