"""Study files: read, checked against the schema, and checked against drugs, regimens, safety and evidence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, Problem, ReportedError, UnsupportedError
from calor.evidence.findings import finding
from calor.evidence.library import record
from calor.evidence.lookup import FINDING
from calor.study.misfit import Misfit, refuse
from calor.study.protocol import Protocol
from calor.study.published import published_number
from calor.study.study import Study
from calor.study.treatments import treatment_problems
from calor.study.unsupported import unsupported_parts
from calor.therapy.library import is_drug_file

Kind = TypeVar("Kind", bound=Study)
Rules = Callable[[Kind], Iterator[Misfit]]

DESIGNED = "design"
"""The key that makes a study a trial."""


def read_study(path: Path) -> Study:
    """Read a study file; one with a design is a `Protocol`. Raises as `check_study` does."""
    return check_study(study_document(path))


def study_document(path: Path) -> Document:
    """Return a study file's document; a drug file that it names is sought beside it."""
    return _with_drug_files(read_document(path), path.parent)


def _with_drug_files(document: Document, folder: Path) -> Document:
    """Return a study's document with the paths of its drug files as they are from here."""
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


def check_study(document: Document) -> Study:
    """Return the study in a document, a `Protocol` where it has a design.

    Raises InputError with every problem, its line and key, and UnsupportedError for what is known elsewhere
    and not supported here.
    """
    return (
        check_designed(document) if is_designed(document) else _checked(document, Study, lambda _: iter(()))
    )


def is_designed(document: Document) -> bool:
    """Return whether a document describes a trial: a study with a design."""
    return isinstance(document.data, dict) and DESIGNED in document.data


def check_designed(document: Document, rules: Rules[Protocol] = Protocol.misfits) -> Protocol:
    """Return the protocol in a document: a study that must have a design. Raises as `check_study` does.

    Arguments: the document, and the rules that the protocol must keep.
    """
    return _checked(document, Protocol, rules)


def _checked(document: Document, kind: type[Kind], rules: Rules[Kind]) -> Kind:
    refused = list(unsupported_parts(document))
    if refused:
        raise UnsupportedError(refused)
    study = validate(document, kind)
    wrong = [
        *_provenance_problems(study, document),
        *_record_problems(study, document),
        *treatment_problems(study, document),
        *_published_problems(study, document),
    ]

    def problem_of(each: Misfit) -> Problem:
        return document.problem(each.key, each.what, allowed=each.allowed, hint=each.hint)

    refuse(rules(study), problem_of, wrong)
    return study


def _record_problems(study: Study, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the evidence record that a study is linked to."""
    if study.record is None:
        return
    try:
        finding(study.record) if FINDING.match(study.record) else record(study.record)
    except InputError as error:
        for problem in error.problems:
            yield document.problem(("record",), problem.what, hint=problem.hint)


def _published_problems(study: Study, document: Document) -> Iterator[Problem]:
    for place, target in enumerate(study.targets):
        try:
            published_number(study.record, target.published)
        except ReportedError as error:
            for found in error.problems:
                where = f"{found.place}: " if str(found.place) else ""
                yield document.problem(
                    ("fitted", "targets", place, "published"),
                    where + found.what,
                    allowed=found.allowed,
                    hint=found.hint,
                )


def _provenance_problems(study: Study, document: Document) -> Iterator[Problem]:
    known = keys_of(document.data)
    for key in study.provenance:
        if key not in known:
            yield document.problem(
                ("provenance", key),
                "grades a key that the study does not have",
                allowed=", ".join(sorted(known)),
            )


def keys_of(data: object, prefix: str = "") -> set[str]:
    """Return the dotted keys of a study's data, without list positions and without `provenance`."""
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
