"""A model file by its ending."""

from __future__ import annotations

from pathlib import Path

from calor.core.errors import InputError
from calor.engine.importers.model_text import read_text
from calor.engine.symbolic.system import System


def sbml_of_file(path: Path) -> str:
    """Return a model file that was loaded before as SBML text: as it stands, or written from Antimony."""
    text = read_text(path)
    if path.suffix.lower() == ".ant":
        from calor.engine.importers.antimony_text import sbml_of_antimony

        return sbml_of_antimony(text, str(path))
    return text


def load_model_file(path: Path) -> System:
    """Return the system of an SBML (.xml, .sbml) or Antimony (.ant) file; raises InputError for another."""
    match path.suffix.lower():
        case ".xml" | ".sbml":
            from calor.engine.importers.sbml import load_sbml

            return load_sbml(path)
        case ".ant":
            from calor.engine.importers.antimony_text import load_antimony

            return load_antimony(path)
    raise InputError.of(
        f"the ending {path.suffix!r} names no kind of model",
        file=path,
        allowed=".xml or .sbml for SBML, .ant for Antimony; calor simulate also runs archives (.omex)",
    )
