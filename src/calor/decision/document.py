"""A comparison as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calor.decision.comparison import CERTAINTY, Comparison, Row
from calor.decision.information.estimate import Estimate
from calor.decision.information.partial import KnownGroups
from calor.decision.informing import informs
from calor.decision.money.figures import CURRENCY
from calor.decision.observing import Updating
from calor.decision.portfolio import PairOfStudies, Portfolio

OBJECTIVES = {
    "quantity": "share of the variance removed",
    "rivals": "expected probability of the explanation that holds",
    "decision": "expected net benefit of sampling",
}
STRUCTURE = "0, by the model's structure"


def document_of(
    comparison: Comparison,
    known: KnownGroups | None,
    portfolio: Portfolio | None,
    updating: Updating | None,
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a comparison with everything that a person or a script may ask of it."""
    believed, question = comparison.believed, comparison.believed.question
    file = question.file
    return {
        "question": {
            "id": file.id,
            "title": file.title,
            "asked_by": file.asked_by,
            "kind": question.kind,
            "quantity": question.effect.words if question.effect else None,
            "unit": unit_of(comparison),
            "between": list(believed.draws.rivals),
        },
        "status": str(believed.worlds.scenario.status),
        "ranked_by": OBJECTIVES[question.kind],
        "now": _now(comparison),
        "certainty": CERTAINTY,
        "ranking": [_row(comparison, row, rank, tied) for row, rank, tied in comparison.ordered],
        "stability_of_the_first_three": comparison.ranking.stability,
        "leading_group": [comparison.rows[place].candidate.name for place in comparison.ranking.group],
        "stability_of_the_leading_group": comparison.ranking.stability_of_group,
        "budget": comparison.budget,
        "settling": [row.candidate.name for row in comparison.settling],
        "answer": answer_of(comparison),
        "what_we_do_not_know": None if known is None else _known(known),
        "portfolio": None if portfolio is None else _portfolio(portfolio),
        "observed": None if updating is None else _observed(updating),
        "money": {
            "currency": CURRENCY,
            "people_a_year": comparison.stakes.people_per_year,
            "numbers": [figure.document() for figure in comparison.money.figures.values()],
            "assumed": list(comparison.money.assumed),
        },
        "basis": believed.basis.to_document(),
        "warnings": list(believed.warnings),
        "people": believed.bank.people,
        "provenance": dict(provenance),
    }


def _now(comparison: Comparison) -> dict[str, Any]:
    """Return what is known before any of the studies."""
    believed = comparison.believed
    quantity = believed.question.file.question.quantity
    return {
        "width": comparison.width_now,
        "true_rival": comparison.true_rival_now,
        "rivals": dict(zip(believed.draws.rivals, map(float, believed.draws.rival_weights), strict=True)),
        "benefit_over": quantity.benefit_over if quantity else None,
        "probability_of_that_benefit": comparison.benefit_now,
        "evpi": _estimate(comparison.perfect),
    }


def unit_of(comparison: Comparison) -> str | None:
    """Return the unit of the quantity."""
    question = comparison.believed.question
    if question.effect is None:
        return None
    if question.kind == "decision":
        return f"{CURRENCY} a person"
    return question.effect.protocol.endpoint.unit


def answer_of(comparison: Comparison) -> str:
    """Return in a sentence what to run next, or that nothing affordable settles the question."""
    rows = [row for row, _, _ in comparison.ordered if row.affordable]
    budget = "" if comparison.budget is None else f" under a budget of {comparison.budget:,.0f} {CURRENCY}"
    if not rows:
        return f"no study can be had{budget}"
    best = rows[0]
    question = comparison.believed.question
    if question.kind == "decision" and (best.net is None or best.net.net.value <= 0):
        return f"no study pays{budget}: what it could teach is worth less than it costs"
    if best.nothing:
        return f"no study{budget} teaches anything about this question"
    if question.kind == "quantity" and comparison.settled:
        return f"it is settled already, by what is believed now; {best.candidate.name} would narrow it most"
    does = "pays" if question.kind == "decision" else "teaches"
    leads = f"the study that {does} most{budget} is {best.candidate.name}"
    chance = f"{best.settles.value:.0%}"
    if not comparison.settling:
        return f"no study{budget} is likely to settle it; {leads}, with a chance of {chance} to settle it"
    return f"{leads}; its chance to settle the question is {chance}"


