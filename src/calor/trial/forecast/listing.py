"""The trials that ship, each with its frozen forecast, and whether the forecasts are of the model at hand."""

from __future__ import annotations

from typing import Any

from calor.population.posteriors import Shipped, shipped_posterior
from calor.trial.forecast.failures import failures_of
from calor.trial.forecast.freezing import REGISTERED, hash_of
from calor.trial.forecast.frozen import latest_frozen
from calor.trial.protocol import Protocol
from calor.trial.published import published_protocols


def listing(frozen: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return every trial that ships with its frozen forecast, None where it has none.

    Arguments: frozen forecasts, or None for those that ship. `stale` says in words what has changed since.
    """
    found = frozen or latest_frozen() or {}
    known = {trial["id"]: trial for trial in found.get("trials", [])}
    protocols = published_protocols()
    return {
        "frozen": {
            "date": found.get("date"),
            "made_with": found.get("made_with"),
            "scales_registered": found.get("scales_registered"),
        },
        "stale": stale_parts(found, protocols),
        "failures": failures_of(found.get("trials", [])),
        "trials": [
            known.get(identifier) or _without_forecast(protocol)
            for identifier, protocol in protocols.items()
            if protocol.role != REGISTERED
        ],
        "registered": found.get("registered", []),
    }


def stale_parts(found: dict[str, Any], protocols: dict[str, Protocol]) -> list[str]:
    """Return what has changed since forecasts were frozen: protocols, and the posteriors that ship."""
    said = []
    shipped = {name: shipped_posterior(name) for name in Shipped}
    forecasts = [*found.get("trials", []), *found.get("registered", [])]
    for trial in forecasts:
        protocol = protocols.get(trial["id"])
        if protocol is None or "protocol_sha256" not in trial:
            continue
        if trial["protocol_sha256"] != hash_of(protocol):
            said.append(f"the protocol of {trial['id']} has changed")
    used = {
        trial["posterior"]["name"]: trial["posterior"]["file_sha256"]
        for trial in forecasts
        if "posterior" in trial
    }
    for name, posterior in shipped.items():
        if posterior is not None and used.get(name) != posterior.file_sha256:
            said.append(f"the posterior {name} is another one")
    return said


def _without_forecast(protocol: Protocol) -> dict[str, Any]:
    return {
        "id": protocol.id,
        "title": protocol.title,
        "role": protocol.role,
        "design": protocol.design.type,
        "patients": protocol.patients,
        "endpoint": protocol.endpoint.words,
        "predicted_interval95": None,
        "published": None,
        "comparison": None,
        "covered": None,
        "also": [],
    }
