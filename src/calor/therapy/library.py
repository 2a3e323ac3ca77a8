"""The drug library, and drug files of one's own: read, checked, and handed out."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.core.documents import read_document, validate
from calor.core.errors import InputError
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
    if name.endswith((".yaml", ".yml")):
        return read_drug(Path(name))
    raise InputError.of(
        f"no drug {name!r}", allowed=", ".join(drug_ids()), hint="or the path of a drug file ending in .yaml"
    )


def load_library() -> tuple[Drug, ...]:
    """Return every drug of the library."""
    return tuple(_library_drug(name) for name in drug_ids())


@cache
def _library_drug(name: str) -> Drug:
    return read_drug(_LIBRARY / f"{name}.yaml")


def read_drug(path: Path) -> Drug:
    """Read and check a drug file. Raises InputError with every problem, each at its line."""
    document = read_document(path)
    drug = validate(document, Drug)
    slots = [slot.name for slot in load_disease().slots]
    states = [variable.identifier for variable in load_disease().states]
    problems = problems_of(drug, document, slots, states)
    if problems:
        raise InputError(problems)
    return drug
