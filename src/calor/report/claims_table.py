"""The model's answers to the claims, for the terminal: a line for each headline, a sentence for each part."""

from __future__ import annotations

from typing import Any

from calor.report.numbers import fixed_text, interval_text, percent_text, with_error_text
from calor.report.tables import Table, label, number, words
from calor.report.trial_remarks import beside_power_text

NO_STUDIES = "The study that would settle each claim is not in these answers; --run works it out."
STALE = "Model, posterior or a question has changed since these answers were made; --run asks again."


def overview(document: dict[str, Any]) -> Table:
    """Return a table with the headline of every answer.

    Arguments: a document of answers, as `answers_document` makes it.
    """
    columns = (
        label(""),
        words("the model's answer", greedy=True),
        *map(number, ("estimate", "95 % interval", "rivals", "prior")),
        label("verdict"),
    )
    rows = []
    for claim, answer in document["answers"].items():
        asked = f"{answer['asks']} ({short(answer['unit'])})"
        rows.append((claim, asked, *_numbers(answer), answer["verdict"]))
    return Table(columns, rows, framed=False, fills=True)


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


def power_text(answer: dict[str, Any]) -> str:
    """Return what a claim's trial could tell, with what its power rests on.

    Answers that were frozen before powers had a range over rivals are said to have none.
    """
    trial = answer["trial"]
    about = f"The trial behind it: {trial['title']} ({trial['design']}, {trial['patients']} patients)"
    power = trial["power"]
    if power is None:
        return f"{about}; {trial['no_power']}."
    beside = (
        beside_power_text(power)
        if "range_over_rivals" in power
        else "its range from rival to rival is not in these answers, --run gives it"
    )
    share = percent_text(answer["share_resting_on_prior"])
    warnings = "".join(f" Warning: {warning}." for warning in power.get("warnings", ()))
    return (
        f"{about}; power {with_error_text(power, 2)}; {beside}; {share} of the claim's answer rests on the "
        f"prior.{warnings}"
    )


def study_text(claim: str, document: dict[str, Any]) -> str:
    """Return which study would settle a claim, with its size, cost and chance.

    Answers that were frozen before studies were worked out are said to have none.
    """
    studies = document.get("studies")
    if studies is None:
        return NO_STUDIES
    found = studies[claim]
    if "why_none" in found:
        return f"{claim}: no study that would settle it is worked out: {found['why_none']}"
    size = found["settles"] or found["best"]
    read = f", read where {found['more_in']} and elsewhere," if found.get("more_in") else ""
    about = (
        f"its trial{read} in {size['patients']:,} patients ({size['cost'] / 1e6:.1f} million "
        f"{found['currency']}, {size['months']:,.0f} months) has a chance of {size['chance']:.0%} ± "
        f"{size['error']:.0%}"
    )
    if size["months"] > found.get("months_that_matter", size["months"]):
        about += (
            f"; that is more than the {found['months_that_matter']:.0f} months in which the answer matters"
        )
    if found["settles"] is None:
        return (
            f"{claim}: no size of its trial up to {found['sizes'][-1]['patients']:,} would settle it: {about}"
        )
    return f"{claim}: to settle it ({found['asks']}, {found['arm']}): {about}"


def short(unit: str) -> str:
    """Return a unit in few words."""
    return {"NRS points (0-10)": "points", "percent of the sound side": "% of the sound side"}.get(unit, unit)


def _numbers(answer: dict[str, Any]) -> tuple[str, ...]:
    digits = 1 if "percent" in answer["unit"] else 2
    signed = answer["unit"] not in {"probability", "share of patients"}
    return (
        fixed_text(answer["estimate"], digits, signed=signed),
        interval_text(answer["interval95"], digits, signed=signed),
        interval_text(answer["range_over_rivals"], digits, signed=signed),
        percent_text(answer["share_resting_on_prior"]),
    )
