"""Question files and files of candidates: read, checked, and expanded to the studies that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.decision.bank.looks import TrialLook
from calor.decision.candidates.candidate import Candidate, unsupported
from calor.decision.candidates.expansion import expanded
from calor.decision.candidates.variation import placed_problems, trial_document, varied
from calor.decision.questions.question import CandidateList, Effect, QuestionFile
from calor.study import Protocol
from calor.trial.protocols.layout import layout_of

GENERAL_GRID = Path(str(files("calor.decision.questions"))) / "grid.yaml"


@dataclass(frozen=True)
class AskedEffect:
    """An effect as a question asks for it.

    Arguments: the trial whose question defines it; which of its contrasts; the arm's name; and the hazards
    that its drugs ask to be provided for.
    """

    protocol: Protocol
    contrast: int
    arm: str
    hazards: tuple[str, ...]

    @property
    def look(self) -> TrialLook:
        """What the effect needs of the bank."""
        return TrialLook(self.protocol, true=True)

    @property
    def sign(self) -> float:
        """What turns a contrast into a benefit: -1 where less is better."""
        return -1.0 if self.protocol.endpoint.less_is_better else 1.0

    @property
    def words(self) -> str:
        """The effect in words."""
        trial = self.protocol
        months = trial.population.duration_months
        return (
            f"benefit of {self.arm} over {trial.control_name}, {trial.endpoint.words} "
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
    population = effect.protocol.population if effect else None
    if candidates is None and not general_grid and file.candidates:
        return Question(file, effect, expanded(file.candidates, document, folder, population))
    source = candidates or GENERAL_GRID
    listed = read_document(source)
    entries = validate(listed, CandidateList).candidates
    return Question(file, effect, expanded(entries, listed, source.parent, population))


def _effect(asked: Effect, document: Document, folder: Path, kind: str) -> AskedEffect:
    key = ("question", kind)
    try:
        found = varied(trial_document(asked.like, folder), asked.change)
    except ReportedError as error:
        place = (*key, "change") if asked.change else (*key, "like")
        raise type(error)(placed_problems(error, document, place)) from None
    protocol = found.protocol
    refused = list(unsupported(protocol))
    if refused:
        raise UnsupportedError([document.problem((*key, "like"), each) for each in refused])
    active = [protocol.arms[place].name for place in layout_of(protocol).actives]
    name = asked.arm or (active[0] if len(active) == 1 else None)
    if name not in active:
        what = "has several active arms: name one (arm)" if asked.arm is None else f"arm is {asked.arm!r}"
        raise InputError([document.problem((*key, "arm"), what, allowed=", ".join(active))])
    return AskedEffect(protocol, active.index(str(name)), str(name), found.hazards)
