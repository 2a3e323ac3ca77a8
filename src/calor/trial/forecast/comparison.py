"""A published result against the forecast of its trial: covered or not, how wide, and better than nothing?"""

from __future__ import annotations

from typing import Any

import numpy as np

from calor.trial.forecast.kinds import Kind, Of
from calor.trial.forecast.samples import RivalTrials, Trials
from calor.trial.forecast.scales import PublishedResult, ScaleEntry
from calor.trial.forecast.scores import DISCRIMINATES_BELOW, Forecast, jackknife_error, overlap

LEAST_PROBABILITY = 0.5
"""A direction fails where fewer than half of the forecast trials show it."""


def compared(trials: Trials, entry: ScaleEntry, published: PublishedResult) -> dict[str, Any]:
    """Return one registered comparison as JSON-like data: over all rivals, and under each."""
    overall = _against(trials, entry, published, None)
    by_rival = [
        {"name": each.rival.name, "weight": each.weight, **_against(trials, entry, published, each)}
        for each in trials.by_rival
    ]
    return {
        "kind": str(entry.kind),
        "of": str(entry.of),
        "scale": entry.scale,
        "because": entry.because,
        "published": {
            "value": published.value,
            "interval95": list(published.interval95) if published.interval95 else None,
            "direction": str(published.direction),
            "grade": str(published.grade),
            "source": published.source,
        },
        **overall,
        "by_rival": by_rival,
    }


def _against(
    trials: Trials, entry: ScaleEntry, published: PublishedResult, only: RivalTrials | None
) -> dict[str, Any]:
    """Return how the forecast does, under one rival or averaged over all."""
    with_effect = trials.forecast(entry.of, only=only)
    without = trials.forecast(entry.of, effect=False, only=only)
    interval = with_effect.interval
    found: dict[str, Any] = {
        "predicted_mean": with_effect.mean,
        "predicted_interval95": interval.pair(),
        "interval_width": interval.upper - interval.lower,
        **_discriminates(entry, with_effect, without),
    }
    if entry.kind is Kind.NUMERIC:
        value = _value_of(published)
        covered = interval.lower <= value <= interval.upper
        scores = _scores(
            with_effect.log_score(value),
            without.log_score(value),
            jackknife_error(with_effect.worlds, lambda world: _gain(with_effect, without, value, world)),
        )
        return {**found, "covered": covered, "probability": None, "failed": not covered, **scores}
    shown = trials.shares(published.direction, only=only)
    unmoved = trials.shares(published.direction, effect=False, only=only)

    def gain(world: int | None) -> float:
        left = shown if world is None else shown.without_world(world)
        right = unmoved if world is None else unmoved.without_world(world)
        return left.log_score - right.log_score

    scores = _scores(shown.log_score, unmoved.log_score, jackknife_error(shown.worlds, gain))
    failed = shown.probability < LEAST_PROBABILITY
    return {**found, "covered": None, "probability": shown.probability, "failed": failed, **scores}


def _value_of(published: PublishedResult) -> float:
    if published.value is None:
        raise ValueError("a numeric comparison has a published number")
    return published.value


def _gain(with_effect: Forecast, without: Forecast, value: float, world: int | None) -> float:
    left = with_effect if world is None else with_effect.without_world(world)
    right = without if world is None else without.without_world(world)
    return left.log_score(value) - right.log_score(value)


def _scores(own: float, zero_effect: float, error: float) -> dict[str, float | None]:
    """Return both log scores, and the gain over the zero-effect predictor with its Monte Carlo error.

    The error is None where all results are of one world, which says nothing of the others.
    """
    return {
        "log_score": own,
        "log_score_zero_effect": zero_effect,
        "gain": own - zero_effect,
        "gain_mc_error": error if np.isfinite(error) else None,
    }


def _discriminates(entry: ScaleEntry, with_effect: Forecast, without: Forecast) -> dict[str, Any]:
    """Return whether the trial could have told the effect from none; a level has no such question."""
    if entry.of is Of.LEVEL:
        return {"overlap_with_no_effect": None, "discriminates": None}
    share = overlap(with_effect, without)
    return {"overlap_with_no_effect": share, "discriminates": share < DISCRIMINATES_BELOW}
