"""What a calibration learnt, and how far it can be trusted, as one JSON-like document."""

from __future__ import annotations

from typing import Any

import numpy as np

from calor.calibration.fit import RivalFit
from calor.calibration.targets import Target

REPEATABLE = 0.5
"""Unless every log evidence is known to within this, rivals keep equal weights."""

TRUSTED_TAIL = 0.7
"""Above this shape of the weights' tail, importance weights cannot be trusted."""

STRONGLY_MOVED = 0.1
"""A score counts as moved by the data when its SD shrinks by at least this share."""


def rival_weights(fits: list[RivalFit]) -> tuple[dict[str, float], str]:
    """Return the weight of each rival, with the rule that gave it.

    Weights follow the evidence only where it is repeatable (error within 0.5) and its importance weights can
    be trusted (tail shape at most 0.7) under every rival; else they are equal.
    """
    trusted = all(
        fit.draws.log_evidence_error <= REPEATABLE and fit.draws.tail_shape <= TRUSTED_TAIL for fit in fits
    )
    if not trusted:
        return {fit.rival: 1 / len(fits) for fit in fits}, (
            "equal: some rival's evidence is not known to within 0.5, or its weights have too heavy a tail"
        )
    evidence = np.array([fit.draws.log_evidence for fit in fits])
    share = np.exp(evidence - evidence.max())
    weights = share / share.sum()
    return {fit.rival: float(weight) for fit, weight in zip(fits, weights, strict=True)}, "by evidence"


def calibration_document(fits: list[RivalFit], targets: tuple[Target, ...]) -> dict[str, Any]:
    """Return the report: rivals, targets with posterior predictive checks, what was learnt."""
    weights, rule = rival_weights(fits)
    return {
        "rivals": [_rival(fit, weights[fit.rival]) for fit in fits],
        "weights_rule": rule,
        "targets": [_target(index, target, fits, weights) for index, target in enumerate(targets)],
        "parameters": _shrinkage(fits, weights),
    }


def _rival(fit: RivalFit, weight: float) -> dict[str, Any]:
    draws = fit.draws
    return {
        "name": fit.rival,
        "weight": weight,
        "log_evidence": draws.log_evidence,
        "log_evidence_error": draws.log_evidence_error,
        "effective_size": draws.effective_size,
        "draws": len(draws.weights),
        "tail_shape": draws.tail_shape if np.isfinite(draws.tail_shape) else None,
        "log_likelihood_fitted": fit.log_likelihood_fitted,
        "log_likelihood_fresh": fit.log_likelihood_fresh,
        "informed_directions": fit.approximation.informed_directions,
    }


def _target(index: int, target: Target, fits: list[RivalFit], weights: dict[str, float]) -> dict[str, Any]:
    """Return one target with its posterior predictive mean, SD and standardised difference."""
    by_rival = {fit.rival: _moments(fit, index) for fit in fits}
    mean = sum(weights[name] * found[0] for name, found in by_rival.items())
    between = sum(weights[name] * (found[0] - mean) ** 2 for name, found in by_rival.items())
    within = sum(weights[name] * found[1] for name, found in by_rival.items())
    spread = float(np.sqrt(between + within))
    z = (target.observed - mean) / np.sqrt(target.variance + spread**2)
    return {
        "id": target.id,
        "study_id": target.study_id,
        "role": target.role,
        "observed": target.observed,
        "standard_error": target.standard_error,
        "bias_sd": target.bias_sd,
        "scale": "log" if target.on_log_scale else "linear",
        "predicted_mean": float(mean),
        "predicted_sd": spread,
        "z": float(z),
        "by_rival": {name: float(found[0]) for name, found in by_rival.items()},
    }


def _moments(fit: RivalFit, index: int) -> tuple[float, float]:
    """Return the weighted mean and variance of a summary over a rival's draws that could be simulated."""
    values = fit.summaries[:, index]
    weights = np.where(np.isfinite(values), fit.draws.weights, 0.0)
    weights = weights / weights.sum()
    known = np.where(np.isfinite(values), values, 0.0)
    mean = float(weights @ known)
    return mean, float(weights @ (known - mean) ** 2)


def _shrinkage(fits: list[RivalFit], weights: dict[str, float]) -> list[dict[str, Any]]:
    """Return, for each uncertain parameter, how far the data moved it, averaged over rivals."""
    shrinkage = sum(weights[fit.rival] * fit.approximation.shrinkage for fit in fits)
    moved = sum(weights[fit.rival] * fit.approximation.mean for fit in fits)
    rows = [
        {
            "name": name,
            "moved_prior_sds": float(np.asarray(moved)[column]),
            "shrinkage": float(np.asarray(shrinkage)[column]),
            "learnt": bool(np.asarray(shrinkage)[column] >= STRONGLY_MOVED),
        }
        for column, name in enumerate(fits[0].names)
    ]
    return sorted(rows, key=lambda row: -float(str(row["shrinkage"])))
