"""`calor next`: which study would teach most."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from calor.cli.assignments import Assignment, assigned
from calor.cli.console import console, error_console, print_json, show_parts, watched
from calor.cli.number_types import SEED, WORKERS, Number, Whole
from calor.cli.options import excludes, refuse_options
from calor.core.errors import InputError, UnsupportedError
from calor.core.versions import versions
from calor.decision.asking import Asking, answer
from calor.decision.believed import Size
from calor.decision.money.figures import default_figures, money_with
from calor.decision.questions.reading import read_question
from calor.decision.questions.shipped import question_path, shipped_questions
from calor.population.posterior import Posterior, known_before_year
from calor.population.posteriors import Shipped
from calor.report.next_table import print_next
from calor.report.tables import Table, label, number, words
from calor.store.run_folder import run_folder_if_named
from calor.trial.bank.scenario import Scenario
from calor.trial.runs.named import posterior_of
from calor.trial.runs.provenance import occasion_of

FILE = click.Path(path_type=Path, dir_okay=False)
_ASKING = (
    "QUESTION", "--candidates", "--grid", "--budget", "--portfolio", "--observed", "--known-before",
    "--posterior", "--worlds", "--people", "--set", "--seed", "--workers", "--out",
)  # fmt: skip


@click.command(
    "next",
    epilog="Examples: calor next --list · calor next which-antibody · "
    "calor next my-question.yaml --budget 1e6 --portfolio 2 --out answer",
)
@click.argument("question", metavar="[QUESTION]", required=False)
@click.option("--list", "listed", is_flag=True, help="List the questions that ship, and stop.")
@click.option("--money", "only_money", is_flag=True, help="List every number behind money, and stop.")
@click.option("--candidates", type=FILE, default=None, help="Choose from the studies of this file instead.")
@click.option("--grid", is_flag=True, help="Choose from the general grid of studies instead.")
@click.option("--budget", type=Number(0, above=True), default=None, help="No study may cost more.")
@click.option("--portfolio", type=Whole(2, 2), default=None, help="2: the best pair, and which to run first.")
@click.option("--observed", type=FILE, default=None, help="Results that were seen: believe them first.")
@click.option(
    "--known-before", type=Whole(1990, 2100), default=None, metavar="YEAR",
    help="Only with what was known before; needs a posterior that was fitted so.",
)  # fmt: skip
@click.option(
    "--posterior", metavar="product|validation|prior|FILE", default=None,
    help="Where worlds are drawn from.  [default: product]",
)  # fmt: skip
@click.option(
    "--worlds", type=Whole(10, 10_000), default=None,
    help="Draws under each rival.  [default: all of the posterior]",
)  # fmt: skip
@click.option(
    "--people", type=Whole(8, 400), default=None,
    help="Eligible people in a world.  [default: 20; for a decision 170]",
)  # fmt: skip
@click.option(
    "--set", "assignments", type=Assignment(), multiple=True, metavar="KEY=VALUE",
    help="A number behind money at another value; may be repeated (--money lists them).",
)  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of every random number.")
@click.option(
    "--workers", type=WORKERS, default=None, help="Threads; changes no number.  [default: all cores]"
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Write a run folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@excludes("--candidates", "--grid")
@excludes("--list", "--money")
def command(
    question: str | None,
    listed: bool,
    only_money: bool,
    candidates: Path | None,
    grid: bool,
    budget: float | None,
    portfolio: int | None,
    observed: Path | None,
    known_before: int | None,
    posterior: str | None,
    worlds: int | None,
    people: int | None,
    assignments: tuple[tuple[str, float], ...],
    seed: int,
    workers: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say which study would teach most about QUESTION: a question file (.yaml), or the id of one that ships.

    Ranks the candidate studies by what the question asks for: an effect (share of its variance that a study
    would remove), rival explanations (probability of the one that holds) or a decision (net benefit). Each
    figure has its error, ties are shown, and it is said where no study under the budget would settle it.
    """
    if listed or only_money:
        flag = "--list" if listed else "--money"
        refuse_options(_ASKING, f"beside {flag}")
        _list_questions(as_json) if listed else _list_money(as_json)
        return
    if question is None:
        raise InputError.of(
            "names no question", key="QUESTION", hint="calor next --list, or calor new question"
        )
    path = question_path(question)
    if people is not None and people % 2:
        raise InputError.of(f"--people is {people}", allowed="an even number: half stand in each half")
    asked = read_question(path, candidates, general_grid=grid)
    asking = Asking(
        question=asked,
        scenario=_scenario(posterior, known_before),
        money=money_with(asked.file.money, assigned(assignments)),
        size=Size(seed=seed, workers=workers or os.cpu_count() or 1, worlds=worlds, people=people),
        budget=budget or asked.file.budget,
        portfolio=portfolio is not None,
        observed=observed,
    )
    _answer(asking, path, out, as_json)


def _answer(asking: Asking, path: Path, out: Path | None, as_json: bool) -> None:
    """Answer a question, write its run folder where one is named, and print it."""
    began, clock = datetime.now(UTC), time.monotonic()
    with run_folder_if_named(out) as inside:
        with watched() as progress:
            found = answer(asking, progress)
        made_of = {"seed": asking.size.seed, "versions": versions(), "question_file": str(path)}
        document = found.document({**made_of, **occasion_of(began, clock, out)})
        if inside is not None:
            from calor.report.next_run import save_next  # what draws takes long to load

            save_next(document, found.comparison, found.posterior, inside)
    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow")
    if as_json:
        print_json(document)
    else:
        print_next(document, console())
    if out is not None:
        error_console().print(f"run folder: {out}", soft_wrap=True)


def _scenario(name: str | None, known_before: int | None) -> Scenario:
    """Return where worlds are drawn from: a posterior by name, or the one of what was known before a year."""
    if known_before is None:
        return Scenario(posterior_of(name))
    ships = Shipped.KNOWN_BEFORE_2013
    posterior = posterior_of(
        ships if name is None and known_before == known_before_year(str(ships)) else name
    )
    if posterior is not None:
        _refuse_what_was_known_later(posterior, known_before)
    return Scenario(posterior)


def _refuse_what_was_known_later(posterior: Posterior, year: int) -> None:
    """Raise UnsupportedError where a posterior may rest on what was found in a year or later."""
    known = known_before_year(str(posterior.made_of.get("kind", "")))
    if known is None or known > year:
        raise UnsupportedError.of(
            f"the posterior {posterior.name} was not fitted to what was known before {year}",
            key="--known-before",
            allowed="a posterior that was (--posterior FILE; that of 2013 ships), or --posterior prior",
            hint=f"make one: calor calibrate --known-before {year} --out fit",
        )


def _list_questions(as_json: bool) -> None:
    questions = shipped_questions()
    if as_json:
        print_json({"questions": [question.model_dump(mode="json") for question in questions]})
        return
    rows = [(question.id, question.title) for question in questions]
    show_parts([Table((label("id"), words("question")), rows, framed=False)])


def _list_money(as_json: bool) -> None:
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
