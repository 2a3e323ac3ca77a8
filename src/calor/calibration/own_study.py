"""A user's own study beside those that ship: read from a file of the same form, checked, joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calor.calibration.studies import HELD_OUT, ONLY_UNTREATED, Studies, Study, load_studies
from calor.calibration.targets import load_targets
from calor.core.documents import LARGEST_DOCUMENT_BYTES, Document, Key, parse_document, validate
from calor.core.errors import InputError, Problem, ReportedError
from calor.core.provenance import sha256_of_text
from calor.core.text_files import read_text_file
from calor.regimen import parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.library import load_drug

REFERENCE_WEIGHT = 70.0
"""Body weight in kg at which a regimen's dose units and routes are tried against the drug."""


def load_own_study(path: Path) -> Studies:
    """Return the studies of a user's file, their source being the hash of the file.

    Raises InputError with every problem at its line: an unknown key, a number that is not finite, a recalled
    grade, a study that is held out or fitted already, an item or cohort of a name that is taken, a drug that
    does not exist, a regimen that does not fit its drug.
    """
    text = read_text_file(path, LARGEST_DOCUMENT_BYTES)
    document = parse_document(text, str(path))
    own = validate(document, Studies)
    problems = [*_names(own, document), *_drugs(own, document)]
    if problems:
        raise InputError(problems)
    source = f"sha256:{sha256_of_text(text)}"
    return Studies(cohorts=own.cohorts, studies=tuple(study.from_source(source) for study in own.studies))


def with_own_study(studies: Studies, own: Studies) -> Studies:
    """Return the studies of a fit with a user's own. Raises InputError where a name is taken."""
    try:
        return studies.joined(own)
    except ValueError as error:
        raise InputError.of(f"the study does not fit beside those of calor: {error}") from None


def _names(own: Studies, document: Document) -> Iterator[Problem]:
    shipped = load_studies("validation")
    held, fitted = HELD_OUT | ONLY_UNTREATED, {study.study for study in shipped.studies}
    taken = {target.id for target in load_targets("validation")}
    for name, cohort in own.cohorts.items():
        if shipped.cohorts.get(name, cohort) != cohort:
            yield document.problem(
                ("cohorts", name),
                "is a cohort of calor's, defined otherwise",
                hint="give yours another name",
            )
    for place, study in enumerate(own.studies):
        key: Key = ("studies", place)
        if study.study in held:
            yield document.problem(
                (*key, "study"),
                f"names {study.study}, which is held out of the validation",
                hint="the product fit has it already",
            )
        elif study.study in fitted:
            yield document.problem((*key, "study"), f"names {study.study}, which is fitted already")
        for position, item in enumerate(study.items):
            if item.id in taken:
                yield document.problem(
                    (*key, "items", position, "id"), f"the target {item.id} exists already"
                )


def _drugs(own: Studies, document: Document) -> Iterator[Problem]:
    for place, study in enumerate(own.studies):
        for arm in study.arms:
            yield from _drugs_of_arm(study, arm, ("studies", place, "arms", arm), document)


def _drugs_of_arm(study: Study, arm: str, key: Key, document: Document) -> Iterator[Problem]:
    for position, given in enumerate(study.arms[arm]):
        part = "drug"
        try:
            drug = load_drug(given.drug)
            part = "regimen"
            calendar_of(parse_regimen(given.regimen), drug, REFERENCE_WEIGHT)
        except ReportedError as error:
            for found in error.problems:
                yield document.problem(
                    (*key, position, part), found.what, allowed=found.allowed, hint=found.hint
                )
