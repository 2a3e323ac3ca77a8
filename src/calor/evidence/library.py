"""Reading the evidence base: the records that ship with calor, and a user's own folder of records."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, Problem
from calor.evidence.numbers import Located, figures_in, with_grades
from calor.evidence.parsed import documents_of
from calor.evidence.record import Record
from calor.evidence.rules import broken_rules

RECORDS_FOLDER = Path(__file__).with_name("records")


def record_from_document(document: Document) -> Record:
    """Return the record that a document holds, each number with its grade.

    Raises InputError with every problem of form, or else every broken rule, by file, line and key.
    """
    record: Record = with_grades(validate(document, Record))
    problems = [
        document.problem(broken.key, broken.what, hint=broken.hint) for broken in broken_rules(record)
    ]
    if problems:
        raise InputError(problems)
    return record


def read_record(path: Path) -> Record:
    """Read one record; its file must bear its id. Raises InputError."""
    document = read_document(path)
    record = record_from_document(document)
    if record.id != path.stem:
        problem = document.problem(
            ("id",), f"is {record.id!r} in the file {path.name}", hint="a record's file bears its id"
        )
        raise InputError([problem])
    return record


def read_folder(folder: Path) -> tuple[Record, ...]:
    """Read every record of a folder (`*.yaml`), by id, or the one record of a file.

    Raises InputError with the problems of all its files together, or when the folder is missing or empty.
    """
    if folder.is_file():
        return (read_record(folder),)
    if not folder.is_dir():
        raise InputError.of(
            "no such folder", file=folder, hint="give a record's file, or a folder of them (*.yaml)"
        )
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError.of("holds no record", file=folder, allowed="files named ID.yaml, one study each")
    records: list[Record] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            records.append(read_record(path))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return tuple(records)


@cache
def load_records() -> tuple[Record, ...]:
    """Return every record that ships with calor, in the order of their ids."""
    records: list[Record] = []
    for document in documents_of(RECORDS_FOLDER):
        try:
            records.append(record_from_document(document))
        except InputError:
            records.append(read_record(Path(document.file)))
    return tuple(records)


@cache
def record(identifier: str) -> Record:
    """Return the shipped record of an id. Raises InputError with the nearest ids where there is none."""
    path = RECORDS_FOLDER / f"{identifier}.yaml"
    names = [shipped.stem for shipped in RECORDS_FOLDER.glob("*.yaml")]
    if identifier not in names:
        near = get_close_matches(identifier, names, n=3)
        raise InputError.of(
            f"there is no evidence record {identifier!r}",
            hint=f"did you mean {', '.join(near)}?" if near else "`calor evidence` lists the records",
        )
    return read_record(path)


def numbers_of(entry: Record) -> tuple[Located, ...]:
    """Return every number of a record that was read (none that is only recalled), each with its sources."""
    return tuple(located for located in _located(entry) if located.key[0] != "recalled")


def recalled_numbers_of(entry: Record) -> tuple[Located, ...]:
    """Return the numbers of a record that are only recalled: to be shown as such, used for nothing."""
    return tuple(located for located in _located(entry) if located.key[0] == "recalled")


def _located(entry: Record) -> list[Located]:
    everywhere = tuple(source.url for source in entry.sources)
    located: list[Located] = []
    for key, figure in figures_in(entry):
        own = None
        if key[0] in ("outcomes", "rows"):
            own = getattr(entry, str(key[0]))[key[1]].source
        pages = () if key[0] == "recalled" else ((own,) if own else everywhere)
        located.append(Located(entry.id, key, figure, pages))
    return located
