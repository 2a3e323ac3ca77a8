"""Derivatives by parameters against closed forms, differences and the variational equations."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from calor.core.errors import InputError, UnsupportedError
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, Options, Summary
from calor.engine.calendar import Action, Calendar
from calor.engine.gradients import gradients
from tests.contracts import engine_models as models

TIGHT = Options(rtol=1e-9, atol=1e-12)


def test_a_bolus_has_the_derivatives_of_its_closed_form():
    t, ka, cl, v = np.linspace(0, 24, 13), 1.5, 1.1, 20.0
    batch = Batch(
        save_at=t,
        outputs=("central",),
        parameter_names=("cl",),
        parameters=np.array([[1.1], [2.2]]),
        calendars=(Calendar.of((0.0, Action.ADD, "central", 100.0)),),
    )
    found = gradients(compile_kernel(models.oral()), batch, ["cl", "v", "ka"], TIGHT)
    for patient, clearance in enumerate((cl, 2 * cl)):
        amount = 100 * np.exp(-clearance / v * t)
        by_cl, by_v = -t / v * amount, clearance * t / v**2 * amount
        np.testing.assert_allclose(found.outputs[patient, :, 0, 0], by_cl, rtol=2e-6, atol=1e-5)
        np.testing.assert_allclose(found.outputs[patient, :, 0, 1], by_v, rtol=2e-6, atol=1e-6)
        np.testing.assert_allclose(found.outputs[patient, :, 0, 2], 0, atol=1e-6)
    assert ka not in found.names


def test_logistic_growth_has_the_derivatives_of_its_closed_form_by_four_parameters_or_fewer():
    t = np.linspace(0.5, 8, 6)
    batch = Batch(save_at=t, outputs=("x",), parameters=np.zeros((1, 0)))
    found = gradients(compile_kernel(models.logistic()), batch, ["x0", "r", "c", "x0"], TIGHT)
    grown = np.exp(t)
    below = 2.0 + 0.1 * (grown - 1)
    by_x0 = grown * 2.0 * 2.0 / below**2
    by_r = t * 0.1 * 2.0 * grown * (2.0 - 0.1) / below**2
    np.testing.assert_allclose(found.outputs[0, :, 0, 0], by_x0, rtol=1e-5)
    np.testing.assert_allclose(found.outputs[0, :, 0, 1], by_r, rtol=1e-5)
    np.testing.assert_array_equal(found.outputs[0, :, 0, 3], found.outputs[0, :, 0, 0])


def test_a_stiff_model_agrees_with_its_variational_equations():
    # scipy 1.14 or later, Radau, on the states and their derivatives by the initial value of b
    def extended(_, z):
        a, b, c, sa, sb, sc = z
        slow, fast, back = 0.04 * a, 3e7 * b * b, 1e4 * b * c
        back_s = 1e4 * (sb * c + b * sc)
        da, dc = back - slow, fast
        return [da, -da - dc, dc, back_s - 0.04 * sa, 0.04 * sa - back_s - 6e7 * b * sb, 6e7 * b * sb]

    oracle = solve_ivp(
        extended, (0, 40), [1, 0, 0, 1, 0, 0], method="Radau", t_eval=[0.4, 40], rtol=1e-10, atol=1e-14
    )
    batch = Batch(save_at=np.array([0.4, 40.0]), outputs=("a", "c"), parameters=np.zeros((1, 0)))
    found = gradients(compile_kernel(models.robertson()), batch, ["a0"], TIGHT)
    np.testing.assert_allclose(found.outputs[0, :, :, 0], oracle.y[[3, 5]].T, rtol=1e-5)


def test_derivatives_of_summaries_and_final_states_equal_tight_differences():
    kernel = compile_kernel(models.hill())
    batch = Batch(
        save_at=np.array([20.0]),
        outputs=(),
        parameter_names=("n",),
        parameters=np.array([[1.7]]),
        summaries=(Summary("auc", "cells", 1.0, 18.0), Summary("maximum", "cells", 0.0, 20.0)),
    )
    found = gradients(kernel, batch, ["n", "k"], TIGHT)
    for column, name in enumerate(("n", "k")):
        value = {"n": 1.7, "k": 0.5}[name]
        moved = Batch(
            save_at=batch.save_at,
            outputs=(),
            parameter_names=(name,),
            parameters=value + np.array([[-1e-3], [1e-3]]),
            summaries=batch.summaries,
        )
        low_high = kernel.simulate(moved, Options(rtol=1e-11, atol=1e-13))
        expected = np.diff(low_high.summaries, axis=0)[0] / 2e-3
        np.testing.assert_allclose(found.summaries[0, :, column], expected, rtol=1e-5, atol=1e-6)
        expected = np.diff(low_high.final_states, axis=0)[0] / 2e-3
        np.testing.assert_allclose(found.final_states[0, :, column], expected, rtol=1e-5, atol=1e-6)


def test_the_reference_backend_is_refused_by_name():
    batch = Batch(save_at=np.array([1.0]), outputs=("x",), parameters=np.zeros((1, 0)))
    with pytest.raises(UnsupportedError, match="derivatives by parameters"):
        gradients(compile_kernel(models.decay(), "reference"), batch, ["k"])


def test_an_unknown_parameter_is_refused():
    batch = Batch(save_at=np.array([1.0]), outputs=("x",), parameters=np.zeros((1, 0)))
    with pytest.raises(InputError, match="no parameter nope"):
        gradients(compile_kernel(models.decay()), batch, ["nope"])


def test_derivatives_by_the_time_of_a_jump_and_by_where_it_lies():
    kernel = compile_kernel(models.pulse())
    batch = Batch(save_at=np.array([40.0, 51.0, 100.0]), outputs=("x",), parameters=np.zeros((5, 0)))
    found = gradients(kernel, batch, ["from", "to"], TIGHT)
    np.testing.assert_allclose(found.outputs[:, :, 0, 0], np.tile([0, -1, -1], (5, 1)), atol=1e-5)
    np.testing.assert_allclose(found.outputs[:, :, 0, 1], np.tile([0, 0, 1], (5, 1)), atol=1e-5)

    # 2 exp(-t/2) down to `low` at t1, then low exp(-(t - t1)/10): low^(1 - 0.2) 2^0.2 exp(-t/10)
    slowed = compile_kernel(load_antimony("x' = -piecewise(0.5, x > low, 0.1) * x; x = 2; low = 1"))
    batch = Batch(save_at=np.array([1.0, 5.0]), outputs=("x",), parameters=np.zeros((1, 0)))
    found = gradients(slowed, batch, ["low"], TIGHT)
    np.testing.assert_allclose(
        found.outputs[0, :, 0, 0], [0, 0.8 * 2**0.2 * np.exp(-0.5)], rtol=1e-5, atol=1e-6
    )


def test_derivatives_go_through_events():
    # a sawtooth: x = k t less the number of times it was full
    kernel = compile_kernel(load_antimony("x' = k; x = 0; k = 1; n = 0; at (x >= 1): x = 0, n = n + 1"))
    rates = np.array([[0.3], [0.7], [1.9]])
    batch = Batch(save_at=np.array([0.2, 4.0]), outputs=("x", "n"), parameter_names=("k",), parameters=rates)
    found = gradients(kernel, batch, ["k"], TIGHT)
    np.testing.assert_allclose(found.outputs[:, :, 0, 0], np.tile([0.2, 4.0], (3, 1)), rtol=1e-5)
    np.testing.assert_array_equal(found.outputs[:, :, 1, 0], 0.0)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_a_parameter_in_any_unit_has_its_derivative(unit: float) -> None:
    """x = exp(-k t / unit): dx/dk = -t / unit x."""
    model = f"x' = -k * x / {unit}; x = 1; k = {unit}"
    found = gradients(compile_kernel(load_antimony(model)), Batch(np.array([2.0]), ("x",)), ["k"], TIGHT)
    np.testing.assert_allclose(found.outputs[0, 0, 0, 0] * unit, -2 * np.exp(-2), rtol=1e-6)
