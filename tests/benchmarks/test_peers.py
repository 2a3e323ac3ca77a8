"""Every peer of the engine's benchmark that is here solves the same problem as calor."""

import importlib
import re

import pytest

from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.lowering import lower


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


@pytest.mark.parametrize("problem_name", ["stiff_immune", "disease"])
def test_the_text_for_mrgsolve_sets_every_rate_and_output_from_what_it_has_defined(problem_name: str) -> None:
    text_of = importlib.import_module("peers.mrgsolve_model").model_text
    problem = getattr(importlib.import_module("problems"), problem_name)()
    program = lower(load_sbml(problem.sbml()))
    text = text_of(program, problem.outputs)
    main, rates = text.partition("$ODE")[0], text.partition("$ODE")[2].partition("$TABLE")[0]
    assert rates.count("\ndxdt_S") == len(program.state_names)
    defined = set(re.findall(r"double (?:const )?(v\d+) =", main + rates))
    assert set(re.findall(r"\bv\d+\b", rates)) <= defined
    assert text.splitlines()[-1].split() == [f"O{row}" for row in range(len(problem.outputs))]
