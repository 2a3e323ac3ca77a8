"""SBML into a `System`, from the cache where the same document was read before.

A document that was refused is not kept: it is read, and refused, each time.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from calor.core import kept_work
from calor.engine.importers.model_text import read_text
from calor.engine.symbolic.plain_system import plain_system, system_of_plain
from calor.engine.symbolic.system import System


def load_sbml(source: str | Path, given: Collection[str] = ()) -> System:
    """Return the system of an SBML model.

    Arguments: the path of a file, or the document itself as text (which begins with `<`); the quantities
        whose values the caller gives: one that has none in the model is 0 until then.
    Raises: InputError for what is malformed, inconsistent or hostile, and for algebraic rules that determine
        nothing or might determine either of two quantities; UnsupportedError, with its name, for what is not
        supported, such as required packages.
    """
    if isinstance(source, str) and source.lstrip().startswith("<"):
        return system_of(source, given=given)
    return system_of(read_text(Path(source)), str(source), given)


def system_of(text: str, file: str | None = None, given: Collection[str] = ()) -> System:
    """Return the system of an SBML document given as text; `file` is named in messages."""
    key = kept_work.key_of("systems", kept_work.library("libsbml"), json.dumps(sorted(given)), text)
    found = kept_work.kept("systems", key)
    if found is not None:
        return system_of_plain(json.loads(found))
    from calor.engine.importers.sbml_system import read_system  # libSBML takes long to load

    system = read_system(text, file, given)
    kept_work.keep("systems", key, json.dumps(plain_system(system)).encode())
    return system
