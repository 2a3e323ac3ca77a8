"""What only people can say about the use of a prediction, as a file: its schema and a template."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from calor.core.documents import read_document, validate
from calor.core.part import Part

Level = Literal["low", "medium", "high"]


class Judged(Part):
    """A level with the reason for it."""

    level: Level
    because: str = Field(min_length=1, max_length=2000)


class Credibility(Part):
    """What people say of the use of a prediction; every part may be left out and is then blank.

    `question_of_interest`: where it is not the protocol's. `context_of_use`: the role and scope of the model,
    and with what other evidence. `model_influence`: the weight of the prediction in the decision beside other
    evidence. `consequence_of_wrong_decision`: how bad a wrong decision would be, and how likely it does harm.
    `model_risk`: needed where these two differ, since a person then weighs them. `model_impact`: how far the
    use of the model departs from regulatory standards or expectations. `technical_criteria`: what had to be
    met, fixed before the run. `appropriateness`: why a model can answer the question. `outcome`: whether the
    results count as evidence.
    """

    question_of_interest: str | None = Field(default=None, max_length=2000)
    context_of_use: str | None = Field(default=None, max_length=5000)
    model_influence: Judged | None = None
    consequence_of_wrong_decision: Judged | None = None
    model_risk: Judged | None = None
    model_impact: Judged | None = None
    technical_criteria: tuple[str, ...] = Field(default=(), max_length=50)
    appropriateness: str | None = Field(default=None, max_length=5000)
    outcome: str | None = Field(default=None, max_length=5000)


TEMPLATE = """\
# What only people can say about the use of a prediction, in the terms of ICH M15 (final, January 2026). Leave
# out what is not known: the report then says that it is blank. Use it with:
# calor report RUN --credibility FILE

# The question of interest, where it is not the protocol's own:
# question_of_interest: Should the early trial of immunoglobulin be funded?

# The role and scope of the model in answering it, and beside what other evidence:
# context_of_use: >-
#   To choose the number of patients of the trial; the decision to run it rests on clinical evidence.

# The weight of the prediction in the decision, beside other evidence (low, medium, high), and why:
# model_influence: {level: medium, because: "the size rests on it, not the decision to run the trial"}

# How bad a wrong decision would be, and how likely it is to do harm (low, medium, high), and why:
# consequence_of_wrong_decision: {level: high, because: a trial too small exposes people for nothing}

# The risk that follows from these two; needed where they differ (low, medium, high), and why:
# model_risk: {level: medium, because: "the size can be changed at the interim look"}

# How far this use of a model departs from regulatory standards or expectations (low, medium, high), and why:
# model_impact: {level: low, because: "simulation of a design's operating characteristics is expected"}

# What had to be met, fixed before the run:
# technical_criteria:
#   - The type I error is held at every corner of the nuisance parameters.

# Why a model is suitable for answering the question:
# appropriateness: No trial of this size can be run to choose the size of a trial.

# Whether the results are taken as evidence on the question, by the team that assessed all of the above:
# outcome: The size is taken as supported; the effect itself is not.

{}
"""


def read_credibility(path: Path) -> Credibility:
    """Return what a person said of the use of a prediction. Raises InputError for what is no such file."""
    return validate(read_document(path), Credibility)
