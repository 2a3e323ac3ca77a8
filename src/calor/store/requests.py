"""What was asked of a run: the first file of its folder, and what tells whether another asks for the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from calor.core.errors import InputError
from calor.core.provenance import sha256_of_data
from calor.store.whole_files import read_json, write_whole_json

REQUEST = "request.json"


@dataclass(frozen=True)
class Request:
    """What a run was asked for.

    Arguments: the command in words (`trial`, `trial --find`); what is asked about, for people; the command
    line that gives the same after `calor`, without where it goes and how many workers do it; the folder that
    its paths are relative to; everything that its numbers depend on (options and documents, with hashes);
    what else they depend on (versions, code, processor); and how many workers there are.

    A request that waits in a queue knows its command line alone: `asked` is empty.
    """

    command: str
    question: str
    arguments: tuple[str, ...]
    working_folder: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    made_with: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1

    @property
    def fingerprint(self) -> str:
        """The hash of everything that the numbers of the run depend on."""
        return sha256_of_data([self.command, self.asked, self.made_with])

    def differences(self, other: Request) -> list[str]:
        """Return in words what this request asks for and another does not, or otherwise."""
        found = [] if self.command == other.command else [f"it is a run of calor {other.command}"]
        for name in dict.fromkeys((*self.asked, *other.asked)):
            mine, theirs = (sha256_of_data(each.asked.get(name)) for each in (self, other))
            if mine != theirs:
                found.append(_difference(name, self.asked.get(name), other.asked.get(name)))
        return found


def write_request(folder: Path, request: Request) -> None:
    """Write what was asked into a run's folder. Raises OSError where it cannot be."""
    write_whole_json(folder / REQUEST, asdict(request))


def read_request(folder: Path) -> Request | None:
    """Return what a run was asked for, None where a folder holds no request.

    Raises InputError where the file is damaged.
    """
    path = folder / REQUEST
    if not path.exists():
        return None
    document = read_json(path)
    try:
        if document is None:
            raise TypeError
        return Request(**{**document, "arguments": tuple(document["arguments"])})
    except (TypeError, KeyError):
        raise InputError.of("is not the request of a run", file=path, hint="remove the run") from None


def _difference(name: str, mine: Any, theirs: Any) -> str:
    """Return in words how two requests differ in one thing; a document is only named."""
    short = all(isinstance(each, str | int | float | None) for each in (mine, theirs))
    return f"its {name} is {mine} and not {theirs}" if short else f"it has another {name}"
