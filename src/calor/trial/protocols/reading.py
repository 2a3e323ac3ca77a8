"""Protocol files: a study designed as a trial, checked against its design, its analysis and the bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calor.core.documents import Document
from calor.core.errors import InputError, Problem, ReportedError, UnsupportedError
from calor.study import GroupSequential, Protocol
from calor.study.reading import check_designed, study_document
from calor.trial.protocols.branches import branch_problems
from calor.trial.theory import SequentialPlan, boundaries


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file. Raises InputError with every problem, its line and key."""
    return check_protocol(study_document(path))


def check_protocol(document: Document) -> Protocol:
    """Return the protocol in a document.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is known elsewhere
    and not supported here.
    """
    protocol = check_designed(document)
    problems = list(_boundary_problems(protocol, document))
    if problems:
        raise InputError(problems)
    refused = list(branch_problems(protocol, document))
    if refused:
        raise UnsupportedError(refused)
    return protocol


def _boundary_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield why the looks and the spending of a group-sequential design make no boundaries."""
    design, analysis = protocol.design, protocol.analysis
    if not isinstance(design, GroupSequential):
        return
    try:
        boundaries(
            SequentialPlan(design.spending, design.looks, analysis.alpha, analysis.sided, design.parameter)
        )
    except ReportedError as error:
        for problem in error.problems:
            yield document.problem(("design",), f"{problem.place}: {problem.what}", allowed=problem.allowed)
