"""Published trials as protocols that can be run by id."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.trial.protocol import Protocol
from calor.trial.reading import read_protocol


@cache
def published_protocols() -> dict[str, Protocol]:
    """Return the published trials that ship as protocols, by id."""
    folder = Path(str(files("calor.trial.published")))
    protocols = [read_protocol(path) for path in sorted(folder.glob("*.yaml"))]
    return {protocol.id: protocol for protocol in protocols}
