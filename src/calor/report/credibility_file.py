"""What only a person can say about the use of a prediction, as a file: its schema and a template."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from calor.core.documents import read_document, validate
from calor.core.part import Part

Level = Literal["low", "medium", "high"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high")


class Judged(Part):
    """A level with the reason for it."""

    level: Level
    because: str = Field(min_length=1, max_length=2000)


class Credibility(Part):
    """What a person says of the use of a prediction; every part may be left out and is then blank.

    `question`: the question of interest, where it is not the protocol's. `context_of_use`: what the
    prediction is used for, and with what other evidence. `model_influence`: how much the decision leans on
    it. `consequence_of_wrong_decision`: how bad a wrong decision would be. `criteria`: what had to be met,
    fixed before the run.
    """

    question: str | None = Field(default=None, max_length=2000)
    context_of_use: str | None = Field(default=None, max_length=5000)
    model_influence: Judged | None = None
    consequence_of_wrong_decision: Judged | None = None
    criteria: tuple[str, ...] = Field(default=(), max_length=50)


TEMPLATE = """\
# What only a person can say about the use of a prediction (ICH M15, ASME V&V40). Leave out what is not known:
# the report then says that it is blank. Use it with: calor report RUN --credibility FILE

# The question of interest, where it is not the protocol's own:
# question: Should the early trial of immunoglobulin be funded?

# What the prediction is used for, and beside what other evidence:
# context_of_use: >-
#   To choose the number of patients of the trial; the decision to run it rests on clinical evidence.

# How much the decision leans on the prediction (low, medium, high), and why:
# model_influence: {level: medium, because: "the size rests on it, not the decision to run the trial"}

# How bad a wrong decision would be (low, medium, high), and why:
# consequence_of_wrong_decision: {level: medium, because: a trial too small exposes people for nothing}

# What had to be met, fixed before the run:
# criteria:
#   - The type I error is held at every corner of the nuisance parameters.

{}
"""


def read_credibility(path: Path) -> Credibility:
    """Return what a person said of the use of a prediction. Raises InputError for what is no such file."""
    return validate(read_document(path), Credibility)
