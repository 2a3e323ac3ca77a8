"""`calor model facts`: the untreated virtual population against published facts."""

from __future__ import annotations

from typing import Any

import click

from calor.cli.console import console, print_indented, print_json, watched
from calor.cli.number_types import SEED, Whole
from calor.engine import compile_kernel, load_sbml
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.sbml import sbml_of
from calor.population.facts import FactResult, FactSettings, Verdict, compare_with_facts
from calor.population.measurement import load_measurement
from calor.report.numbers import percent_text, short_text
from calor.report.tables import Table, label, number, words


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
    if result.fact.unit == "share":
        return f"{percent_text(lower)} to {percent_text(upper)}"
    return f"{short_text(lower, scale=upper)} to {short_text(upper)}"


def _value_in_words(value: float, unit: str) -> str:
    return percent_text(value) if unit == "share" else f"{short_text(value)} {unit}"


def _print(results: tuple[FactResult, ...]) -> None:
    rows = [
        (
            f"{result.fact.finding} {result.fact.means}",
            _value_in_words(result.fact.value, result.fact.unit),
            _value_in_words(result.typical, result.fact.unit).split()[0],
            _interval_in_words(result),
            {Verdict.WITHIN_PRIOR: "in prior"}.get(result.verdict, str(result.verdict)),
        )
        for result in results
    ]
    numbers = (words("published"), number("typical"), number("95 % of worlds"))
    columns = (words("fact", greedy=True), *numbers, label(""))
    console().print(Table(columns, rows, framed=False, fills=True))
    print_indented(
        "met: the typical prediction, and that of half of the rivals, lies in the published 95 % interval. "
        "in prior: the published number lies in the prior's. A fact in full: calor evidence E08",
        0,
    )
