"""What a calibration learnt, and how far it can be trusted, as one JSON-like document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from calor.calibration.coverage import informed_directions
from calor.calibration.fit import RivalFit
from calor.calibration.sensitivity import power_scaling, without_each_study
from calor.calibration.targets import Target
from calor.core.arrays import Numbers
from calor.study.fitted import CONTRASTS

STRONGLY_MOVED = 0.1
"""A score counts as learnt when its SD shrinks by at least this share."""

OUTSIDE = 1.96


WEIGHTS_RULE = (
    "equal, and the range over rivals leads: a single fit cannot show that its evidence is repeatable"
)
"""Evidence may weigh rivals once three whole fits of other seeds agree on it to within 0.5 for each."""


def rival_weights(fits: Sequence[RivalFit]) -> dict[str, float]:
    """Return the weight of each rival: the same for all."""
    return {fit.rival: 1 / len(fits) for fit in fits}


def calibration_document(
    fits: Sequence[RivalFit], targets: tuple[Target, ...], names: tuple[str, ...]
) -> dict[str, Any]:
    """Return the report: rivals, targets with posterior predictive checks, what was learnt."""
    weights = rival_weights(fits)
    checks = [_target(place, target, fits, weights) for place, target in enumerate(targets)]
    squares = [check["z"] ** 2 for check in checks if check["z"] is not None]
    return {
        "rivals": [_rival(fit, weights[fit.rival]) for fit in fits],
        "weights_rule": WEIGHTS_RULE,
        "mean_squared_z": float(np.mean(squares)),
        "outside_95": [check["id"] for check in checks if abs(check["z"] or 0) > OUTSIDE],
        "targets": checks,
        "sensitivity": _sensitivity(fits, weights, targets),
        "parameters": _parameters(fits, weights, names),
    }


def _rival(fit: RivalFit, weight: float) -> dict[str, Any]:
    return {
        "name": fit.rival,
        "weight": weight,
        "log_evidence": fit.log_evidence,
        "log_evidence_of_starts": fit.evidence_of_starts.tolist(),
        "informed_directions": fit.linearised.informed_directions,
        "draws": len(fit.draws),
        "draws_left_out": fit.left_out,
        "effective_size": fit.weights.effective_size,
        "log_likelihood_fitted": float(np.median(fit.log_likelihood_fitted)),
        "log_likelihood_fresh": float(np.median(fit.log_likelihood_fresh)),
    }


def _target(
    place: int, target: Target, fits: Sequence[RivalFit], weights: dict[str, float]
) -> dict[str, Any]:
    """Return one target with its posterior predictive mean, interval and standardised difference.

    All from fresh people; z = (published - predicted mean) / sqrt(error^2 + bias^2 + predictive variance).
    A target known only as not significant has no z.
    """
    values = np.concatenate([fit.summaries[:, place] for fit in fits])
    shares = np.concatenate([weights[fit.rival] * fit.weights.shares for fit in fits])
    mean = float(shares @ values)
    spread = float(np.sqrt(shares @ (values - mean) ** 2))
    z = (target.observed - mean) / np.sqrt(target.variance + spread**2)
    return {
        "id": target.id,
        "study_id": target.study_id,
        "role": target.role,
        "likelihood": target.likelihood,
        "observed": target.observed,
        "standard_error": target.standard_error,
        "bias_sd": target.bias_sd,
        "scale": "log" if target.on_log_scale else "linear",
        "predicted_mean": mean,
        "predicted_sd": spread,
        "predicted_interval95": [_quantile(values, shares, share) for share in (0.025, 0.975)],
        "z": float(z) if target.likelihood == "normal" else None,
        "by_rival": {fit.rival: float(fit.weights.shares @ fit.summaries[:, place]) for fit in fits},
        "log_likelihood_by_rival": {
            fit.rival: float(fit.weights.shares @ fit.terms[:, place]) for fit in fits
        },
        "between_starts": _between_starts(fits, place),
        "emulator_error": max(float(np.sqrt(fit.emulator_variance[place] / target.variance)) for fit in fits),
    }


def _sensitivity(
    fits: Sequence[RivalFit], weights: dict[str, float], targets: tuple[Target, ...]
) -> list[dict[str, Any]]:
    """Return, for the effect of every treated arm, what it rests on.

    `without`: the effect with each study left out. `prior_power`, `likelihood_power`: how far it moves, in
    its own SDs, for a doubling of the prior's (in the informed directions) or the likelihood's weight.
    """
    shares = np.concatenate([weights[fit.rival] * fit.weights.shares for fit in fits])
    summaries = np.concatenate([fit.summaries for fit in fits])
    terms = np.concatenate([fit.terms for fit in fits])
    prior = np.concatenate([_log_prior_of_informed(fit) for fit in fits])
    studies = tuple(target.study_id for target in targets)
    found = []
    for place, target in enumerate(targets):
        if target.kind not in CONTRASTS:
            continue
        effect = summaries[:, place]
        without = without_each_study(effect, shares, terms, studies)
        found.append(
            {
                "target": target.id,
                "mean": float(shares @ effect),
                "prior_power": power_scaling(effect, shares, prior),
                "likelihood_power": power_scaling(effect, shares, terms.sum(axis=1)),
                "without": [asdict(each) for each in without],
            }
        )
    return found


def _log_prior_of_informed(fit: RivalFit) -> Numbers:
    """Return the log prior of each draw in the informed directions: the others only add noise."""
    return np.asarray(-0.5 * ((fit.draws @ informed_directions(fit.linearised).T) ** 2).sum(axis=1))


def _between_starts(fits: Sequence[RivalFit], place: int) -> float | None:
    """Return the largest difference between starts' means of a summary; None where starts know none."""
    apart = [float(np.ptp(fit.means_of_starts[:, place])) for fit in fits]
    return max(apart) if np.isfinite(apart).all() else None


def _quantile(values: Numbers, shares: Numbers, wanted: float) -> float:
    order = np.argsort(values)
    return float(np.interp(wanted, np.cumsum(shares[order]) - shares[order] / 2, values[order]))


def _parameters(
    fits: Sequence[RivalFit], weights: dict[str, float], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return, for each uncertain parameter, how far the data moved and narrowed it, averaged over rivals."""
    share = np.array([weights[fit.rival] for fit in fits])
    shrinkage = share @ np.array([1 - fit.posterior_sd for fit in fits])
    moved = share @ np.array([fit.mean for fit in fits])
    rows = [
        {
            "name": name,
            "moved_prior_sds": float(moved[column]),
            "shrinkage": float(shrinkage[column]),
            "learnt": bool(shrinkage[column] >= STRONGLY_MOVED),
        }
        for column, name in enumerate(names)
    ]
    return sorted(rows, key=lambda row: -float(str(row["shrinkage"])))
