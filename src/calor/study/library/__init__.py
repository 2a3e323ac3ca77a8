"""Published trials as protocols that can be run by id; the file's name is the id."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from calor.core.provenance import sha256_of_text

if TYPE_CHECKING:
    from calor.study import Protocol

_FOLDER = Path(str(files("calor.study.library")))


def published_ids() -> tuple[str, ...]:
    """Return the ids of the published trials that ship as protocols, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def published_protocol(identifier: str) -> Protocol:
    """Return the protocol of a published trial. Raises KeyError for an id that is not one of them."""
    # Whoever asks for ids alone does not wait two seconds for drugs, regimens and designs.
    from calor.trial.reading import read_protocol

    if identifier not in published_ids():
        raise KeyError(identifier)
    return read_protocol(_FOLDER / f"{identifier}.yaml")


def published_protocols() -> dict[str, Protocol]:
    """Return every published trial that ships as a protocol, by id."""
    return {identifier: published_protocol(identifier) for identifier in published_ids()}


def published_sha256(identifier: str) -> str:
    """Return the hash of a published trial's file."""
    return sha256_of_text((_FOLDER / f"{identifier}.yaml").read_text(encoding="utf-8"))
