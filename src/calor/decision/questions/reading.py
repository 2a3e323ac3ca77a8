"""Question files and files of candidates: read, checked, and expanded to the studies that are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import Document, Key, read_document, validate
from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.decision.bank.trial_look import TrialLook
from calor.decision.candidates.candidate import Candidate, Refused, not_followed
from calor.decision.candidates.expansion import AboutQuestion, expanded
from calor.decision.candidates.variation import placed_problems, trial_document, varied
from calor.decision.questions.question import (
    CandidateList,
    DecisionQuestion,
    Effect,
    QuantityQuestion,
    QuestionFile,
)
from calor.study import Protocol, Subgroup
from calor.study.comparisons import Comparison
from calor.trial.protocols.layout import layout_of

INTERACTION = "interaction"
"""What a question names where it asks for what two treatments do together, instead of an arm."""

GENERAL_GRID = Path(str(files("calor.decision.questions"))) / "grid.yaml"


@dataclass(frozen=True)
class AskedEffect:
    """An effect as a question asks for it.

    Arguments: the trial whose question defines it; which of its contrasts; the hazards that its drugs ask to
    be provided for; and the subgroup in which it may be larger than elsewhere, where that is asked.
    """

    protocol: Protocol
    contrast: int
    hazards: tuple[str, ...]
    more_in: Subgroup | None = None

    @property
    def look(self) -> TrialLook:
        """What the effect needs of the bank."""
        return TrialLook(self.protocol, true=True, more_in=self.more_in)

    @property
    def comparison(self) -> Comparison:
        """The comparison of arms that is asked for."""
        return layout_of(self.protocol).comparisons[self.contrast]

    def asked_of(self, means: Numbers) -> Numbers:
        """Return what is asked for, (n_worlds, 2), from what the look sees (n_worlds, 2, n_statistics)."""
        found = means[:, :, self.contrast]
        if self.more_in is None:
            return np.asarray(found)
        return np.asarray(found - means[:, :, self.contrast + len(layout_of(self.protocol).comparisons)])

    @property
    def about(self) -> AboutQuestion:
        """What of the question candidates take."""
        return AboutQuestion(self.protocol.population, self.more_in)

    @property
    def sign(self) -> float:
        """What turns a contrast into a benefit: -1 where less is better."""
        return -1.0 if self.protocol.endpoint.less_is_better else 1.0

    @property
    def words(self) -> str:
        """The effect in words."""
        trial, asked = self.protocol, self.comparison
        months = trial.population.duration_months
        plain = asked.label == f"{asked.arm} minus {trial.control_name}"
        told = f"benefit of {asked.arm} over {trial.control_name}" if plain else f"benefit of {asked.label}"
        if trial.design.run_in is not None:
            told += " in those who respond to the run-in"
        if self.more_in is not None:
            told = f"how much larger where {self.more_in.words} than elsewhere: {told}"
        return (
            f"{told}, {trial.endpoint.words} "
            f"({trial.endpoint.unit}), {months.at_least:g} to {months.at_most:g} months after the injury"
        )


@dataclass(frozen=True)
class Question:
    """A question with everything that it names: the file, the effect (None for rivals), the candidates."""

    file: QuestionFile
    effect: AskedEffect | None
    candidates: tuple[Candidate, ...]

    @property
    def kind(self) -> str:
        """quantity, rivals or decision."""
        asked = self.file.question
        return "rivals" if asked.rivals else ("decision" if asked.decision else "quantity")

    @property
    def about(self) -> AboutQuestion | None:
        """What of the question candidates take, None where no effect is asked for."""
        return None if self.effect is None else self.effect.about


def read_question(path: Path, candidates: Path | None = None, *, general_grid: bool = False) -> Question:
    """Read a question file.

    Arguments: the file; a file of candidates to take instead of its own; whether to take the general grid
    instead. Raises InputError with every problem, its line and key, and UnsupportedError for what calor
    cannot do, by name.
    """
    return question_of(read_document(path), path.parent, candidates, general_grid=general_grid)


def question_of(
    document: Document, folder: Path, candidates: Path | None = None, *, general_grid: bool = False
) -> Question:
    """Return the question in a document, whose paths are from a folder. Raises as `read_question` does."""
    file = validate(document, QuestionFile)
    asked = file.question.effect
    kind = "decision" if file.question.decision else "quantity"
    effect = None if asked is None else _effect(asked, document, folder, kind)
    about = None if effect is None else effect.about
    if candidates is None and not general_grid and file.candidates:
        return Question(file, effect, expanded(file.candidates, document, folder, about))
    source = candidates or GENERAL_GRID
    listed = read_document(source)
    entries = validate(listed, CandidateList).candidates
    return Question(file, effect, expanded(entries, listed, source.parent, about))


def _effect(asked: Effect, document: Document, folder: Path, kind: str) -> AskedEffect:
    key = ("question", kind)
    try:
        found = varied(trial_document(asked.like, folder), asked.change)
    except ReportedError as error:
        place = (*key, "change") if asked.change else (*key, "like")
        raise type(error)(placed_problems(error, document, place)) from None
    protocol = found.protocol
    refused = [*not_followed(protocol), *_undecided(asked, protocol)]
    if refused:
        raise UnsupportedError([document.problem((*key, "like"), what, hint=hint) for what, hint in refused])
    contrast = _contrast(asked, protocol, document, key)
    more_in = asked.more_in if isinstance(asked, QuantityQuestion) else None
    return AskedEffect(protocol, contrast, found.hazards, more_in)


def _undecided(asked: Effect, protocol: Protocol) -> Iterator[Refused]:
    """Yield why a decision cannot be valued by the quality of life that its trial gains."""
    if isinstance(asked, DecisionQuestion) and asked.value is None and protocol.design.run_in is not None:
        yield (
            f"life years of a {protocol.design.type} design: who responds to a run-in is known after it",
            "give value: money for each unit of benefit",
        )


def _contrast(asked: Effect, protocol: Protocol, document: Document, key: Key) -> int:
    """Return which of a trial's comparisons is asked for, by its arm."""
    comparisons = layout_of(protocol).comparisons
    names = [comparison.arm or INTERACTION for comparison in comparisons]
    name = asked.arm or (names[0] if len(names) == 1 else None)
    if name not in names:
        what = "has several active arms: name one (arm)" if asked.arm is None else f"arm is {asked.arm!r}"
        raise InputError([document.problem((*key, "arm"), what, allowed=", ".join(names))])
    found = names.index(name)
    if isinstance(asked, DecisionQuestion) and comparisons[found].arm is None:
        what = f"{comparisons[found].label} is nothing to give"
        allowed = ", ".join(comparison.arm for comparison in comparisons if comparison.arm)
        raise InputError([document.problem((*key, "arm"), what, allowed=allowed)])
    return found
