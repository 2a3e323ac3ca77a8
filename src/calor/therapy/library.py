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
from calor.model.disease import load_disease
from calor.therapy.drug import Drug
from calor.therapy.validation import problems_of

_LIBRARY = Path(str(files("calor.therapy"))) / "library"


def drug_ids() -> tuple[str, ...]:
    """Return the ids of the drugs that ship with calor, in alphabetical order."""
    return tuple(sorted(path.stem for path in _LIBRARY.glob("*.yaml")))


def load_drug(name: str) -> Drug:
    """Return a drug of the library by its id, or one's own by the path of its file.

    Raises InputError for an unknown id, and with every problem of a file that is not a sound drug.
    """
    if name in drug_ids():
        return _library_drug(name)
    if is_drug_file(name):
        return read_drug(Path(name))
    raise InputError.of(
        f"no drug {name!r}", allowed=", ".join(drug_ids()), hint="or the path of a drug file ending in .yaml"
    )


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
    library; a key with the value null is left out.
    """
    return _checked(read_document(path))


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
