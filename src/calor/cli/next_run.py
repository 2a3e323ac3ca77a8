"""What `calor next` does once it is asked: reads the question, answers it, prints and keeps the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from calor.cli.assignments import assigned
from calor.cli.console import console, error_console, print_json, show_parts
from calor.cli.running import Made, Work, requested, run_if_named
from calor.core.executors.opening import Workers
from calor.decision.asking import Asking, answer, origin_of
from calor.decision.believed import Size
from calor.decision.money.figures import default_figures, money_with
from calor.decision.questions.reading import Question, read_question
from calor.decision.questions.shipped import question_path, shipped_questions
from calor.report.next_table import print_next
from calor.report.tables import Table, label, number, words
from calor.trial.bank.scenario import Scenario
from calor.trial.runs.named import scenario_of

__all__ = [
    "Size",
    "answer_question",
    "asking_of",
    "list_money",
    "list_questions",
    "question_of",
    "scenario_of",
]


def question_of(name: str, candidates: Path | None, *, grid: bool) -> Question:
    """Return the question of a file or of an id that ships, with its candidates or others."""
    return read_question(question_path(name), candidates, general_grid=grid)


def asking_of(
    question: Question,
    *,
    scenario: Scenario,
    assignments: tuple[tuple[str, float], ...],
    size: Size,
    budget: float | None,
    portfolio: bool,
    observed: Path | None,
) -> Asking:
    """Return everything that is asked; raises InputError for a number behind money that does not exist."""
    return Asking(
        question=question,
        scenario=scenario,
        money=money_with(question.file.money, assigned(assignments)),
        size=size,
        budget=budget or question.file.budget,
        portfolio=portfolio,
        observed=observed,
    )


def answer_question(asking: Asking, workers: Workers, name: str, out: Path | None, as_json: bool) -> None:
    """Answer a question, write its run folder where one is named, and print it."""

    def make(work: Work) -> Made:
        with workers.threads() as executor:
            size = replace(asking.size, executor=executor)
            found = answer(replace(asking, pieces=work.pieces, size=size), work.progress)
        document = found.document(origin_of(asking, question_path(name)))
        from calor.report.next_run import save_next  # what draws takes long to load

        left = None if found.posterior is None else replace(found.posterior, date=work.day)
        return Made(document, lambda target: save_next(document, found.comparison, left, target))

    request = requested("next", name, asking.to_document(), workers.here)
    document = run_if_named(out, request, make)
    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow")
    if as_json:
        print_json(document)
    else:
        print_next(document, console())
    if out is not None:
        error_console().print(f"run folder: {out}", soft_wrap=True)


def list_questions(as_json: bool) -> None:
    """Print the questions that ship."""
    questions = shipped_questions()
    if as_json:
        print_json({"questions": [question.model_dump(mode="json") for question in questions]})
        return
    rows = [(question.id, question.title) for question in questions]
    show_parts([Table((label("id"), words("question")), rows, framed=False)])


def list_money(as_json: bool) -> None:
    """Print every number behind money with its source and grade."""
    figures = default_figures().values()
    if as_json:
        print_json({"money": [figure.document() for figure in figures]})
        return
    rows = [
        (figure.key, f"{figure.value:,g}", figure.unit, f"{figure.words} [{figure.grade}: {figure.source}]")
        for figure in figures
    ]
    columns = (label("key"), number("value"), words("unit"), words("what it is", greedy=True))
    show_parts([Table(columns, rows, framed=False)])
