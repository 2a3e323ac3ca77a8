"""A prediction as one JSON document: what `--json` prints and what the run folder keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

from calor.core.provenance import Grade
from calor.evidence.library import record
from calor.evidence.published import PublishedContrast, published_contrast
from calor.study import Protocol
from calor.therapy.safety import ExpectedEvents
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.scenario import Scenario, Status
from calor.trial.results.caution import beside_power, power_warnings
from calor.trial.results.characteristics import screened_for
from calor.trial.results.corners import Corner, worst_of
from calor.trial.results.harm import acknowledged_hazards, expected_harm
from calor.trial.results.monte_carlo import WithError
from calor.trial.results.precedents import precedents_of
from calor.trial.results.prediction import ContrastPrediction, Prediction, RivalPrediction, unit_of
from calor.trial.results.tipping import TippingPoints
from calor.trial.runs.pipeline import TrialRun
from calor.trial.runs.sizing import Search, Step

NO_POWER = "no power is quoted from priors that were set by hand; the range over rivals is given instead"

NO_ASSURANCE = "one effect is assumed, so there is nothing to average the power over"


def result_document(run: TrialRun, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the whole result as JSON-like data; a number that cannot be had is None."""
    prediction = run.prediction
    contrast = prediction.contrast
    counts = prediction.bank.counts
    return {
        "status": str(run.ready.scenario.status),
        "trial": _trial(prediction.protocol),
        "population": {
            "screened": counts.screened,
            "enrolled": counts.eligible,
            "failed_simulations": counts.failed_simulations,
            "worlds": counts.worlds,
            "cells": counts.cells,
            "cells_without_enough_patients": counts.cells_without_enough_patients,
        },
        "arms": _arms(prediction),
        "contrast": {
            "leads": "range_over_rivals" if run.ready.basis.rivals_lead else "effect_interval95",
            **_contrast(contrast),
            "published": _published(prediction.protocol),
        },
        "contrasts": [_contrast(each) for each in prediction.contrasts],
        "operating_characteristics": _characteristics(run),
        "precedents": precedents_of(prediction.protocol).document(),
        "safety": {
            "acknowledged": [
                {
                    "hazard": each.id,
                    "drugs": list(each.drugs),
                    "statement": each.statement,
                    "contradicted_by": list(each.contradicted_by),
                }
                for each in acknowledged_hazards(prediction.protocol)
            ]
        },
        "rivals": [_rival(rival) for rival in prediction.rivals],
        "posterior": run.ready.basis.document(),
        "parameters": {
            "share_by_status": run.ready.disease.parameters.share_of_status(run.ready.basis.narrowed)
        },
        "warnings": list(run.warnings),
        "provenance": provenance,
    }


def _trial(protocol: Protocol) -> dict[str, Any]:
    return {
        **protocol.described(),
        "analysis": protocol.analysis.method,
        "estimand": protocol.estimand.model_dump(mode="json"),
        "assumed": {
            key: graded.assumed for key, graded in protocol.provenance.items() if graded.assumed is not None
        },
    }


def _contrast(contrast: ContrastPrediction) -> dict[str, Any]:
    return {
        "label": contrast.label,
        "unit": contrast.unit,
        "predicted_mean": contrast.effect.mean.value,
        "monte_carlo_error": contrast.effect.mean.mc_error,
        "effect_interval95": contrast.effect.interval.pair(),
        "trial_result_interval95": contrast.trial_result_interval.pair()
        if contrast.trial_result_interval
        else None,
        "range_over_rivals": contrast.effect.rival_range.pair(),
    }


