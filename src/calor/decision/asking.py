"""A question asked: believe, update by what was observed, compare, pair, say what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calor.core.documents import LARGEST_DOCUMENT_BYTES
from calor.core.progress import Progress
from calor.core.provenance import sha256_of_text
from calor.core.text_files import read_text_file
from calor.core.versions import versions
from calor.decision.believed import Size, believe
from calor.decision.comparison import Comparison, compare
from calor.decision.document import document_of
from calor.decision.information.partial import KnownGroups, evppi_by_group, share_by_group
from calor.decision.money.figures import Money
from calor.decision.observing import Updating, posterior_after, read_results, updated
from calor.decision.portfolio import Portfolio, portfolio_of
from calor.decision.questions.reading import Question
from calor.population.posterior import Posterior
from calor.store.pieces import NOT_KEPT, Pieces
from calor.trial.bank.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How a question is asked.

    Arguments: the question; where worlds are drawn from; the numbers behind money; how large; the most that a
    study may cost; whether pairs are asked for; a file of results that were seen; and where finished pieces
    are kept.
    """

    question: Question
    scenario: Scenario
    money: Money
    size: Size
    budget: float | None = None
    portfolio: bool = False
    observed: Path | None = None
    pieces: Pieces = NOT_KEPT

    def to_document(self) -> dict[str, Any]:
        """Return all that the answer depends on as JSON-like data; files count by what is in them."""
        question, size = self.question, self.size
        return {
            "question": question.file.model_dump(mode="json"),
            "candidates": [[each.name, each.patients, each.look.key] for each in question.candidates],
            "posterior": self.scenario.origin(),
            "money": [figure.document() for figure in self.money.figures.values()],
            "worlds": size.worlds,
            "people": size.people,
            "observed": None if self.observed is None else _sha256_of_file(self.observed),
        }


def origin_of(asking: Asking, question: Path) -> dict[str, Any]:
    """Return what an answer was made of, besides what is asked: the seed, versions, the question's file."""
    return {"seed": asking.size.seed, "versions": versions(), "question_file": str(question)}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found; `posterior` is what observed results leave, None where nothing was observed."""

    comparison: Comparison
    known: KnownGroups | None
    portfolio: Portfolio | None
    updating: Updating | None
    posterior: Posterior | None

    def document(self, provenance: dict[str, Any]) -> dict[str, Any]:
        """Return everything as one JSON document. Arguments: what it was made of and when."""
        worlds = self.comparison.believed.worlds
        size = {"worlds": len(worlds), "draws": worlds.draws}
        return document_of(self.comparison, self.known, self.portfolio, self.updating, {**provenance, **size})


def _sha256_of_file(path: Path) -> str:
    return sha256_of_text(read_text_file(path, LARGEST_DOCUMENT_BYTES))


def answer(asking: Asking, progress: Progress) -> Answer:
    """Return the answer to a question.

    Raises InputError and UnsupportedError for what cannot be asked, Stopped when the watcher asked to stop.
    """
    question, size = asking.question, asking.size
    results = read_results(asking.observed, question.about) if asking.observed else ()
    also = tuple(result.candidate for result in results)
    believed = believe(
        question, asking.scenario, asking.money, size, progress, also=also, pieces=asking.pieces
    )
    updating = updated(believed, results) if results else None
    if updating is not None:
        believed = updating.believed
    comparison = compare(believed, asking.money, asking.budget, size.seed, progress, asking.pieces)
    return Answer(
        comparison=comparison,
        known=_known(comparison, size.seed, progress),
        portfolio=portfolio_of(comparison, size.seed, progress) if asking.portfolio else None,
        updating=updating,
        posterior=None if updating is None else posterior_after(updating),
    )


def _known(comparison: Comparison, seed: int, progress: Progress) -> KnownGroups | None:
    """Return what is not known by what it costs; between rivals it is the rivals that are asked for."""
    believed = comparison.believed
    if believed.question.kind == "rivals":
        return None
    progress.start("what is not known", 1)
    if believed.decision is not None:
        return evppi_by_group(
            believed.draws, believed.decision, believed.groups, comparison.resamples, seed=seed
        )
    return share_by_group(believed.draws, believed.groups, comparison.resamples, seed=seed)
