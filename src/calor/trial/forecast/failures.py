"""What the forecasts got wrong, by the registered rules: the first thing to read of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from calor.trial.forecast.kinds import Kind

CERTAIN = 2.0
"""Monte Carlo errors by which a score must lie below the zero-effect predictor's to be called worse."""


def failures_of(trials: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what failed, and what did worse than predicting no effect; held-out trials first.

    Each names the trial and the registered scale, says whether it failed over all rivals together or did
    worse than the zero-effect predictor, and lists the rivals under which either is so. Arguments: the
    frozen trials.
    """
    found = [failure for trial in trials for failure in _of_trial(trial)]
    return sorted(found, key=lambda failure: (failure["role"] != "held-back", not failure["failed"]))


def _of_trial(trial: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for comparison in (trial["comparison"], *trial["also"]):
        rivals = [
            {"name": rival["name"], "weight": rival["weight"], **_said(rival)}
            for rival in comparison["by_rival"]
            if rival["failed"] or is_worse(rival)
        ]
        said = _said(comparison)
        if said["failed"] or said["worse_than_no_effect"] or rivals:
            numeric = comparison["kind"] == Kind.NUMERIC
            yield {
                "trial": trial["id"],
                "role": trial["role"],
                "kind": comparison["kind"],
                "of": comparison["of"],
                "scale": comparison["scale"],
                "published": comparison["published"]["value" if numeric else "direction"],
                **said,
                "rivals": rivals,
            }


def _said(scored: dict[str, Any]) -> dict[str, Any]:
    """Return how a forecast failed: its own figures, over all rivals or under one."""
    return {
        "failed": scored["failed"],
        "worse_than_no_effect": is_worse(scored),
        **{name: scored[name] for name in ("predicted_interval95", "probability", "gain", "gain_mc_error")},
    }


def is_worse(scored: dict[str, Any]) -> bool:
    """Return whether a forecast did worse than predicting no effect, beyond Monte Carlo error."""
    error = scored["gain_mc_error"]
    return error is not None and bool(scored["gain"] + CERTAIN * error < 0)