def search_document(ready: Prepared, search: Search, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the search of a trial's size as JSON-like data.

    Arguments: the protocol with its bank, the search, and where it comes from.
    """
    protocol, found = ready.protocol, search.found
    return {
        "status": str(ready.scenario.status),
        "trial": _trial(protocol),
        "given": _given(protocol, ready.scenario),
        "target_power": search.target,
        **_step(found),
        **beside_power(protocol, found.by_rival, ready.basis),
        "screened": screened_for(ready.bank, found.enrolled.value),
        "rivals": [
            {"name": rival.name, "says": rival.says, "weight": float(weight), "power": found.by_rival[place]}
            for place, (rival, weight) in enumerate(zip(ready.rivals, ready.weights, strict=True))
            if place in found.by_rival
        ],
        "tried": [_step(step) for step in search.steps],
        "posterior": ready.basis.document(),
        "warnings": [*ready.warnings, *power_warnings(ready.basis)],
        "provenance": provenance,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "patients": step.patients,
        "power": _number(step.power),
        "power_range_over_rivals": [min(step.by_rival.values()), max(step.by_rival.values())],
        "expected_patients": _number(step.enrolled),
    }


def _given(protocol: Protocol, scenario: Scenario) -> str:
    if scenario.assumed_effect is not None:
        unit = protocol.endpoint.variable.row.unit
        return f"an assumed effect of {scenario.assumed_effect:+g} {unit}"
    return "the posterior, averaged over it (assurance)"


def _power(run: TrialRun) -> dict[str, Any]:
    """Return the power with what it is given; empty while the effect rests on priors set by hand."""
    power, protocol = run.characteristics.power, run.prediction.protocol
    if power is None:
        return {"value": None, "mc_error": None, "reason": NO_POWER}
    return {
        **_number(power),
        "given": _given(protocol, run.ready.scenario),
        **beside_power(protocol, run.power_by_rival, run.ready.basis),
    }


def _assurance(run: TrialRun) -> dict[str, Any]:
    """Return the power averaged over draws; empty where an effect is assumed."""
    found, status = run.characteristics.assurance, run.ready.scenario.status
    if found is None:
        return {"estimate": None, "mc_error": None, "interval": None, "reason": NO_ASSURANCE}
    return {
        "estimate": found.mean.value,
        "mc_error": found.mean.mc_error,
        "interval": found.interval.pair(),
        "over": "the prior" if status is Status.PRIOR else "the posterior",
        "draws": found.draws,
        "effective_draws": round(found.effective_draws, 1),
        **beside_power(run.prediction.protocol, run.power_by_rival, run.ready.basis),
    }


def _corners(corners: tuple[Corner, ...], alpha: float) -> dict[str, Any]:
    """Return the type I error over the corners of the nuisance parameters, the worst one by name."""
    worst = worst_of(corners)
    return {
        "at_corners": [{"at": corner.at, **_number(corner.error)} for corner in corners],
        "worst_corner": {"at": worst.at, **_number(worst.error), "replicates": worst.replicates},
        "held_at_every_corner": all(corner.holds(alpha) for corner in corners if corner.known)
        if worst.known
        else None,
    }


def _characteristics(run: TrialRun) -> dict[str, Any]:
    """Return the operating characteristics, each with its Monte Carlo error."""
    prediction, found = run.prediction, run.characteristics
    burden, estimator = found.burden, found.estimator
    return {
        "power": _power(run),
        "assurance": _assurance(run),
        "type_one_error": {
            **_number(found.type_one_error),
            "alpha": prediction.protocol.analysis.alpha,
            "replicates": found.null_replicates,
            "mechanism": "off: every arm does what the control arm does",
            **_corners(run.corners, prediction.protocol.analysis.alpha),
        },
        "estimator": [
            {
                "true_value": _number(each.true_value),
                "bias": _number(each.bias),
                "coverage": _number(each.coverage),
                "overestimates": _number(each.overestimates),
                "root_mean_squared_error": _number(each.root_mean_squared_error),
                "plain_bias": _number(each.plain_bias),
                "alternatives": {
                    name: {"bias": _number(bias), "root_mean_squared_error": _number(error)}
                    for name, (bias, error) in each.alternatives.items()
                },
            }
            for each in estimator
        ],
        "patients": _number(burden.patients),
        "screened": burden.screened,
        "days": burden.days,
        "cost": {"value": burden.cost, "currency": prediction.protocol.cost.currency}
        if prediction.protocol.cost
        else None,
        "estimate": prediction.protocol.design.estimate,
        "stopped_for_futility": _number(burden.stopped_for_futility),
        "went_on_in_subgroup": _number(burden.enriched),
        "subgroups": [
            {
                "by": group.by,
                "group": group.words,
                "share_of_patients": group.share,
                "predicted_mean": group.effect.mean.value,
                "monte_carlo_error": group.effect.mean.mc_error,
                "effect_interval95": group.effect.interval.pair(),
                "range_over_rivals": group.effect.rival_range.pair(),
            }
            for group in found.subgroups
        ],
        "subgroups_left_out": [
            {"by": group.by, "group": group.words, "reason": group.reason}
            for group in found.subgroups_left_out
        ],
        "tipping_point": _tipping(run.tipping, unit_of(prediction.protocol)) if run.tipping else None,
    }


def _tipping(found: TippingPoints, unit: str) -> dict[str, Any]:
    """Return the tipping points; a quartile that no shift reached, or that nothing defines, is None."""
    return {
        "unit": unit,
        "largest_shift": found.largest,
        "trials": found.trials,
        "significant_unshifted": _number(found.significant),
        "of_these": {
            "quartiles": [float(each) if np.isfinite(each) else None for each in found.quartiles],
            "still_significant_at_largest": _number(found.withstand)
            if np.isfinite(found.withstand.value)
            else None,
        },
    }


def _number(number: WithError) -> dict[str, float | None]:
    """Return a number with its errors, None where it cannot be had."""
    return {
        "value": _known(number.value),
        "mc_error": _known(number.mc_error),
        "mc_error_of_bank": _known(number.bank_error),
    }


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _arms(prediction: Prediction) -> list[dict[str, Any]]:
    harm = expected_harm(
        prediction.protocol,
        [arm.n for arm in prediction.arms],
        [arm.n * arm.rescued for arm in prediction.arms],
    )
    return [
        {
            "name": arm.name,
            "n": round(arm.n, 1),
            "baseline_mean": arm.baseline_mean,
            "endpoint_mean": _known(arm.endpoint_mean),
            "endpoint_sd": _known(arm.endpoint_sd),
            "stopped": arm.stopped,
            "rescued": arm.rescued,
            "lost": arm.lost,
            "expected_events": [_event(event) for event in events],
        }
        for arm, events in zip(prediction.arms, harm, strict=True)
    ]


def _event(event: ExpectedEvents) -> dict[str, Any]:
    return {
        "drug": event.drug,
        "event": event.event,
        "serious": event.serious,
        "expected": event.expected,
        "interval95": list(event.interval) if event.interval else None,
        "basis": event.basis,
        "scaled": event.scaled,
        "source": event.source,
        "grade": str(event.grade),
    }


def _rival(rival: RivalPrediction) -> dict[str, Any]:
    return {
        "name": rival.rival.name,
        "says": rival.rival.says,
        "weight": rival.weight,
        "predicted_mean": rival.effect.mean,
        "effect_interval95": rival.effect.interval.pair(),
        "worlds": rival.effect.worlds,
    }


def published_of(protocol: Protocol) -> PublishedContrast | None:
    """Return what was published of a trial's main contrast, or None for a trial without a record."""
    return published_contrast(record(protocol.record)) if protocol.record else None


def _published(protocol: Protocol) -> dict[str, Any] | None:
    published = published_of(protocol)
    if published is None:
        return None
    same_scale = (published.unit or "").startswith("NRS") == unit_of(protocol).startswith("NRS")
    usable = published.grade is not Grade.RECALLED and same_scale
    note = published.note
    if published.value is not None and not same_scale:
        note = f"published on another scale ({published.unit}); only the direction can be compared"
    return {
        "value": published.value if usable else None,
        "interval95": list(published.interval95) if usable and published.interval95 else None,
        "direction": str(published.direction),
        "grade": str(published.grade) if published.grade else None,
        "interval_between_patients": published.interval_reliable,
        "note": note,
        "record": published.record,
    }
