"""The documents of a run and of a search: what `--json` prints and what the run folder keeps.

They only put together what every result says of itself (`to_document`).
"""

from __future__ import annotations

from typing import Any

from calor.study import Borrowing, Protocol
from calor.study.assumed import assumed_in
from calor.trial.bank.preparation import Prepared
from calor.trial.results.caution import beside_power, given_of, power_warnings
from calor.trial.results.characteristics import screened_for
from calor.trial.results.harm import acknowledged_hazards
from calor.trial.results.precedents import precedents_of
from calor.trial.results.published import published_beside
from calor.trial.runs.pipeline import TrialRun
from calor.trial.runs.sizing import Search

BORROWS = (
    "the control arm borrows from earlier studies: the size rests on this trial's controls being as the "
    "model says, and the type I error on how far they lie from earlier ones (calor trial shows both)"
)


def result_document(run: TrialRun, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the whole result as JSON-like data; a number that cannot be had is None."""
    ready, prediction = run.ready, run.prediction
    plan, protocol, basis = ready.plan, ready.protocol, ready.basis
    published = published_beside(plan)
    return {
        "status": str(ready.scenario.status),
        "trial": trial_document(protocol),
        "population": ready.bank.counts.to_document(),
        "arms": [arm.to_document() for arm in prediction.arms],
        "contrast": {
            "leads": "range_over_rivals" if basis.rivals_lead else "effect_interval95",
            **prediction.contrast.to_document(),
            "published": published.to_document() if published else None,
        },
        "contrasts": [contrast.to_document() for contrast in prediction.contrasts],
        "operating_characteristics": run.characteristics.to_document(),
        "precedents": precedents_of(plan).to_document(),
        "safety": {"acknowledged": [hazard.to_document() for hazard in acknowledged_hazards(plan)]},
        "rivals": [rival.to_document() for rival in prediction.rivals],
        "posterior": basis.to_document(),
        "parameters": {"share_by_status": ready.disease.parameters.share_of_status(basis.narrowed)},
        "warnings": list(run.warnings),
        "provenance": provenance,
    }


def search_document(ready: Prepared, search: Search, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the search of a trial's size as JSON-like data.

    Arguments: the protocol with its bank, the search, and where it comes from.
    """
    found = search.found
    return {
        "status": str(ready.scenario.status),
        "trial": trial_document(ready.protocol),
        "given": given_of(ready.plan, ready.scenario),
        "target_power": search.target,
        **found.to_document(),
        **beside_power(ready.plan, found.by_rival, ready.basis).to_document(),
        "screened": screened_for(ready.bank, found.enrolled.value),
        "rivals": [
            {"name": rival.name, "says": rival.says, "weight": float(weight), "power": found.by_rival[place]}
            for place, (rival, weight) in enumerate(zip(ready.rivals, ready.weights, strict=True))
            if place in found.by_rival
        ],
        "tried": [size.to_document() for size in search.tried],
        "posterior": ready.basis.to_document(),
        "warnings": [
            *ready.warnings,
            *power_warnings(ready.basis),
            *([BORROWS] if isinstance(ready.protocol.design, Borrowing) else []),
        ],
        "provenance": provenance,
    }


def trial_document(protocol: Protocol) -> dict[str, Any]:
    """Return what a trial is as JSON-like data."""
    return {
        **protocol.described(),
        "analysis": protocol.analysis.method,
        "estimand": protocol.estimand.model_dump(mode="json"),
        "assumed": assumed_in(protocol),
    }
