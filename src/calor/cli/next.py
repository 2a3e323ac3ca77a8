"""`calor next`: which study would teach most."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.assignments import Assignment
from calor.cli.number_types import SEED, WORKERS, Number, Whole
from calor.cli.options import excludes, refuse_options
from calor.cli.trial_options import cluster_option
from calor.core.bounds import YEAR
from calor.core.errors import InputError
from calor.decision.run_bounds import BUDGET, PEOPLE, WORLDS

FILE = click.Path(path_type=Path, dir_okay=False)
_ASKING = (
    "QUESTION", "--candidates", "--grid", "--budget", "--portfolio", "--observed", "--known-before",
    "--posterior", "--worlds", "--people", "--set", "--seed", "--workers", "--cluster", "--out",
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
@click.option("--budget", type=Number(*BUDGET), default=None, help="No study may cost more.")
@click.option("--portfolio", type=Whole(2, 2), default=None, help="2: the best pair, and which to run first.")
@click.option("--observed", type=FILE, default=None, help="Results that were seen: believe them first.")
@click.option(
    "--known-before", type=Whole(*YEAR), default=None, metavar="YEAR",
    help="Only with what was known before; needs a posterior that was fitted so.",
)  # fmt: skip
@click.option(
    "--posterior", metavar="product|validation|prior|FILE", default=None,
    help="Where worlds are drawn from.  [default: product]",
)  # fmt: skip
@click.option(
    "--worlds", type=Whole(*WORLDS), default=None,
    help="Draws under each rival.  [default: all of the posterior]",
)  # fmt: skip
@click.option(
    "--people", type=Whole(*PEOPLE), default=None,
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
@cluster_option
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
    cluster: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say which study would teach most about QUESTION: a question file (.yaml), or the id of one that ships.

    Ranks the candidate studies by what the question asks for: an effect (share of its variance that a study
    would remove), rival explanations (probability of the one that holds) or a decision (net benefit). Each
    figure has its error, ties are shown, and it is said where no study under the budget would settle it.
    """
    from calor.cli import next_run as run  # what answers takes long to load, and help is given without it
    from calor.core.executors.opening import Workers

    if listed or only_money:
        flag = "--list" if listed else "--money"
        refuse_options(_ASKING, f"beside {flag}")
        run.list_questions(as_json) if listed else run.list_money(as_json)
        return
    if question is None:
        raise InputError.of(
            "names no question", key="QUESTION", hint="calor next --list, or calor new question"
        )
    asking = run.asking_of(
        run.question_of(question, candidates, grid=grid),
        scenario=run.scenario_of(posterior, known_before),
        assignments=assignments,
        size=run.Size(seed=seed, worlds=worlds, people=people),
        budget=budget,
        portfolio=portfolio is not None,
        observed=observed,
    )
    run.answer_question(asking, Workers(workers, cluster), question, out, as_json)
