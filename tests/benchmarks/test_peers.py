"""Every peer of the engine's benchmark that is here solves the same problem as calor."""

import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "libroadrunner",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("amici", "mrgsolve", "scipy")),
    ],
)
def test_a_peer_agrees_with_calor_at_a_tight_tolerance(name: str) -> None:
    engine, problems = importlib.import_module("engine"), importlib.import_module("problems")
    peer_class = engine.peer_named(name)
    if peer_class is None:
        pytest.skip(f"{name} is not installed")
    problem = problems.stiff_immune()
    regimen = problem.regimens[1]  # infusions and oral doses
    calor = (engine.CalorDerivatives if peer_class.derivatives else engine.Calor)(problem, regimen)
    values = {parameter.name: parameter.value for parameter in calor.system.parameters}
    patients = problem.parameters(values, 1)
    peer = peer_class(problem, regimen)
    assert engine.error_of(peer.simulate(patients, 1e-6), calor.simulate(patients, 1e-10)) < 2e-4
