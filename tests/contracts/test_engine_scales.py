"""Units do not matter: a model in other units of amount, volume and time has the same course.

Amounts, volumes and times are multiplied by 1e-30 to 1e30, rate constants accordingly, and the courses are
compared with those of the model as it is, relative 1e-6 of every quantity's largest value.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import gammainc

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, Options, Status
from calor.engine.calendar import Action, Calendar

UNITS = [(1e-30, 1, 1), (1e30, 1, 1), (1, 1e-30, 1), (1, 1, 1e-30), (1, 1, 1e30), (1e-21, 1e-15, 1e3)]
"""Factors on amounts, volumes and times."""
OPTIONS = Options(rtol=1e-9, atol=1e-13, max_steps=20_000)


MODELS = {
    # name: its species, and the text, in terms of the units u_amount and u_time and the volume C
    "robertson": (
        ("a", "b", "c"),
        """a = u_amount / C; b = 0; c = 0
        a -> b; 0.04 / u_time * a * C
        b + b -> c + b; 3e7 / (u_amount * u_time) * (b * C)^2
        b + c -> a + c; 1e4 / (u_amount * u_time) * (b * C) * (c * C)""",
    ),
    "prey and predators": (
        ("A", "B"),
        """A = u_amount / C; B = 0.5 * u_amount / C
        => A; A * C / u_time
        A => B; (A * C) * (B * C) / (u_amount * u_time)
        B => ; B * C / u_time""",
    ),
    # the last of a chain of twelve rises as the twelfth power of time
    "chain": (
        tuple(f"x{i}" for i in range(13)),
        "x0 = full * u_amount / C; full = 1;"
        + "".join(f"x{i} = 0; x{i - 1} -> x{i}; 0.5 / u_time * x{i - 1} * C;" for i in range(1, 13)),
    ),
    # twice as large a dose whenever little is left, and all roots and broken powers meet zero
    "roots and events": (
        ("x", "y"),
        """x = u_amount / C; y = 0; dose = 2 * u_amount / C
        x -> y; 3 * u_amount / u_time * x^1.7 / ((u_amount / C)^1.7 + x^1.7)
        y -> ; 0.3 / u_time * (y * u_amount / C)^0.5 * C
        at (x < 0.05 * u_amount / C): x = x + dose, dose = 2 * dose
        at (time > 1.7 * u_time): y = 0""",
    ),
    "nothing at first": (
        ("x", "y"),
        """x = 0; y = 0
        -> x; piecewise(u_amount / u_time, time > 0.123 * u_time, 0)
        x -> y; (x * C)^2 / (u_amount * u_time)
        y -> ; 2 / u_time * y * C""",
    ),
}
TIMES = np.array([0.0, 1e-3, 0.1, 0.5, 1.0, 3.0, 10.0, 20.0])


def model(name: str, amount: float, volume: float, time: float) -> str:
    """Return the text of a model in some units; its compiled code is the same in all of them."""
    species, text = MODELS[name]
    homes = ", ".join(f"{each} in C" for each in species)
    return f"compartment C = {3 * volume}; u_amount = {amount}; u_time = {time}\nspecies {homes}\n{text}"


@cache
def course(name: str, backend: str, amount: float, volume: float, time: float) -> np.ndarray:
    """Return the course (n_times, n_species), divided by the unit of concentration."""
    batch = Batch(save_at=TIMES * time, outputs=MODELS[name][0])
    kernel = compile_kernel(load_antimony(model(name, amount, volume, time)), backend)
    result = kernel.simulate(batch, OPTIONS)
    assert result.status[0] == Status.FINISHED, Status(int(result.status[0])).message
    return np.asarray(result.outputs[0] / (amount / (3 * volume)))


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("factors", UNITS, ids=str)
def test_a_model_in_other_units_has_the_same_course(
    backend: str, name: str, factors: tuple[float, float, float]
) -> None:
    usual, found = course(name, backend, 1.0, 1.0, 1.0), course(name, backend, *factors)
    apart = np.abs(found - usual).max(axis=0) / np.abs(usual).max(axis=0)
    assert apart.max() < 1e-6, dict(zip(MODELS[name][0], apart, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_both_backends_agree_in_tiny_units(name: str) -> None:
    first, second = (course(name, backend, 1e-21, 1e-15, 1e3) for backend in ("llvm", "reference"))
    np.testing.assert_allclose(
        first / np.abs(second).max(axis=0), second / np.abs(second).max(axis=0), atol=1e-6
    )


def test_one_micromolar_in_a_femtolitre_is_right(backend: str) -> None:
    """u' = u - u w, w' = u w - w from 1, 0.5: scipy's LSODA at rtol 1e-12 gives u(20), w(20)."""
    found = course("prey and predators", backend, 1e-21, 1e-15, 1.0)
    np.testing.assert_allclose(found[-1], [1.29998204, 0.540788417], rtol=1e-7)


