"""The trials that ship, each with its frozen forecast, and whether the forecasts are of the model at hand."""

from __future__ import annotations

from typing import Any

from calor.population.posteriors import Shipped, shipped_sha256
from calor.study.library import study_ids, trial_ids, trial_sha256
from calor.study.study import REGISTERED
from calor.trial.forecast.failures import failures_of
from calor.trial.forecast.frozen import latest_frozen
from calor.trial.protocols.published import published_protocol


def listing(frozen: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return every trial that ships with its frozen forecast, None where it has none.

    Arguments: frozen forecasts, or None for those that ship. `stale` says in words what has changed since.
    """
    found = frozen or latest_frozen() or {}
    known = {trial["id"]: trial for trial in found.get("trials", [])}
    registered = found.get("registered", [])
    trials = [
        known.get(identifier) or _without_forecast(identifier)
        for identifier in trial_ids()
        if identifier not in {trial["id"] for trial in registered}
    ]
    return {
        "frozen": {
            "date": found.get("date"),
            "made_with": found.get("made_with"),
            "scales_registered": found.get("scales_registered"),
        },
        "stale": stale_parts(found),
        "failures": failures_of(found.get("trials", [])),
        "trials": [trial for trial in trials if trial["role"] != REGISTERED],
        "registered": registered,
        "courses": found.get("courses", []),
    }


def stale_parts(found: dict[str, Any]) -> list[str]:
    """Return what has changed since forecasts were frozen: protocols, and the posteriors that ship."""
    forecasts = [
        trial
        for trial in (*found.get("trials", []), *found.get("registered", []), *found.get("courses", []))
        if "protocol_sha256" in trial
    ]
    said = [
        f"the protocol of {trial['id']} has changed"
        for trial in forecasts
        if trial["id"] in study_ids() and trial["protocol_sha256"] != trial_sha256(trial["id"])
    ]
    used = {trial["posterior"]["name"]: trial["posterior"]["file_sha256"] for trial in forecasts}
    for name in (Shipped.PRODUCT, Shipped.VALIDATION):
        at_hand = shipped_sha256(name)
        if forecasts and at_hand is not None and used.get(name) != at_hand:
            said.append(f"the posterior {name} is another one")
    return said


def _without_forecast(identifier: str) -> dict[str, Any]:
    protocol = published_protocol(identifier)
    return {
        **protocol.described(),
        "predicted_interval95": None,
        "published": None,
        "comparison": None,
        "covered": None,
        "also": [],
    }
