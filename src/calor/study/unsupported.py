"""What other tools or guidelines know and calor does not do: refused by name, never approximated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import Problem

_AGAINST_A_MARGIN = (
    "write analysis: {margin: {claim: non-inferiority, size: 1}}; claim: equivalence is the other"
)
_WHOLE_SITES = "write a parallel design with sites: {count: 12, level_sd: 0.5, allocation: whole}"

KNOWN_ELSEWHERE: dict[tuple[str, ...], dict[str, str]] = {
    # key: {value: what to do instead}
    ("design", "type"): {
        "adaptive-randomisation": "the design is named response-adaptive here",
        "bayesian-adaptive": "response-adaptive moves the shares of the arms; group-sequential stops early",
        "play-the-winner": "response-adaptive moves the shares by the probability of benefit",
        "mams": "the design is named multi-arm-multi-stage here",
        "pick-the-winner": "the design is named drop-the-losers here",
        "seamless": "run the two phases as protocols of their own",
        "dose-escalation": "write each dose as an arm of a parallel design",
        "dose-response": "the design is named dose-finding here",
        "mcp-mod": "the design is named dose-finding here",
        "map": "the design is named borrowed-control here",
        "historical-control": "borrowed-control borrows for a control arm that the trial has",
        "synthetic-control": "borrowed-control borrows from studies; simulated patients are no data",
        "3+3": "write each dose as an arm of a parallel design",
        "continual-reassessment": "write each dose as an arm of a parallel design",
        "withdrawal": "write type: randomised-withdrawal",
        "enriched-enrolment": "write type: randomised-withdrawal; adaptive-enrichment chooses a subgroup",
        "delayed-start": "parallel arms are supported",
        "aggregated-n-of-1": "write type: n-of-1",
        "non-inferiority": _AGAINST_A_MARGIN,
        "equivalence": _AGAINST_A_MARGIN,
        "cluster": _WHOLE_SITES,
        "cluster-randomised": _WHOLE_SITES,
        "stepped-wedge": _WHOLE_SITES,
        "basket": "a protocol for each population is supported",
        "umbrella": "a protocol for each subgroup is supported",
        "master-protocol": "platform has arms that come and go; else a protocol for each question",
        "smart": "parallel arms are supported",
        "single-arm": "add a control arm: an effect is a difference between arms",
        "before-after": "add a control arm: an effect is a difference between arms",
        "open-label": "parallel is supported; whether the arms are known changes nothing that is simulated",
        "preference": "patients are allocated at random",
        "split-body": "a limb is no unit of allocation",
    },
    ("estimand", "stopping"): {"principal-stratum": "the other four strategies are supported"},
    ("estimand", "rescue"): {"principal-stratum": "the other four strategies are supported"},
    ("estimand", "loss"): {"principal-stratum": "hypothetical and composite are supported"},
    ("analysis", "method"): {
        "kaplan-meier": "log-rank or cox compares two arms' times to loss of response",
        "wilcoxon": "use t-test or ancova",
        "gee": "use mmrm",
    },
    ("endpoint", "variable"): {
        "quality-of-life": "use pain-diary or css",
        "iss": "the impairment sum score is not simulated",
    },
}


KEYS_KNOWN_ELSEWHERE: dict[tuple[str, ...], str] = {
    # key that other tools have: what to do instead
    ("analysis", "hypothesis"): _AGAINST_A_MARGIN,
    ("analysis", "non_inferiority_margin"): _AGAINST_A_MARGIN,
    ("design", "clusters"): _WHOLE_SITES,
    ("design", "cluster_size"): _WHOLE_SITES,
    ("design", "burn_in"): "a response-adaptive design names its burn_in_patients",
    ("design", "drift", "recruited"): "a trend of the outcome is: per_month, or step with step_month",
    ("design", "virtual_controls"): "simulated patients are no data: they are shown beside the prior",
    ("design", "synthetic_controls"): "simulated patients are no data: they are shown beside the prior",
}


def unsupported_parts(document: Document) -> Iterator[Problem]:
    """Yield what a protocol asks for that is known and not supported, with what to do instead."""
    for path, names in KNOWN_ELSEWHERE.items():
        value = _at(document.data, path)
        key: Key = path
        if value is None and path[-1] == "type":
            key, value = path[:-1], _at(document.data, path[:-1])
        name = _normalised(value) if isinstance(value, str) else ""
        if name in names:
            yield document.problem(key, f"{value} is not supported", hint=names[name])
    for path, instead in KEYS_KNOWN_ELSEWHERE.items():
        if _at(document.data, path) is not None:
            yield document.problem(path, "is not supported", hint=instead)


def _normalised(name: str) -> str:
    """Return a name as the tables spell it: lower case, hyphens, British."""
    words = name.strip().lower().replace("_", "-").replace(" ", "-")
    for one, other in (("randomiz", "randomis"), ("enrollment", "enrolment"), ("noninf", "non-inf")):
        words = words.replace(one, other)
    return words


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    return data
