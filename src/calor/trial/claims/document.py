"""The answers as one JSON document: what `calor claims --json` shows and what is frozen with a release."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from calor.core.provenance import sha256_of_text
from calor.core.versions import versions
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.claims.answers import MOSTLY_PRIOR, RULE, SURE, ClaimAnswer, PartAnswer
from calor.trial.results.caution import NO_POWER, beside_power, power_warnings

INPUTS = (
    ("calor.model", "data/*"),
    ("calor.population", "data/*"),
    ("calor.therapy", "library/*.yaml"),
    ("calor.trial", "claims/questions.yaml"),
    ("calor.trial", "claims/protocols/*.yaml"),
)
"""The data that answers rest on, besides the posterior: packages and the files in them."""


def answers_document(
    answers: Sequence[ClaimAnswer], scenario: Scenario, settings: RunSettings, seconds: float
) -> dict[str, Any]:
    """Return answers with what they were made of.

    Arguments: the answers, the scenario and settings that all of them share, and how long they took.
    """
    return {
        "status": str(scenario.status),
        "rule": RULE,
        "answers": {one.question.id: _answer(one) for one in answers},
        "provenance": {
            "seed": settings.seed,
            "worlds": settings.worlds,
            "replicates": settings.replicates,
            "inputs_sha256": inputs_sha256(),
            "posterior": answers[0].basis.origin(),
            "misfits": sorted({misfit for one in answers for misfit in one.basis.misfits}),
            "versions": versions(),
            "seconds": round(seconds, 1),
        },
    }


def inputs_sha256() -> str:
    """Return the hash of everything that shipped answers rest on, by which a change of it is seen."""
    found = [path for package, pattern in INPUTS for path in Path(str(files(package))).glob(pattern)]
    texts = {f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in found}
    return sha256_of_text("".join(f"{name}\n{texts[name]}" for name in sorted(texts)))


def _answer(one: ClaimAnswer) -> dict[str, Any]:
    parts = [_part(part) for part in one.parts]
    protocol = one.plan.protocol
    headline = ("asks", "unit", "estimate", "interval95", "range_over_rivals", "share_resting_on_prior")
    return {
        "verdict": one.verdict,
        **{name: parts[0][name] for name in headline},
        "parts": parts,
        "trial": {
            "id": protocol.id,
            "title": protocol.title,
            "design": protocol.design.type,
            "patients": protocol.patients,
            "power": _power(one),
            "no_power": None if one.power else NO_POWER,
        },
    }


def _power(one: ClaimAnswer) -> dict[str, Any] | None:
    """Return the power of a claim's trial with what stands beside it."""
    if one.power is None:
        return None
    return {
        "value": one.power.value,
        "mc_error": one.power.mc_error,
        **beside_power(one.plan, one.power_by_rival, one.basis).to_document(),
        "warnings": list(power_warnings(one.basis)),
    }


def _part(part: PartAnswer) -> dict[str, Any]:
    wanted = part.quantity
    return {
        "asks": wanted.asks,
        "kind": wanted.model_dump()["kind"],
        "unit": part.unit,
        "less_is_better": part.less_is_better,
        "estimate": part.effect.mean.value,
        "monte_carlo_error": part.effect.mean.mc_error,
        "interval95": part.effect.interval.pair(),
        "range_over_rivals": part.effect.rival_range.pair(),
        "by_rival": part.by_rival,
        "share_resting_on_prior": part.prior_share,
        "benefit_of_at_least": wanted.at_least,
        "probability_of_that_benefit": part.probability,
        "probability_bounds": part.probability_bounds.pair(),
        "supported_when": wanted.supported_when,
        "rule": _rule(part),
        "verdict": part.verdict,
    }


def _rule(part: PartAnswer) -> str:
    """Return the rule of one part's verdict with its own numbers."""
    benefit = f"P(benefit of {part.quantity.at_least:g} {part.unit} or more)"
    if part.quantity.supported_when == "undetermined":
        return (
            f"supported while {benefit} lies between {1 - SURE:.1g} and {SURE:g}, or more than "
            f"{MOSTLY_PRIOR:.0%} rests on the prior; else contradicted"
        )
    return (
        f"supported at {benefit} of {SURE:g} or more, contradicted at {1 - SURE:.1g} or less, undetermined "
        f"between, or where more than {MOSTLY_PRIOR:.0%} rests on the prior (under "
        "every rival, unless data have weighed them)"
    )
