"""One step of collocation in the compiled code beside the plain equations of a Radau method, all at once."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from scipy.optimize import fsolve

from calor.core import machine
from calor.core.arrays import Numbers
from calor.core.targets import target
from calor.engine import load_antimony
from calor.engine.backends.llvm.builder import POINTER, Code
from calor.engine.backends.llvm.collocated import attempt_collocated
from calor.engine.backends.llvm.mathematics import shared_functions
from calor.engine.backends.llvm.source import module_text, write_source
from calor.engine.ir.affine_blocks import affine_blocks
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.engine.ir.program import Program
from calor.engine.methods.collocation import RADAU_6
from calor.engine.methods.rodas5p import RODAS5P

# A chain into two compartments, an effect of both, and a state that both the effect and time move.
MODEL = """
depot' = -ka*depot; transit' = ka*depot - 9*transit
central' = 9*transit - 6*central + 3*deep; deep' = 4*central - 3*deep
effect' = 9*(central*deep/(0.4 + central) - effect); both' = 8*effect*(1 + 2*transit) + sin(5*time) - 8*both
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c*(1 - 0.3*both) - 0.02*d; e' = 0.1*(a - e); f' = 0.1*(b - f)
ka = 40; depot = 0; transit = 0; central = 0; deep = 0; effect = 0; both = 1
a = 1; b = 1; c = 1; d = 1; e = 0; f = 0
"""
STATES = np.array([2.0, 0.7, 0.3, 0.2, 0.6, 1.1])
FORCING = np.array([0.0, 3.0, 0.0, 0.5, -1.0, 0.0])
TIME, RTOL, ATOL = 0.3, 1e-4, 1e-6


@pytest.fixture(scope="module")
def program() -> Program:
    found = leading_first(lower(load_antimony(MODEL)))
    assert len(affine_blocks(found)) == 5
    return found


def compiled_step(program: Program, h: float) -> tuple[Numbers, Numbers, float]:
    """Return the new states (6,), the coefficients of the dense output (5, 6) and the error."""
    model, lanes = write_source(program, RODAS5P, target().lanes).model, target().lanes
    layout, part = model.layout, model.layout.parts[0]
    trial = Code("trial", [("work", POINTER), ("error", POINTER)], lanes=lanes, linkage="dso_local")
    work = trial.arguments["work"]
    trial.call("prepare", "void", work, trial.constant(TIME, trial.vector))
    tolerances = (trial.constant(each, trial.vector) for each in (RTOL, ATOL))
    trial.store(trial.call("attempt_leading", trial.vector, work, *tolerances), trial.arguments["error"])
    trial.give_back()
    step = attempt_collocated(model, part, affine_blocks(program), RADAU_6)
    library = machine.compiled(module_text([model.prepare(), step, trial, *shared_functions(lanes)]))
    workspace, error = np.zeros((layout.row("observed"), lanes)), np.zeros(lanes)

    def put(block: str, values: Numbers) -> None:
        workspace[part.row(block) : part.row(block) + len(values)] = values[:, None]

    put("parameters", np.array(program.parameter_values))
    for block, values in (("y", STATES), ("size", STATES), ("forcing", FORCING)):
        put(block, values)
    put("time", np.array([TIME]))
    put("step", np.array([h]))
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(library.address("trial"))
    run(workspace.ctypes.data, error.ctypes.data)
    assert np.all(workspace == workspace[:, :1])
    rows = part.row("new"), part.row("dense")
    new, dense = (workspace[row : row + size, 0] for row, size in zip(rows, (6, 30), strict=True))
    return new, dense.reshape(5, 6), float(error[0])


def plain_step(program: Program, h: float) -> Numbers:
    """Return the states at the nodes (6 nodes, 6 states), by Newton's method on all equations at once."""
    nodes, powers = RADAU_6.nodes, np.arange(6)
    weights = (nodes[:, None] ** (powers + 1) / (powers + 1)) @ np.linalg.inv(nodes[:, None] ** powers)
    rates, values = Interpreter(program, "derivatives"), np.array(program.parameter_values)
    rest = np.ones(len(program.state_names) - 6)

    def defect(flat: Numbers) -> Numbers:
        states = flat.reshape(6, 6)
        slopes = [
            rates(TIME + h * node, np.concatenate([state, rest]), values)["derivatives"][:6] + FORCING
            for node, state in zip(nodes, states, strict=True)
        ]
        return np.asarray(states - STATES - h * weights @ np.array(slopes)).ravel()

    solved, *_ = fsolve(defect, np.tile(STATES, 6), xtol=1e-13, full_output=True)
    assert np.abs(defect(solved)).max() < 1e-11
    return np.asarray(solved).reshape(6, 6)


@pytest.mark.parametrize("h", [0.001, 0.05, 0.4, 2.0])
def test_a_step_solves_the_equations_of_the_method(program: Program, h: float) -> None:
    new, dense, error = compiled_step(program, h)
    at_nodes = plain_step(program, h)
    np.testing.assert_allclose(new, at_nodes[-1], rtol=1e-9, atol=1e-11)
    c = np.concatenate([[(new - STATES) / 2], dense])
    inner = [c[k - 1] - c[k + 1] for k in range(1, 5)]
    shape = np.stack([STATES + c[0] - c[1], *inner, c[4] + c[5]])
    np.testing.assert_allclose(RADAU_6.from_coefficients @ shape, at_nodes, rtol=1e-9, atol=1e-11)
    scale = RTOL * np.maximum(np.abs(STATES), np.abs(new)) + ATOL * STATES
    assert error == pytest.approx(np.sqrt(np.mean((c[5] / scale) ** 2)), rel=1e-12)
