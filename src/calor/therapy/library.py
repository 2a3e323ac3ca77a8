"""The drug library, and drug files of one's own: read, checked, and handed out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError
from calor.evidence.parsed import documents_of
from calor.evidence.words import Meaning, close_words, drugs_of_class, meaning_of
from calor.model.disease import load_disease
from calor.therapy.drug import Drug
from calor.therapy.validation import problems_of

_LIBRARY = Path(str(files("calor.therapy"))) / "library"


def drug_ids() -> tuple[str, ...]:
    """Return the ids of the drugs that ship with calor, in alphabetical order."""
    return tuple(sorted(path.stem for path in _LIBRARY.glob("*.yaml")))


def load_drug(name: str) -> Drug:
    """Return a drug of the library by its id or another of its names, or one's own by the path of its file.

    Raises InputError for a name that means no single drug, and with every problem of a file that is not a
    sound drug.
    """
    if name in drug_ids():
        return _library_drug(name)
    if is_drug_file(name):
        return read_drug(Path(name))
    meaning = meaning_of(name)
    if meaning is not None and meaning.drug is not None:
        return _library_drug(meaning.drug)
    raise _no_such_drug(name, meaning)


def _no_such_drug(name: str, meaning: Meaning | None) -> InputError:
    """Return the error for a name that means several drugs, one that is not there, or nothing known."""
    path = "or the path of a drug file ending in .yaml"
    if meaning is not None and meaning.not_in_library is not None:
        return InputError.of(
            f"no drug {name!r} in the library: {meaning.not_in_library}",
            allowed=", ".join(drug_ids()), hint=path,
        )  # fmt: skip
    of_class = drugs_of_class(meaning.drug_class) if meaning is not None and meaning.drug_class else ()
    if of_class:
        return InputError.of(
            f"{name!r} names a class of drugs", allowed=", ".join(of_class), hint="name one of them"
        )
    near = close_words(name, drug_ids())
    hint = f"did you mean {', '.join(near)}?" if near else path
    return InputError.of(f"no drug {name!r}", allowed=", ".join(drug_ids()), hint=hint)


def is_drug_file(name: str) -> bool:
    """Whether a name stands for a drug file of one's own and not for a drug of the library."""
    return name.endswith((".yaml", ".yml"))


def load_library() -> tuple[Drug, ...]:
    """Return every drug of the library, in alphabetical order."""
    return tuple(_checked(document) for document in documents_of(_LIBRARY))


@cache
def _library_drug(name: str) -> Drug:
    return read_drug(_LIBRARY / f"{name}.yaml")


def read_drug(path: Path) -> Drug:
    """Read and check a drug file. Raises InputError with every problem, each at its line.

    A file that says `like: prednisolone` takes over whatever it does not say itself from that drug of the
    library; a key with the value null is left out. Outside the library no file may have the id of one of its
    drugs: posteriors and frozen results know drugs by id, and what was fitted of that one would replace the
    numbers of the file.
    """
    document = read_document(path)
    drug = _checked(document)
    if drug.id in drug_ids() and path.resolve().parent != _LIBRARY.resolve():
        what = f"is {drug.id!r}, a drug of the library, whose fitted numbers would replace those of this file"
        hint = f"choose another id, such as my-{drug.id} (like: {drug.id} takes over what is left out)"
        raise InputError([document.problem(("id",), what, hint=hint)])
    return drug


def _checked(document: Document) -> Drug:
    document = _with_likeness(document)
    drug = validate(document, Drug)
    problems = problems_of(drug, document, load_disease())
    if problems:
        raise InputError(problems)
    return drug


def _with_likeness(document: Document) -> Document:
    """Return a document with what it takes over from the drug that it is like."""
    if not isinstance(document.data, dict) or "like" not in document.data:
        return document
    said = dict(document.data)
    name = said.pop("like")
    if not isinstance(name, str) or name not in drug_ids():
        problem = document.problem(("like",), f"is {name!r}", allowed=", ".join(drug_ids()))
        raise InputError([problem])
    base = _with_likeness(read_document(_LIBRARY / f"{name}.yaml"))
    return replace(document, data=_merged(base.data, said))


def _merged(base: Any, said: Any) -> Any:
    """Return what is said over what is taken over: mappings join, everything else replaces."""
    if not isinstance(base, dict) or not isinstance(said, dict):
        return said
    joined = {name: _merged(base.get(name), value) for name, value in said.items() if value is not None}
    return {**{name: value for name, value in base.items() if name not in said}, **joined}
