"""`calor model facts`: the untreated virtual population against published facts."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from calor.cli.console import console, print_indented, print_json, watched
from calor.cli.number_types import SEED, Whole
from calor.engine import compile_kernel, load_sbml
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.sbml import sbml_of
from calor.population.facts import FactResult, FactSettings, Verdict, compare_with_facts
from calor.population.measurement import load_measurement

WIDTH = 80


@click.command(epilog="Example: calor model facts --worlds 60")
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option(
    "--worlds",
    type=Whole(5, 2000),
    default=30,
    show_default=True,
    help="Draws from the prior under each rival.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(seed: int, worlds: int, as_json: bool) -> None:
    """Compare the untreated virtual population with what was published on course, temperature and cytokines.

    `typical` is at the numbers of the table, averaged over rivals; the interval spans worlds and rivals.
    """
    disease = load_disease()
    table = ParameterTable((*disease.parameters, *load_measurement()))
    kernel = compile_kernel(load_sbml(sbml_of(disease.antimony())))
    with watched() as progress:
        results = compare_with_facts(kernel, table, FactSettings(seed=seed, worlds=worlds), progress)
    if as_json:
        print_json(
            {
                "status": "prior-predictive",
                "model_sha256": disease.sha256,
                "seed": seed,
                "worlds": worlds,
                "facts": [fact_document(result) for result in results],
            }
        )
    else:
        _print(results)


def fact_document(result: FactResult) -> dict[str, Any]:
    """Return one fact as JSON."""
    fact = result.fact
    return {
        "finding": fact.finding,
        "statistic": fact.statistic,
        "means": fact.means,
        "unit": fact.unit,
        "published": {
            "value": fact.value,
            "interval95": fact.interval,
            "error_from": fact.error_from,
            "grade": str(fact.grade),
        },
        "typical": result.typical,
        "by_rival": dict(result.by_rival),
        "rivals_that_meet": list(result.rivals_that_meet),
        "prior_interval95": result.prior_interval if result.worlds else None,
        "worlds": result.worlds,
        "verdict": str(result.verdict),
    }


def _interval_in_words(result: FactResult) -> str:
    lower, upper = result.prior_interval
    if not result.worlds:
        return "cohorts too small"
    return f"{lower:.0%} to {upper:.0%}" if result.fact.unit == "share" else f"{lower:.2g} to {upper:.2g}"


def _print(results: tuple[FactResult, ...]) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=WIDTH)
    table.add_column("fact", overflow="fold")
    table.add_column("published", justify="right")
    table.add_column("typical", justify="right")
    table.add_column("95 % of worlds", justify="right")
    table.add_column("", width=8)
    for result in results:
        fact = result.fact
        spread = _interval_in_words(result)
        table.add_row(
            f"{fact.finding} {fact.means}",
            f"{fact.value:g} {fact.unit}" if fact.unit != "share" else f"{fact.value:.0%}",
            f"{result.typical:.3g}" if fact.unit != "share" else f"{result.typical:.0%}",
            spread,
            {Verdict.WITHIN_PRIOR: "in prior"}.get(result.verdict, str(result.verdict)),
        )
    console().print(table)
    print_indented(
        "met: the typical prediction, and that of half of the rivals, lies in the published 95 % interval. "
        "in prior: the published number lies in the prior's. A fact in full: calor evidence E08",
        0,
    )
