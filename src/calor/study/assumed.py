"""What a study assumes: what it marks so, with a reason, and what it states of the world without a source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.study.study import Study


def assumed_in(study: Study) -> dict[str, str]:
    """Return what of a study is assumed, by key: the reason that it gives, or the values that it states.

    What a study supposes (`Study.supposes`) counts as stated where its provenance grades neither it nor a
    part of it.
    """
    declared = {key: graded.assumed for key, graded in study.provenance.items() if graded.assumed is not None}
    data = study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for key in study.supposes:
        values = [
            f"{within} {value:g}".strip() if isinstance(value, float) else f"{within} {value}".strip()
            for within, value in _values(_at(data, key))
            if not _graded(study, f"{key}.{within.replace(' ', '.')}")
        ]
        if values:
            declared[key] = f"{', '.join(values)} (stated without a source)"
    return declared


def _at(data: Any, key: str) -> Any:
    for name in key.split("."):
        data = data.get(name, {}) if isinstance(data, dict) else {}
    return data


def _values(data: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single value of some data, with the names of the parts that it stands in."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _values(value, f"{within} {name}".strip())
    elif isinstance(data, list):
        for value in data:
            yield from _values(value, within)
    else:
        yield within, data


def _graded(study: Study, key: str) -> bool:
    return any(key == graded or key.startswith(f"{graded}.") for graded in study.provenance)
