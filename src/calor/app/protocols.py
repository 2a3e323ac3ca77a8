"""A protocol that somebody sends: read as data and checked, with the command line's own messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.core.documents import Document, Key, parse_document
from calor.core.errors import Problem, UnsupportedError
from calor.study import Protocol
from calor.therapy.library import is_drug_file
from calor.trial.protocols.reading import check_protocol

FILE = "protocol.yaml"
"""What a protocol that was sent is called in messages."""


def sent_protocol(text: str, name: str = FILE) -> Protocol:
    """Return the protocol in a text (YAML). Arguments: the text, and what it is called in messages.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is not supported
    and for drug files: a server opens no file that a visitor names.
    """
    document = parse_document(text, name)
    refused = list(_drug_files(document, document.data, ()))
    if refused:
        raise UnsupportedError(refused)
    return check_protocol(document)


def _drug_files(document: Document, node: Any, key: Key) -> Iterator[Problem]:
    if isinstance(node, list):
        for place, item in enumerate(node):
            yield from _drug_files(document, item, (*key, place))
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "drug" and isinstance(value, str) and is_drug_file(value):
                yield document.problem(
                    (*key, name),
                    f"is the file {value!r}, and the server opens no file that is named to it",
                    allowed="a drug of the library",
                    hint="calor trial PROTOCOL reads it on the command line",
                )
            else:
                yield from _drug_files(document, value, (*key, name))
