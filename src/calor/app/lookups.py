"""What an address names: found, or absent with the nearest names. No name is ever taken for a file."""

from __future__ import annotations

from calor.app.failures import AbsentError, absent_if_wrong
from calor.core.errors import UnsupportedError
from calor.decision.questions.reading import Question, read_question
from calor.decision.questions.shipped import question_ids, question_path
from calor.evidence.claims import Standing, standing
from calor.evidence.library import load_records, record
from calor.model.parameters import Parameter
from calor.report.evidence_entry import Entry, entry_of
from calor.report.model_document import parameter_named
from calor.therapy.drug import Drug
from calor.therapy.library import is_drug_file, load_drug


def entry_named(identifier: str) -> Entry:
    """Return an entry of the evidence. Raises AbsentError, with the nearest ids, where there is none."""
    with absent_if_wrong():
        found = entry_of(identifier, load_records())
        if found is None:
            record(identifier)  # says which ids are near
    if found is None:
        raise AbsentError.of(f"there is no entry {identifier!r}")
    return found


def claim_named(identifier: str) -> Standing:
    """Return a claim. Raises AbsentError, with the ids that there are, for any other name."""
    with absent_if_wrong():
        return standing(identifier)


def parameter_of(identifier: str) -> Parameter:
    """Return a number of the model. Raises AbsentError, with the nearest ids, where there is none."""
    with absent_if_wrong():
        return parameter_named(identifier)


def question_named(identifier: str) -> Question:
    """Return a question that ships. Raises AbsentError, with the ids that there are, for any other name."""
    if identifier not in question_ids():
        raise AbsentError.of(f"{identifier!r} is no question that ships", allowed=", ".join(question_ids()))
    return read_question(question_path(identifier))


def drug_named(name: str) -> Drug:
    """Return a drug of the library. Raises AbsentError, with the nearest names, where there is none.

    Raises UnsupportedError for a drug file: files are read by the command line alone.
    """
    if is_drug_file(name):
        raise UnsupportedError.of(
            f"{name!r} is a file, and drugs of one's own are read by the command line alone",
            hint="calor drug FILE",
        )
    with absent_if_wrong():
        return load_drug(name)
