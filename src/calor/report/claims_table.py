"""The model's answers to the claims, for the terminal: a line for each headline, a sentence for each part."""

from __future__ import annotations

from typing import Any

from rich.table import Table

STALE = "Model, posterior or a question has changed since these answers were made; --run asks again."


def overview(document: dict[str, Any]) -> Table:
    """Return a table with the headline of every answer.

    Arguments: a document of answers, as `answers_document` makes it.
    """
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("")
    table.add_column("the model's answer", ratio=1)
    for name in ("estimate", "95 % interval", "rivals", "prior"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("verdict", no_wrap=True)
    for claim, answer in document["answers"].items():
        asked = f"{answer['asks']} ({short(answer['unit'])})"
        table.add_row(claim, asked, *_numbers(answer), answer["verdict"])
    return table


def part_text(part: dict[str, Any]) -> str:
    """Return one part of an answer in a sentence."""
    estimate, interval, rivals, prior = _numbers(part)
    return (
        f"{estimate} (95 % interval {interval}; rivals' means {rivals}); "
        f"P(benefit of {part['benefit_of_at_least']:g} or more) {part['probability_of_that_benefit']:.2f}; "
        f"{prior} rests on the prior"
    )


def made_of(document: dict[str, Any]) -> str:
    """Return in a sentence what the answers rest on."""
    about = document["provenance"]
    basis = (
        "priors that were set by hand; no answer can be supported or contradicted from them"
        if document["status"] == "prior-predictive"
        else f"the posterior {about['posterior']['name']}"
    )
    return (
        f"{document['status']}: from {basis}; {about['worlds']} worlds under each rival, "
        f"seed {about['seed']}, calor {about['versions']['calor']}."
    )


def power_text(trial: dict[str, Any]) -> str:
    """Return what a claim's trial could tell."""
    power = trial["power"]
    found = f"power {power['value']:.2f} ± {power['mc_error']:.2f}" if power else trial["no_power"]
    return (
        f"The trial behind it: {trial['title']} ({trial['design']}, {trial['patients']} patients); {found}."
    )


def short(unit: str) -> str:
    """Return a unit in few words."""
    return {"NRS points (0-10)": "points", "percent of the sound side": "% of the sound side"}.get(unit, unit)


def _numbers(answer: dict[str, Any]) -> tuple[str, ...]:
    digits = 1 if "percent" in answer["unit"] else 2
    sign = "" if answer["unit"] in {"probability", "share of patients"} else "+"

    def pair(bounds: list[float]) -> str:
        return " to ".join(f"{bound:{sign}.{digits}f}" for bound in bounds)

    return (
        f"{answer['estimate']:{sign}.{digits}f}",
        pair(answer["interval95"]),
        pair(answer["range_over_rivals"]),
        f"{answer['share_resting_on_prior']:.0%}",
    )
