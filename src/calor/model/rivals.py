"""Rival explanations: restrictions on one model, each a set of parameters held at fixed values.

Two questions cross to 2 x 3 rivals. A rival is carried through every prediction; none is averaged away
before the data have weighed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path

from calor.core.documents import read_document


@dataclass(frozen=True)
class Answer:
    """One answer to one question: what it says, the parameters it sets, and facts that bear on it."""

    name: str
    says: str
    sets: Mapping[str, float]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Rival:
    """One explanation: an answer to each question. Its name joins theirs: `central-igg`."""

    answers: tuple[Answer, ...]

    @property
    def name(self) -> str:
        """The names of the answers, joined."""
        return "-".join(answer.name for answer in self.answers)

    @property
    def says(self) -> str:
        """The explanation in words."""
        return "; antibody that matters: ".join(answer.says for answer in self.answers)

    @property
    def sets(self) -> dict[str, float]:
        """The parameters that this rival holds at fixed values."""
        return {name: value for answer in self.answers for name, value in answer.sets.items()}


@cache
def load_rivals() -> tuple[Rival, ...]:
    """Return the rival explanations that ship with calor, in a fixed order."""
    document = read_document(Path(str(files("calor.model"))) / "data" / "rivals.yaml")
    questions = [
        [
            Answer(name, answer["says"], answer["sets"], tuple(answer["evidence"]))
            for name, answer in question.items()
            if name != "asks"
        ]
        for question in document.data["questions"].values()
    ]
    return tuple(Rival(answers) for answers in product(*questions))
