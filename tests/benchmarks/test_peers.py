"""Every peer of the engine's benchmark that is here solves the same problem as calor."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def benchmarks_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


@pytest.mark.parametrize(
    "name",
    ["libroadrunner", *(pytest.param(name, marks=pytest.mark.slow) for name in ("mrgsolve", "scipy"))],
)
def test_a_peer_agrees_with_calor_at_a_tight_tolerance(name: str) -> None:
    engine, problems = importlib.import_module("engine"), importlib.import_module("problems")
    module, peer_class = engine.PEERS[name]
    try:
        adapter = importlib.import_module(f"peers.{module}")
    except ImportError as missing:
        pytest.skip(str(missing))
    problem = problems.stiff_immune()
    regimen = problem.regimens[1]  # infusions and oral doses
    calor = engine.Calor(problem, regimen)
    values = {parameter.name: parameter.value for parameter in calor.system.parameters}
    patients = problem.parameters(values, 1)
    peer = getattr(adapter, peer_class)(problem, regimen)
    assert engine.error_of(peer.simulate(patients, 1e-6), calor.simulate(patients, 1e-10)) < 2e-4
