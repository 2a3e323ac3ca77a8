"""A trial with some of its keys at another value: from its text, so that every rule of a study holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import InputError, Problem, ReportedError
from calor.study import Protocol
from calor.study.arms import Arm
from calor.study.library import path_of, trial_ids
from calor.study.reading import is_designed, study_document
from calor.study.treatments import treatments_of
from calor.therapy.dosing import acknowledgements_for
from calor.trial.protocols.reading import check_protocol

ACKNOWLEDGE = "acknowledge"
PUBLISHED_ONLY = ("record", "role", "provenance", "fitted")
"""Keys that say something of the published trial and nothing of one that is like it."""

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True)
class Varied:
    """A protocol with keys at other values, and the hazards that its drugs ask to be provided for."""

    protocol: Protocol
    hazards: tuple[str, ...]


def trial_document(name: str, folder: Path) -> Document:
    """Return the document of a published trial or of a protocol file beside the question.

    Raises InputError for anything else.
    """
    if name in trial_ids():
        return study_document(path_of(name))
    path = folder / name
    if not path.exists():
        raise InputError.of(
            f"{name!r} is neither a published trial nor a file",
            allowed=f"a protocol file, or {', '.join(trial_ids())}",
            hint="calor trials lists the published trials",
        )
    document = study_document(path)
    if not is_designed(document):
        raise InputError.of("is a study without a design: a candidate is a trial", file=path)
    return document


def varied(document: Document, changes: Mapping[str, Any]) -> Varied:
    """Return a trial with keys at other values.

    A key is `regimen` or `drug` (of the only treatment of the active arms) or a place, as
    `population.pain_nrs` or `arms[0].treatments[0].regimen`. Raises InputError for a key that a trial does
    not have, or a value that breaks a rule of trials.
    """
    data = {key: value for key, value in deepcopy(document.data).items() if key not in PUBLISHED_ONLY}
    for key, value in changes.items():
        _put(data, _place_of(key, data), key, deepcopy(value))
    hazards = _hazards(data)
    data[ACKNOWLEDGE] = list(hazards)
    return Varied(check_protocol(replace(document, data=data)), hazards)


def _place_of(key: str, data: dict[str, Any]) -> Key:
    if key not in ("regimen", "drug"):
        return tuple(int(number) if number else name for name, number in _PART.findall(key))
    found: list[Key] = [
        ("arms", arm, "treatments", place, key)
        for arm, given in enumerate(data.get("arms", ()))
        if given.get("name") != data.get("control")
        for place, _ in enumerate(given.get("treatments", ()))
    ]
    if len(found) != 1:
        raise InputError.of(
            f"{key}: the trial gives {len(found)} treatments in its active arms",
            hint=f"name the place: arms[0].treatments[0].{key}",
        )
    return found[0]


def _put(data: Any, place: Key, key: str, value: Any) -> None:
    node = data
    for part in place[:-1]:
        try:
            node = node[part] if not isinstance(node, dict) else node.setdefault(part, {})
        except (IndexError, KeyError, TypeError):
            raise InputError.of(f"the trial has no {key!r}") from None
    try:
        node[place[-1]] = value
    except (IndexError, TypeError):
        raise InputError.of(f"the trial has no {key!r}") from None


def _hazards(data: dict[str, Any]) -> tuple[str, ...]:
    """Return the hazards that the drugs of a trial ask to be acknowledged, as far as they can be read."""
    found: dict[str, None] = {}
    for given in data.get("arms", ()):
        try:
            for each in treatments_of(Arm.model_validate(given)):
                found |= dict.fromkeys(hazard.id for hazard in acknowledgements_for(each.regimen, each.drug))
        except (ReportedError, ValueError):
            continue  # the check of the whole says what is wrong, and where
    return tuple(found)


def placed_problems(error: ReportedError, document: Document, key: Key) -> list[Problem]:
    """Return an error's problems at a key of the question's document, each with where it stood before."""
    return [
        document.problem(
            key,
            f"{problem.place}: {problem.what}" if str(problem.place) else problem.what,
            allowed=problem.allowed,
            hint=problem.hint,
        )
        for problem in error.problems
    ]
