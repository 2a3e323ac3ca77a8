"""Leading states that are affine in themselves, by collocation: closed forms, and the other solvers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.backends.llvm.kernel import LlvmKernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.ir.affine_blocks import affine_blocks
from calor.engine.ir.cascade import leading_first

# Two compartments, an effect drawn to a saturable target, and what both and the time move.
MODEL = """
depot' = -ka*depot; central' = ka*depot - ke*central + back*deep - 4*central; deep' = 4*central - back*deep
effect' = 9*(central/(0.4 + central) - effect); both' = 8*effect*(1 + central) + pulse - 8*both
pulse := 2 + sin(5*time)
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c*(1 - 0.3*both) - 0.02*d; late' = 0.1*(a - late); last' = 0.1*(b - last)
ka = 40; ke = 2; back = 3; depot = 0; central = 0; deep = 0; effect = 0; both = 1
a = 1; b = 1; c = 1; d = 1; late = 0; last = 0
"""
TIMES = np.array([0.0, 0.3, 0.9, 1.0, 1.01, 2.5, 6.0, 9.0])
OUTPUTS = ("depot", "central", "deep", "effect", "both", "a", "b", "d", "late")
DAILY = Calendar.of(*((0.25 + day, Action.ADD, "depot", 2.0) for day in range(6)))
TIGHT = Options(rtol=1e-9, atol=1e-12, threads=1)


def kernel_of(text: str) -> LlvmKernel:
    """Return the kernel of a model whose leading states are affine."""
    found = compile_kernel(load_antimony(text), "llvm")
    assert isinstance(found, LlvmKernel)
    assert affine_blocks(leading_first(found.program))
    return found


@pytest.fixture(scope="module")
def kernel() -> LlvmKernel:
    return kernel_of(MODEL)


def batch_of(calendar: Calendar, **parameters: float) -> Batch:
    values = np.array([list(parameters.values())])
    return Batch(TIMES, OUTPUTS, tuple(parameters), values, calendars=(calendar,))


def after_doses(times: np.ndarray, doses: Calendar, ka: float, ke: float) -> np.ndarray:
    """Return the depot and what it fills, (2, n_times), of 2 into the depot at every dose."""
    found = np.zeros((2, len(times)))
    for dose in doses.times:
        t = np.where(times >= dose, times - dose, np.inf)
        gone = np.exp(-ka * t)
        if ka == ke:
            rise = ka * np.where(np.isfinite(t), t, 0.0) * gone
        else:
            rise = ka / (ka - ke) * (np.exp(-ke * t) - gone)
        found += 2.0 * np.stack([gone, rise])
    return found


@pytest.mark.parametrize(("ka", "ke"), [(40.0, 2.0), (6.0, 6.0), (6.0, 6.0 + 1e-9), (3e5, 2.0), (0.7, 60.0)])
def test_linear_kinetics_are_their_closed_form(ka: float, ke: float) -> None:
    kernel = kernel_of(MODEL.replace("+ back*deep - 4*central", ""))
    found = kernel.simulate(batch_of(DAILY, ka=ka, ke=ke), TIGHT).outputs[0, :, :2]
    exact = after_doses(TIMES, DAILY, ka, ke)
    np.testing.assert_allclose(found.T, exact, rtol=1e-6, atol=1e-10)


def test_two_compartments_are_their_closed_form(kernel: LlvmKernel) -> None:
    found = kernel.simulate(batch_of(DAILY, ka=40.0, ke=2.0, back=3.0), TIGHT).outputs[0, :, 1:3]
    matrix = np.array([[-40.0, 0, 0], [40.0, -6.0, 3.0], [0, 4.0, -3.0]])
    rates, vectors = np.linalg.eig(matrix)
    shares = np.linalg.solve(vectors, [2.0, 0.0, 0.0])
    exact = np.zeros((len(TIMES), 3))
    for dose in DAILY.times:
        since = TIMES[dose <= TIMES] - dose
        exact[dose <= TIMES] += (np.exp(np.outer(since, rates)) * shares) @ vectors.T
    np.testing.assert_allclose(found, exact[:, 1:], rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize(
    "more",
    [
        [(3.0, Action.RATE, "central", 4.0), (3.2, Action.RATE, "central", -4.0)],
        [(3.0, Action.RATE, "depot", 4.0), (3.0, Action.RATE, "both", 2.0)],
        [(4.0, Action.SCALE, "deep", 0.1), (4.0, Action.SET, "effect", 2.0), (5.0, Action.RATE, "b", 0.1)],
        [(4.6, Action.RESET, "a", 0.0)],
    ],
)
def test_whatever_the_calendar_does_the_reference_agrees(
    kernel: LlvmKernel, more: list[tuple[float, Action, str, float]]
) -> None:
    batch = batch_of(DAILY.then(Calendar.of(*more)), ka=30.0)
    whole = compile_kernel(load_antimony(MODEL), "reference").simulate(batch, TIGHT)
    np.testing.assert_allclose(kernel.simulate(batch, TIGHT).outputs, whole.outputs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "changed",
    [
        ("- back*deep", "- back*deep - 300*central"),  # compartments that swing about each other
        ("- ke*central", "+ 1.5*central"),  # what grows by itself
        ("effect' = 9*(central/(0.4 + central)", "effect' = 9*(sqrt(0.001 + central)"),
        ("depot' = -ka*depot", "depot' = -ka*depot + weight; weight' = 0; weight = 2; x' = -x + a; x = 0"),
    ],
)
def test_kinetics_of_other_kinds_agree_with_the_reference(changed: tuple[str, str]) -> None:
    text, batch = MODEL.replace(*changed), batch_of(DAILY, ka=30.0)
    whole = compile_kernel(load_antimony(text), "reference").simulate(batch, TIGHT)
    found = kernel_of(text).simulate(batch, TIGHT)
    np.testing.assert_allclose(found.outputs, whole.outputs, rtol=2e-6, atol=1e-8)


def test_the_error_of_leading_states_keeps_the_tolerance(kernel: LlvmKernel) -> None:
    batch = replace(batch_of(DAILY, ka=40.0), save_at=np.linspace(0.0, 9.0, 301))
    exact = kernel.simulate(batch, Options(rtol=1e-12, atol=1e-15)).outputs[0, :, :5]
    steps = []
    for rtol in (1e-3, 1e-5, 1e-7, 1e-9):
        result = kernel.simulate(batch, Options(rtol=rtol, atol=rtol * 1e-2))
        error = np.abs(result.outputs[0, :, :5] - exact) / np.abs(exact).max(axis=0)
        assert error.max() < 3 * rtol
        steps.append(int(result.steps[0]))
    assert steps == sorted(steps)


def test_the_same_bits_whatever_the_company(kernel: LlvmKernel) -> None:
    values = 40.0 * np.exp(np.random.default_rng(1).normal(size=(29, 1)))
    whole = replace(batch_of(DAILY, ka=1.0), parameters=values)
    everyone = kernel.simulate(whole, Options(threads=1))
    assert np.all(everyone.status == Status.FINISHED)
    for order, threads in ((np.random.default_rng(2).permutation(29), 2), (np.array([3]), 1)):
        again = kernel.simulate(replace(whole, parameters=values[order]), Options(threads=threads))
        np.testing.assert_array_equal(again.outputs, everyone.outputs[order])
        np.testing.assert_array_equal(again.steps, everyone.steps[order])
