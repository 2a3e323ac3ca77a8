"""A question as a form or an address asks it, read by the rules of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from calor.core.errors import InputError
from calor.population.traits import DURATION_MONTHS, PAIN, Cytokines, Phenotype, Traits
from calor.report.explore.question import MOST_TREATMENTS, WEEKS, Question, treatments_of

Word = TypeVar("Word", bound=StrEnum)

ANTIBODY = {"yes": True, "no": False}


@dataclass(frozen=True)
class Asked:
    """What a form holds, as it was typed; an empty text is any."""

    duration_months: str = "3"
    phenotype: str = ""
    cytokines: str = ""
    antibody: str = ""
    pain_at_least: str = ""
    weeks: str = "12"
    drug: Sequence[str] = field(default=())
    regimen: Sequence[str] = field(default=())

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The drugs with their regimens, with empty ones up to as many as may be asked for."""
        given = list(zip(self.drug, self.regimen, strict=False))[:MOST_TREATMENTS]
        return [*given, *[("", "")] * (MOST_TREATMENTS - len(given))]

    def question(self) -> Question:
        """Return the question. Raises InputError, naming the option, for what cannot be read."""
        pain = self.pain_at_least.strip()
        antibody = _choice(self.antibody, ANTIBODY, "--antibody")
        traits = Traits(
            DURATION_MONTHS.number(_number(self.duration_months, "--duration-months"), "--duration-months"),
            _word(Phenotype, self.phenotype, "--phenotype"),
            _word(Cytokines, self.cytokines, "--cytokines"),
            None if antibody is None else ANTIBODY[antibody],
            PAIN.number(_number(pain, "--pain-at-least"), "--pain-at-least") if pain else None,
        )
        weeks = _choice(self.weeks, [str(each) for each in WEEKS], "weeks")
        if weeks is None:
            raise InputError.of("is empty", key="weeks", allowed=", ".join(map(str, WEEKS)))
        return Question(traits, treatments_of(self.drug, self.regimen), int(weeks))


def _number(text: str, key: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError.of(f"{text!r} is not a number", key=key, allowed="a number, as 0.5") from None


def _word(words: type[Word], text: str, key: str) -> Word | None:
    chosen = _choice(text, list(words), key)
    return None if chosen is None else words(chosen)


def _choice(text: str, allowed: Iterable[str], key: str) -> str | None:
    words = [str(each) for each in allowed]
    if not text:
        return None
    if text not in words:
        raise InputError.of(f"is {text!r}", key=key, allowed=", ".join(words))
    return text
