"""Protocol files: a study designed as a trial, checked against its design, its analysis and the bank."""

from __future__ import annotations

from pathlib import Path

from calor.core.documents import Document
from calor.core.errors import UnsupportedError
from calor.study import Protocol
from calor.study.reading import check_designed, study_document
from calor.trial.protocols.given import branch_problems
from calor.trial.protocols.rules import misfits


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file. Raises InputError with every problem, its line and key."""
    return check_protocol(study_document(path))


def check_protocol(document: Document) -> Protocol:
    """Return the protocol in a document.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is known elsewhere
    and not supported here.
    """
    protocol = check_designed(document, misfits)
    refused = list(branch_problems(protocol, document))
    if refused:
        raise UnsupportedError(refused)
    return protocol
