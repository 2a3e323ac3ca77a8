"""The next study worth running: candidate studies ranked by what they would teach about a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import held_values, posterior_from, seed_of, workers_of
from calor.core.bounds import YEAR
from calor.core.executors import Threads

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.api.posteriors import Posterior
    from calor.decision.asking import Answer
    from calor.decision.believed import Size
    from calor.decision.questions.reading import Question
    from calor.report.tables import Table
    from calor.trial.bank.scenario import Scenario


@dataclass(frozen=True, repr=False)
class NextStudy(Result):
    """Studies ranked by what they would teach. Arguments: what was found, the document of `calor next`."""

    found: Answer
    document: dict[str, Any]

    @property
    def answer(self) -> str:
        """What to run next, in a sentence, or that nothing settles the question."""
        return str(self.document["answer"])

    @property
    def worlds(self) -> pd.DataFrame:
        """One row a world: its explanation, weight, the quantity by half, and what each study expects."""
        from calor.report.next_run import world_frame

        return world_frame(self.found.comparison, self.document["status"])

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a candidate study, best first, each figure with its Monte Carlo error."""
        from calor.report.next_run import ranking_frame

        return ranking_frame(self.document)

    def plot(self) -> Figure:
        """Return the figure of `calor next`: what each study teaches, and what is not known."""
        from calor.report.next_figure import draw_next

        return draw_next(self.document)

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.next_table import next_parts

        yield from next_parts(self.document)


def next_study(
    question: str | Path,
    *,
    candidates: str | Path | None = None,
    grid: bool = False,
    budget: float | None = None,
    portfolio: bool = False,
    observed: str | Path | None = None,
    known_before: int | None = None,
    posterior: Posterior | str | Path | None = None,
    worlds: int | None = None,
    people: int | None = None,
    set: Mapping[str, float] | None = None,
    seed: int = 1,
    workers: int | None = None,
) -> NextStudy:
    """Say which study would teach most about a question, as `calor next` does.

    Arguments: a question file or the id of one that ships; a file of studies to choose from, or the general
    grid, instead of the question's own; the most that a study may cost; whether the best pair is asked for; a
    file of results that were seen; the year before which everything must have been known; the posterior
    (name, file or `prior`; without: `product`, or the one known before that year); draws under each rival;
    eligible people in a world; numbers behind money at another value; the seed; threads (they change no
    number).
    Raises InputError for a setting out of bounds or what cannot be read, UnsupportedError for what calor
    cannot do.
    """
    from calor.core.progress import SILENT
    from calor.decision.asking import Asking, answer, origin_of
    from calor.decision.money.figures import money_with
    from calor.decision.questions.shipped import question_path
    from calor.decision.run_bounds import BUDGET

    path = question_path(str(question))
    read = _question(path, candidates, grid)
    asking = Asking(
        question=read,
        scenario=_scenario(posterior, known_before),
        money=money_with(read.file.money, held_values(set)),
        size=_size(seed, workers, worlds, people),
        budget=read.file.budget if budget is None else BUDGET.number(budget, "--budget"),
        portfolio=portfolio,
        observed=None if observed is None else Path(observed),
    )
    found = answer(asking, SILENT)
    return NextStudy(found, found.document(origin_of(asking, path)))


def _question(path: Path, candidates: str | Path | None, grid: bool) -> Question:
    from calor.core.errors import InputError
    from calor.decision.questions.reading import read_question

    if candidates is not None and grid:
        raise InputError.of("cannot be given beside --grid", key="--candidates")
    return read_question(path, None if candidates is None else Path(candidates), general_grid=grid)


def _size(seed: int, workers: int | None, worlds: int | None, people: int | None) -> Size:
    from calor.decision.believed import Size
    from calor.decision.run_bounds import PEOPLE, WORLDS

    return Size(
        seed=seed_of(seed),
        executor=Threads(workers_of(workers)),
        worlds=None if worlds is None else WORLDS.whole(worlds, "--worlds"),
        people=None if people is None else PEOPLE.whole(people, "--people"),
    )


def _scenario(posterior: Posterior | str | Path | None, known_before: int | None) -> Scenario:
    from calor.trial.runs.named import known_scenario, scenario_of

    year = None if known_before is None else YEAR.whole(known_before, "--known-before")
    if posterior is None:
        return scenario_of(None, year)
    return known_scenario(posterior_from(posterior), year)
