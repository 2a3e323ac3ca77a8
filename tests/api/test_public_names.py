"""What calor exports: the names, their documentation, and that none is loaded before it is asked for."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest

import calor

NAMES = {
    "Posterior", "Study", "Trial", "__version__", "evidence", "load_antimony", "load_model", "load_sbml",
    "meta", "patients", "pk",
}  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert set(calor.__all__) == NAMES
    assert dir(calor) == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES - {"__version__"}))
def test_every_name_is_there_and_documented(name: str) -> None:
    public = getattr(calor, name)
    assert callable(public)
    assert len(inspect.getdoc(public) or "") > 40
    for inner, member in inspect.getmembers(public if inspect.isclass(public) else None, inspect.isroutine):
        assert inner.startswith("_") or inspect.getdoc(member), f"{name}.{inner}"


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        calor.simulate  # type: ignore[attr-defined]  # noqa: B018


def _loaded_after(program: str) -> set[str]:
    code = f"{program}; import sys, json; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_calor_loads_nothing_of_it() -> None:
    loaded = _loaded_after("import calor")
    assert {name for name in loaded if name.startswith("calor")} == {"calor"}
    assert not loaded & {"numpy", "pandas", "pydantic", "rich", "click", "matplotlib", "scipy", "xarray"}


def test_a_name_loads_no_more_than_it_needs() -> None:
    assert not _loaded_after("import calor; calor.load_sbml, calor.meta") & {"numpy", "pandas", "matplotlib"}


@pytest.mark.parametrize("before", ["import calor", "import calor, calor.evidence.library"])
def test_evidence_is_a_function_whatever_was_imported_before(before: str) -> None:
    program = f"{before}; print(len(calor.evidence(design='rct').rows))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0


def test_the_command_line_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "calor", "--version"], capture_output=True, text=True, check=True
    )
    assert calor.__version__ in done.stdout
