"""Protocol files: read, checked against the schema, and checked against drugs, regimens and safety."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, Problem, UnsupportedError
from calor.trial.protocol import Protocol
from calor.trial.protocol.unsupported import unsupported_parts
from calor.trial.treatments import branch_problems, treatment_problems


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file. Raises InputError with every problem, its line and key."""
    return check_protocol(read_document(path))


def check_protocol(document: Document) -> Protocol:
    """Return the protocol in a document.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is known elsewhere
    and not supported here.
    """
    refused = list(unsupported_parts(document))
    if refused:
        raise UnsupportedError(refused)
    protocol = validate(document, Protocol)
    problems = [*_provenance_problems(protocol, document), *treatment_problems(protocol, document)]
    if problems:
        raise InputError(problems)
    refused = list(branch_problems(protocol, document))
    if refused:
        raise UnsupportedError(refused)
    return protocol


def _provenance_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    known = keys_of(document.data)
    for key in protocol.provenance:
        if key not in known:
            yield document.problem(
                ("provenance", key),
                "grades a key that the protocol does not have",
                allowed=", ".join(sorted(known)),
            )


def keys_of(data: object, prefix: str = "") -> set[str]:
    """Return the dotted keys of a protocol's data, without list positions and without `provenance`."""
    if isinstance(data, list):
        return {key for item in data for key in keys_of(item, prefix)}
    if not isinstance(data, dict):
        return set()
    keys: set[str] = set()
    for name, value in data.items():
        dotted = f"{prefix}.{name}" if prefix else name
        if dotted != "provenance":
            keys |= {dotted} | keys_of(value, dotted)
    return keys
