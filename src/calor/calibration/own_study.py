"""A user's own study beside those that ship: a study file with targets, checked against what is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calor.calibration.studies import (
    FittedStudies,
    fitted_study,
    held_out_ids,
    load_studies,
    with_cohorts,
)
from calor.calibration.targets import load_targets
from calor.core.documents import LARGEST_DOCUMENT_BYTES, Document, parse_document
from calor.core.errors import InputError, Problem
from calor.core.provenance import sha256_of_text
from calor.core.text_files import read_text_file
from calor.study.reading import check_study
from calor.study.study import Study


def load_own_study(path: Path) -> FittedStudies:
    """Return the study of a user's file for a fit, its source being the hash of the file.

    Raises InputError with every problem at its line: what `calor check study` finds, a study without targets,
    one that is held out or fitted already, a target of a name that is taken.
    """
    text = read_text_file(path, LARGEST_DOCUMENT_BYTES)
    document = parse_document(text, str(path))
    own = check_study(document)
    problems = list(_taken(own, document))
    if problems:
        raise InputError(problems)
    source = f"sha256:{sha256_of_text(text)}"
    return with_cohorts((fitted_study(own, own.targets, source),))


def _taken(own: Study, document: Document) -> Iterator[Problem]:
    if own.fitted is None:
        yield document.problem(
            (),
            "has nothing to fit",
            hint="add fitted: {targets: [...]}, as in examples/studies/own-study.yaml",
        )
    for key, name in (("id", own.id), ("record", own.record)):
        if name in held_out_ids():
            yield document.problem(
                (key,),
                f"names {name}, which is held out of the validation",
                hint="the product fit has it already",
            )
        elif name in {each.id for each in load_studies("product").studies}:
            yield document.problem((key,), f"names {name}, which is fitted already")
    taken = {target.id for target in load_targets("product")}
    for place, target in enumerate(own.targets):
        if target.id in taken:
            yield document.problem(
                ("fitted", "targets", place, "id"), f"the target {target.id} exists already"
            )
