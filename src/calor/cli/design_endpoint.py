"""The endpoint that the options of `calor design` describe."""

from __future__ import annotations

from typing import Any

from calor.core.errors import InputError, UnsupportedError
from calor.trial.theory import (
    CrossoverEndpoint,
    Endpoint,
    EquivalenceEndpoint,
    LogRankEndpoint,
    MeanEndpoint,
    RateEndpoint,
    non_inferiority,
)

ENDPOINT_SETTINGS = {
    "mean": (("delta", "sd"), ("allocation", "normal_approximation")),
    "crossover": (("delta", "sd"), ("normal_approximation",)),
    "rate": (("rate1", "rate2"), ("allocation",)),
    "log-rank": (("hazard_ratio", "rate2"), ("allocation",)),
    "non-inferiority": (("delta", "margin", "sd"), ("allocation",)),
    "equivalence": (("delta", "margin", "sd"), ("allocation",)),
}
"""For each endpoint, the settings it needs and those it also takes."""

SETTINGS = ("delta", "margin", "sd", "rate1", "rate2", "hazard_ratio", "allocation", "normal_approximation")

KNOWN_ELSEWHERE = {
    "survival": "log-rank compares times to an event",
    "hazard": "log-rank compares times to an event",
    "count": "mean, rate, log-rank or crossover",
}
"""Endpoints that other tools offer and calor does not, or by another name, with a hint."""


def endpoint_of(settings: dict[str, Any]) -> Endpoint:
    """Return the endpoint that the options describe."""
    kind = settings["endpoint"]
    if kind not in ENDPOINT_SETTINGS:
        if kind in KNOWN_ELSEWHERE:
            raise UnsupportedError.of(f"{kind} is not offered", key="endpoint", hint=KNOWN_ELSEWHERE[kind])
        raise InputError.of(f"is {kind!r}", key="endpoint", allowed=", ".join(ENDPOINT_SETTINGS))
    needed, taken = ENDPOINT_SETTINGS[kind]
    for name in SETTINGS:
        given = settings[name] is not None and settings[name] is not False
        if name in needed and not given:
            raise InputError.of(f"is missing: {kind} needs it", key=name.replace("_", "-"))
        if given and name not in needed + taken:
            what, hint = f"is not for {kind}", f"{kind} takes {_flags(needed + taken)}"
            raise InputError.of(what, key=name.replace("_", "-"), hint=hint)
    allocation = 1.0 if settings["allocation"] is None else settings["allocation"]
    if kind == "rate":
        return RateEndpoint(settings["rate1"], settings["rate2"], allocation)
    if kind == "log-rank":
        _refuse_looks(kind, settings)
        return LogRankEndpoint(settings["hazard_ratio"], settings["rate2"], allocation)
    if kind in AGAINST_A_MARGIN:
        return _against_margin(kind, allocation, settings)
    normal = settings["normal_approximation"]
    if kind == "crossover":
        return CrossoverEndpoint(settings["delta"], settings["sd"], normal)
    return MeanEndpoint(settings["delta"], settings["sd"], allocation, normal)


AGAINST_A_MARGIN = ("non-inferiority", "equivalence")


def _against_margin(kind: str, allocation: float, settings: dict[str, Any]) -> Endpoint:
    """Return a test of means against a margin. Raises UnsupportedError for two sides or several looks."""
    if settings["sided"] != 1:
        what = f"a two-sided test of {kind} is not offered"
        raise UnsupportedError.of(what, key="sided", hint="each side of the margin is tested at alpha")
    _refuse_looks(kind, settings)
    delta, margin, sd = settings["delta"], settings["margin"], settings["sd"]
    if kind == "equivalence":
        return EquivalenceEndpoint(delta, margin, sd, allocation)
    return non_inferiority(delta, margin, sd, allocation)


def _refuse_looks(kind: str, settings: dict[str, Any]) -> None:
    if settings["looks"] is not None or settings["information"] is not None:
        raise UnsupportedError.of(f"looks at a test of {kind} are not offered", key="looks")


def _flags(names: tuple[str, ...]) -> str:
    return ", ".join("--" + name.replace("_", "-") for name in names)
