"""Published and registered trials as protocols that can be run by id."""

from __future__ import annotations

from functools import cache

from calor.study import Protocol
from calor.study.library import path_of, trial_ids
from calor.trial.protocols.reading import read_protocol


@cache
def published_protocol(identifier: str) -> Protocol:
    """Return the protocol of a published trial. Raises KeyError for an id that is not one of them."""
    if identifier not in trial_ids():
        raise KeyError(identifier)
    return read_protocol(path_of(identifier))


def published_protocols() -> dict[str, Protocol]:
    """Return every trial that ships, by id."""
    return {identifier: published_protocol(identifier) for identifier in trial_ids()}
