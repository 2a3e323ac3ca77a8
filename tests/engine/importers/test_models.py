"""A model for every construct, simulated and compared with its exact solution."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy import exp, floor, heaviside, maximum, minimum, where

from calor.core.arrays import Numbers
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.importers.files import load_model_file

MODELS = Path(__file__).parents[1] / "models"
TIMES = np.linspace(0.0, 8.0, 33)
TIGHT = Options(rtol=1e-9, atol=1e-12)

Exact = Callable[[Numbers], Numbers | float]


def since(t: Numbers, start: float) -> Numbers:
    return maximum(t - start, 0.0)


def reached(t: Numbers, start: float) -> Numbers:
    return heaviside(t - start, 1.0)


def doses(t: Numbers) -> Numbers:
    return sum(5.0 * reached(t, at) * exp(-0.2 * since(t, at)) for at in (1.0, 3.0, 5.0, 7.0))


def hill(t: Numbers) -> Numbers:
    drug = 10 * exp(-2 * t)
    return drug**1.7 / (1.3**1.7 + drug**1.7)


CASES: dict[str, dict[str, Exact]] = {
    "decay.ant": {"S": lambda t: 10 * exp(-0.5 * t)},
    "volume.ant": {
        "S": lambda t: 3 * exp(-0.7 * t),
        "amount(S)": lambda t: 12 * exp(-0.7 * t),
        "P": lambda t: 3 * (1 - exp(-0.7 * t)),
        "J": lambda t: 4 * 0.7 * 3 * exp(-0.7 * t),
    },
    "substance_only.ant": {
        "A": lambda t: 8 * exp(-0.25 * t),
        "concentration(A)": lambda t: 2 * exp(-0.25 * t),
    },
    "two_compartments.ant": {
        "X": lambda t: 2 * exp(-0.3 * t),
        "Y": lambda t: 2 * 1.5 / 6 * (1 - exp(-0.3 * t)),
    },
    "growing_compartment.ant": {"C": lambda t: 2 + 0.5 * t, "S": lambda t: 10 / (2 + 0.5 * t)},
    "ruled_compartment.ant": {
        "A": lambda t: 6.0,
        "concentration(A)": lambda t: 6 / (2 + t),
        "S": lambda t: 3 * t / (2 + t),
    },
    "rate_rule_in_growing_compartment.ant": {
        "S": lambda t: exp(-0.4 * t),
        "amount(S)": lambda t: (1.5 + 0.3 * t) * exp(-0.4 * t),
    },
    "stoichiometry.ant": {
        "A": lambda t: 4 * exp(-0.4 * t),
        "B": lambda t: 1 + 6 * (1 - exp(-0.4 * t)),
        "Source": lambda t: 7.0,
        "K": lambda t: 2.0,
    },
    "reversible.ant": {"A": lambda t: 0.25 + 0.75 * exp(-0.8 * t)},
    "variable_stoichiometry.ant": {"A": lambda t: 2 * t + t**2},
    "assignment_rules.ant": {"z": lambda t: 2 * (0.5 + 1.5 * t) + 1},
    "initial_assignments.ant": {"x": lambda t: 32 * exp(-8 * t), "a": lambda t: 4.0},
    "functions.ant": {"y": lambda t: 5 * (1 + 2 * t)},
    "piecewise.ant": {"x": lambda t: minimum(t, 1) - 2 * minimum(since(t, 1), 1.5)},
    "short_pulse.ant": {"x": lambda t: 100 * minimum(since(t, 7.3), 0.01)},
    "floor_steps.ant": {"x": lambda t: floor(t) * (floor(t) - 1) / 2 + floor(t) * (t - floor(t))},
    "arithmetic.ant": {
        "a": lambda t: 2.5 + 2 + 1 + 24,
        "b": lambda t: 5.0 - 2.0,
        "c": lambda t: 3.0 + 4 + 3 + 2,
        "d": lambda t: 3.0,
        "e": lambda t: 0.9,
        "f": lambda t: 0.9,
        "g": lambda t: 5.0,
        "h": lambda t: 1.0,
        "i": lambda t: -4 + 0.5 + np.pi - np.e,
    },
    "time_and_avogadro.ant": {"x": lambda t: 6.02214179 + 2 * t},
    "rate_of.ant": {"y": lambda t: -1.5 * exp(-0.5 * t), "z": lambda t: -5 / (2 + 0.5 * t) ** 2},
    "event.ant": {"x": lambda t: where(t < 2, t, 8 + t)},
    "event_of_state.ant": {"x": lambda t: where(t < 1.5685, 2 * t, 1 + 2 * ((t - 1.5685) % 1.0685))},
    "event_delay.ant": {"x": lambda t: where(t < 3.5, t, 20 + t - 3.5)},
    "event_delay_late_values.ant": {"x": lambda t: where(t < 3.5, t, 35 + t - 3.5)},
    "event_not_persistent.ant": {"x": lambda t: t},
    "event_persistent.ant": {"x": lambda t: where(t < 3.5, t, 100 + t - 3.5)},
    "event_at_start.ant": {"x": lambda t: 5.0, "y": lambda t: 1.0},
    "event_priorities.ant": {"x": lambda t: where(t < 1, 1, 13)},
    "event_priorities_early_values.ant": {"x": lambda t: where(t < 1, 1, 11)},
    "event_cancels.ant": {"x": lambda t: reached(t, 1.0)},
    "event_cascade.ant": {"z": lambda t: 3 * reached(t, 1.0)},
    "event_concentration.ant": {
        "S": lambda t: where(t < 1, 3.0, where(t < 2, 5.0, 2.5)),
        "amount(S)": lambda t: where(t < 1, 6, 10),
    },
    "event_swaps.ant": {"x": lambda t: where(t < 1, 1, 2), "y": lambda t: where(t < 1, 2, 1)},
    "event_parameter.ant": {"S": lambda t: 8 * exp(-0.5 * minimum(t, 2))},
    "repeated_doses.ant": {"x": doses},
    "catalyst.ant": {
        "E": lambda t: 0.25 * t,
        "S": lambda t: 1e20 * exp(-0.5 * t),
        "X": lambda t: exp(0.1 * t),
    },
    "stiff.ant": {"x": lambda t: 1e6 / (1e6 - 1) * exp(-t) - exp(-1e6 * t) / (1e6 - 1)},
    "hill.ant": {"effect": hill},
    "local_parameters.xml": {"A": lambda t: 6 * exp(-0.5 * t), "B": lambda t: 6 * exp(-0.1 * t)},
    "conversion_factors.xml": {"A": lambda t: 1.5 * t, "B": lambda t: 5 * t},
    "stoichiometry_math_level_2.xml": {"S": lambda t: 1 + 3 * 0.4 * t / 2},
    "level_1.xml": {"S": lambda t: 3 * exp(-0.3 * t), "P": lambda t: 6 * (1 - exp(-0.3 * t))},
    "species_reference.xml": {
        "A": lambda t: 2 * t + t**2,
        "B": lambda t: 2 * minimum(t, 3) + 8 * since(t, 3),
        "twice": lambda t: where(t < 3, 2, 8),
    },
}


def test_every_model_has_its_solution() -> None:
    assert {path.name for path in MODELS.iterdir()} == CASES.keys()


@pytest.mark.parametrize("backend", ["llvm", "reference"])
@pytest.mark.parametrize("file", CASES)
def test_the_simulation_is_the_exact_solution(file: str, backend: str) -> None:
    system = load_model_file(MODELS / file)
    if backend == "llvm" and not system.states:
        pytest.skip("a model without a state is left to the reference backend")
    kernel = compile_kernel(system, backend)
    outputs = tuple(CASES[file])
    result = kernel.simulate(Batch(save_at=TIMES, outputs=outputs), TIGHT)
    assert result.status[0] == Status.FINISHED
    for column, name in enumerate(outputs):
        exact = np.broadcast_to(CASES[file][name](TIMES), TIMES.shape)
        np.testing.assert_allclose(result.outputs[0, :, column], exact, rtol=2e-7, atol=1e-8, err_msg=name)
