"""Published trials as protocols that can be run by id; the file's name is the id."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.trial.protocol import Protocol
from calor.trial.reading import read_protocol

_FOLDER = Path(str(files("calor.trial.published")))


def published_ids() -> tuple[str, ...]:
    """Return the ids of the published trials that ship as protocols, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def published_protocol(identifier: str) -> Protocol:
    """Return the protocol of a published trial. Raises KeyError for an id that is not one of them."""
    if identifier not in published_ids():
        raise KeyError(identifier)
    return read_protocol(_FOLDER / f"{identifier}.yaml")


def published_protocols() -> dict[str, Protocol]:
    """Return every published trial that ships as a protocol, by id."""
    return {identifier: published_protocol(identifier) for identifier in published_ids()}
