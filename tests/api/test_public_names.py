"""The public names: which they are, that they are documented and typed, and that importing them is quick."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import calor

PUBLIC = {
    "CalorError", "Drug", "EvidenceEntry", "EvidenceTable", "Exposure", "InputError", "MetaAnalysis", "Model",
    "Patients", "Posterior", "Run", "Simulation", "Study", "System", "Trial", "TrialResult", "TrialSize",
    "UnsupportedError", "__version__", "drug", "evidence", "load_antimony", "load_model", "load_sbml", "meta",
    "patients", "pk", "runs", "study",
}  # fmt: skip
HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "xarray",
    "pyarrow",
    "llvmlite",
    "libsbml",
    "antimony",
    "pydantic",
    "click",
    "rich",
}
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"


def run(*arguments: str) -> str:
    found = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return found.stdout


def kept_at(name: str) -> Any:
    """Return what a public name stands for, the function where a package is called."""
    return (
        getattr(sys.modules[calor._PLACES[name]], name) if name in calor._PACKAGES else getattr(calor, name)
    )


def public_objects() -> Iterator[tuple[str, Any]]:
    """Yield the public names, and the public methods and properties of the classes among them."""
    for name in sorted(PUBLIC - {"__version__"}):
        getattr(calor, name)
        __import__(calor._PLACES[name])
        found = kept_at(name)
        yield name, found
        if inspect.isclass(found) and not issubclass(found, Exception):
            for member in dir(found):
                if not member.startswith("_"):
                    yield f"{name}.{member}", inspect.getattr_static(found, member)


def test_the_public_names_are_these() -> None:
    assert set(calor.__all__) == PUBLIC
    assert sorted(calor.__all__) == calor.__all__ == dir(calor)


def test_every_public_name_has_a_docstring() -> None:
    undocumented = [
        name
        for name, found in public_objects()
        if not inspect.getdoc(getattr(found, "__func__", found)) and not hasattr(found, "__set_name__")
    ]
    assert undocumented == []


def test_every_public_function_says_the_type_of_all_it_takes_and_returns() -> None:
    untyped = []
    for name, found in public_objects():
        function = getattr(found, "__func__", found)
        if inspect.isfunction(function):
            signature = inspect.signature(function)
            parameters = [one for one in signature.parameters.values() if one.name not in {"self", "cls"}]
            if any(inspect.Parameter.empty is one.annotation for one in parameters) or (
                signature.return_annotation is inspect.Signature.empty
            ):
                untyped.append(name)
    assert untyped == []


def test_the_reference_describes_every_public_name() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    missing = [name for name in PUBLIC - {"__version__"} if f".{name}\n" not in text]
    assert missing == []


def test_importing_calor_takes_no_time_and_loads_nothing_heavy() -> None:
    program = (
        "import time; began = time.process_time(); import calor;"
        "took = time.process_time() - began; import sys;"
        "print(took, *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    seconds, *loaded = run("-c", program).split()
    assert not HEAVY & set(loaded)
    assert float(seconds) < 0.3


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trail'"):
        calor.trail  # noqa: B018


def test_functions_that_share_a_packages_name_are_called_and_the_package_stays_a_package() -> None:
    # Whatever is imported first: the function, the package, or another part of calor that imports it.
    for first in ("import calor", "import calor.evidence.library", "import calor; calor.load_model()"):
        program = f"{first}; import calor; print(*calor.evidence('goebel-2010').to_document())"
        assert run("-c", program).split() == ["record", "published", "numbers"]
    import calor.study.library as library

    assert calor.study("kalita-2006").id in library.study_ids()


def test_python_m_calor_is_the_command_line() -> None:
    assert run("-m", "calor", "--version").strip() == f"calor {calor.__version__}"
