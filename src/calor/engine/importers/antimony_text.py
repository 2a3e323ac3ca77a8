"""Antimony into a `System`: the text becomes SBML in memory, which the SBML importer reads."""

from __future__ import annotations

import re
from pathlib import Path

import antimony

from calor.core.errors import InputError, UnsupportedError
from calor.engine.importers.model_text import read_text
from calor.engine.importers.sbml import system_of
from calor.engine.importers.sbml_document import DEEPEST_NESTING, LONGEST_FORMULA, deepest_bracket
from calor.engine.symbolic.system import System

_COMMENTS_AND_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|#[^\n]*|/\*.*?\*/', re.DOTALL)
_IMPORT = re.compile(r"^\s*import\b", re.MULTILINE)
_ERROR_LINE = re.compile(r"line (\d+)")


def load_antimony(source: str | Path) -> System:
    """Return the system of an Antimony model.

    Arguments: the path of a file, or the model itself as text (which has more than one line, or a `;`).
    Raises: InputError with its line for what is malformed; UnsupportedError, with its name, for imports of
        other files and for what SBML models may not use either.
    """
    if isinstance(source, str) and ("\n" in source or ";" in source):
        return _system_of(source, None)
    return _system_of(read_text(Path(source)), str(source))


def sbml_of_antimony(text: str, file: str | None) -> str:
    """Return an Antimony model, given as text, as SBML; raises what `load_antimony` does."""
    _refuse_hostile(text, file)
    antimony.clearPreviousLoads()
    try:
        if antimony.loadAntimonyString(text) < 0:
            message = " ".join(antimony.getLastError().split())
            found = _ERROR_LINE.search(message)
            raise InputError.of(message, file=file, line=int(found.group(1)) if found else None)
        return str(antimony.getSBMLString(antimony.getMainModuleName()))
    finally:
        antimony.clearPreviousLoads()
        antimony.freeAll()


def _system_of(text: str, file: str | None) -> System:
    return system_of(sbml_of_antimony(text, file), file)


def _refuse_hostile(text: str, file: str | None) -> None:
    """Look at the bare text first: no other files, no endless statements."""
    bare = _COMMENTS_AND_STRINGS.sub(lambda found: "\n" * found.group().count("\n"), text)
    found = _IMPORT.search(bare)
    if found:
        line = bare.count("\n", 0, found.start()) + 1
        raise UnsupportedError.of(
            "imports of other files are not supported", file=file, line=line, hint="paste the other model in"
        )
    for number, statements in enumerate(bare.split("\n"), start=1):
        longest = max(map(len, statements.split(";")))
        if longest > LONGEST_FORMULA or deepest_bracket(statements) > DEEPEST_NESTING:
            raise InputError.of(
                "a statement is too long or its brackets are nested too deep",
                file=file,
                line=number,
                allowed=f"up to {LONGEST_FORMULA:,} characters and {DEEPEST_NESTING} levels of brackets",
            )