def _row(comparison: Comparison, row: Row, rank: int, tied: tuple[int, ...]) -> dict[str, Any]:
    net = row.net
    return {
        "rank": rank,
        "tied_with": [comparison.rows[place].candidate.name for place in tied],
        "name": row.candidate.name,
        "group": row.candidate.kind,
        "patients": row.candidate.patients,
        "teaches_nothing": STRUCTURE if row.nothing else None,
        "too_few_worlds": row.unsure,
        "share": _estimate(row.share),
        "expected_width": _estimate(row.width),
        "true_rival": _estimate(row.true_rival),
        "decisive": _estimate(row.settles),
        "evsi": None if net is None else _estimate(net.evsi),
        "enbs": None if net is None else _estimate(net.net),
        "people": None if net is None else net.people,
        "break_even_people_a_year": _finite(None if net is None else net.break_even_people_per_year),
        "best_size": None
        if row.best is None
        else {"patients": row.best.patients, "from": row.best.low, "to": row.best.high},
        "cost": row.cost,
        "months": row.months,
        "affordable": row.affordable,
        "screened_for_each": comparison.believed.enrolling(row.candidate).screened,
        "entering_for_each": comparison.believed.enrolling(row.candidate).entering,
        "statistics": list(row.candidate.statistics),
        "informs": informs(row.candidate, comparison.believed.question.effect),
        "provides_for": list(row.candidate.provides_for),
        "worlds_without_enough_people": comparison.believed.unreached[row.candidate.look.key],
    }


def _estimate(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {"value": estimate.value, "error": estimate.error, "raw": estimate.raw}


def _finite(value: float | None) -> float | None:
    return None if value is None or value == float("inf") else value


def _known(known: KnownGroups) -> dict[str, Any]:
    groups = sorted(known.groups, key=lambda group: -group.increment.value)
    return {
        "rival": _estimate(known.rival),
        "groups": [
            {
                "name": group.name,
                "with_rival": _estimate(group.with_rival),
                "increment": _estimate(group.increment),
            }
            for group in groups
        ],
    }


def _portfolio(portfolio: Portfolio) -> dict[str, Any]:
    plan = portfolio.plan
    return {
        "pairs": [_pair(pair) for pair in portfolio.pairs],
        "plan": None
        if plan is None
        else {
            "first": plan.first,
            "fixed": plan.fixed,
            "adaptive": plan.adaptive,
            "after": [
                {
                    "result": result,
                    "probability": branch.probability,
                    "expected": branch.mean,
                    "sd": branch.deviation,
                    "run": portfolio.followers[branch.best].candidate.name,
                    "share_of_what_is_left": _estimate(branch.shares[branch.best]),
                }
                for result, branch in zip(_RESULTS[len(plan.branches)], plan.branches, strict=True)
            ],
        },
    }


_RESULTS = {3: ("low", "middle", "high")}


def _pair(pair: PairOfStudies) -> dict[str, Any]:
    return {
        "first": pair.first.candidate.name,
        "second": pair.second.candidate.name,
        "teaches": _estimate(pair.teaches),
        "cost": pair.cost,
    }


def _observed(updating: Updating) -> dict[str, Any]:
    draws = updating.believed.draws
    return {
        "results": [result.document() for result in updating.results],
        "effective_worlds": updating.effective,
        "rivals": dict(zip(draws.rivals, map(float, draws.rival_weights), strict=True)),
    }
