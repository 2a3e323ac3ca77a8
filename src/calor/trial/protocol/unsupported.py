"""What other tools or guidelines know and calor does not do: refused by name, never approximated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import Problem

KNOWN_ELSEWHERE: dict[tuple[str, ...], dict[str, str]] = {
    # key: {value: what to do instead}
    ("design", "type"): {
        "factorial": "write each combination as an arm of a parallel design",
        "response-adaptive": "fixed allocation ratios are supported",
        "multi-arm-multi-stage": "parallel with several arms, or group-sequential with two",
        "dose-finding": "write each dose as an arm of a parallel design",
        "randomised-withdrawal": "parallel arms are supported",
        "n-of-1": "a crossover with several periods is the nearest design",
        "platform": "parallel with several arms is supported",
    },
    ("estimand", "stopping"): {"principal-stratum": "the other four strategies are supported"},
    ("estimand", "rescue"): {"principal-stratum": "the other four strategies are supported"},
    ("estimand", "loss"): {"principal-stratum": "hypothetical and composite are supported"},
    ("analysis", "method"): {
        "cox": "time-to-event endpoints are not simulated",
        "log-rank": "time-to-event endpoints are not simulated",
        "wilcoxon": "use t-test or ancova",
        "gee": "use mmrm",
    },
    ("endpoint", "variable"): {
        "css": "the CRPS severity score is not simulated; use pain-diary, temperature-difference or grip",
        "quality-of-life": "use pain-diary, temperature-difference or grip",
        "iss": "the impairment sum score is not simulated",
    },
}


def unsupported_parts(document: Document) -> Iterator[Problem]:
    """Yield what a protocol asks for that is known and not supported, with what to do instead."""
    for path, names in KNOWN_ELSEWHERE.items():
        value = _at(document.data, path)
        if isinstance(value, str) and value in names:
            key: Key = path
            yield document.problem(key, f"{value} is not supported", hint=names[value])


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    return data
