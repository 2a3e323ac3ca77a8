"""Protocol files: read, checked against the schema, and checked against drugs, regimens and safety."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, Problem, UnsupportedError
from calor.evidence.library import record
from calor.study import Protocol
from calor.study.unsupported import unsupported_parts
from calor.therapy.library import is_drug_file
from calor.trial.treatments import branch_problems, treatment_problems


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file; a drug file that it names is sought beside it.

    Raises InputError with every problem, its line and key.
    """
    return check_protocol(_with_drug_files(read_document(path), path.parent))


def _with_drug_files(document: Document, folder: Path) -> Document:
    """Return a protocol's document with the paths of its drug files as they are from here."""
    return replace(document, data=_placed_in(folder, document.data))


def _placed_in(folder: Path, node: Any) -> Any:
    if isinstance(node, list):
        return [_placed_in(folder, item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: os.path.normpath(folder / value)
        if name == "drug" and isinstance(value, str) and is_drug_file(value)
        else _placed_in(folder, value)
        for name, value in node.items()
    }


def check_protocol(document: Document) -> Protocol:
    """Return the protocol in a document.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is known elsewhere
    and not supported here.
    """
    refused = list(unsupported_parts(document))
    if refused:
        raise UnsupportedError(refused)
    protocol = validate(document, Protocol)
    problems = [
        *_provenance_problems(protocol, document),
        *_record_problems(protocol, document),
        *treatment_problems(protocol, document),
    ]
    if problems:
        raise InputError(problems)
    refused = list(branch_problems(protocol, document))
    if refused:
        raise UnsupportedError(refused)
    return protocol


def _record_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the evidence record that a protocol is linked to."""
    if protocol.record is None:
        return
    try:
        record(protocol.record)
    except InputError as error:
        for problem in error.problems:
            yield document.problem(("record",), problem.what, hint=problem.hint)


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