def test_the_end_of_a_long_chain_is_right_where_it_is_1e_25(backend: str) -> None:
    """x12(t) is the share of an Erlang distribution of 12 stages that has ended: gamma(12, t / 2)."""
    found = course("chain", backend, 1e-21, 1e-15, 1e3)[:, -1]
    np.testing.assert_allclose(found[2:], gammainc(12, 0.5 * TIMES[2:]), rtol=1e-2)


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_doses_may_be_in_any_unit(backend: str, unit: float) -> None:
    """Two doses into the empty first of a chain, and an infusion: each state is linear in the dose."""
    courses = []
    for amount in (1.0, unit):
        calendar = Calendar.of(
            (0.5, Action.ADD, "amount(x0)", amount),
            (1.5, Action.RATE, "amount(x4)", amount),
            (2.5, Action.RATE, "amount(x4)", -amount),
            (3.5, Action.ADD, "amount(x0)", 0.3 * amount),
        )
        kernel = compile_kernel(load_antimony(model("chain", 1.0, 1.0, 1.0)), backend)
        batch = Batch(
            np.array([1.0, 2.0, 4.0, 20.0]),
            ("x0", "x4", "x12"),
            ("full",),
            np.zeros((1, 1)),
            calendars=(calendar,),
        )
        courses.append(kernel.simulate(batch, OPTIONS).outputs[0] / amount)
    np.testing.assert_allclose(courses[1], courses[0], rtol=1e-6)


def test_states_that_begin_under_roots_are_right_at_once(backend: str) -> None:
    """x = t, y = t^1.3 / 1.3, z' = -z^0.5 y: the slopes of y by x and of z by y are infinite at first."""
    model = "x' = 1; x = 0; y' = x^0.3; y = 0; z' = y^0.5; z = 0; a' = -a*z; a = 1"
    times = np.array([1e-6, 0.01, 1.0, 2.0])
    batch = Batch(save_at=times, outputs=("x", "y", "z", "a"))
    result = compile_kernel(load_antimony(model), backend).simulate(batch, OPTIONS)
    y, z = times**1.3 / 1.3, times**1.65 / 1.65 / 1.3**0.5
    a = np.exp(-(times**2.65) / 2.65 / 1.65 / 1.3**0.5)
    np.testing.assert_allclose(result.outputs[0], np.array([times, y, z, a]).T, rtol=1e-6)
    assert result.steps[0] < 500


def test_a_derivative_that_is_no_number_does_not_end_a_rate_that_is_one(backend: str) -> None:
    """x' = 1 / (1 + exp(1000 (t - 1))) is 1, then 0; its slope is infinity over infinity from 1.7 on."""
    model = "x' = 1 / (1 + exp(1000 * (time - 1))); x = 0; y' = 1 / (1 + exp(1000 * x)); y = 0"
    batch = Batch(save_at=np.array([3.0]), outputs=("x", "y"))
    result = compile_kernel(load_antimony(model), backend).simulate(batch, OPTIONS)
    assert result.status[0] == Status.FINISHED
    np.testing.assert_allclose(result.outputs[0, 0], [1.0, np.log(2) / 1000], rtol=1e-7)
