"""States that lead, solved ahead of the rest: the same numbers as everywhere, the same bits in company."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from calor.engine import compile_kernel, load_antimony
from calor.engine.backends.llvm.kernel import LlvmKernel
from calor.engine.batch import Batch, BatchResult, Options, Status, Summary
from calor.engine.calendar import Action, Calendar, Calendars
from calor.engine.gradients import gradients
from calor.engine.ir.cascade import leading_first, leading_states
from calor.engine.ir.lowering import lower

# A drug with quick, saturable kinetics and a delayed effect leads a ring of four slow states.
MODEL = """
depot' = -ka*depot; central' = ka*depot - vmax*central/(km + central) - 2*central + 3*deep - 4*central
deep' = 4*central - 3*deep; effect' = 2*(central/(0.4 + central) - effect)
a' = 0.05*(1 + push) - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c*(1 - 0.3*effect) - 0.02*d; late' = 0.1*(a - late)
push := 0.2*sin(0.5*time)
both := a + central
ka = 40; vmax = 9; km = 0.7; depot = 0; central = 0; deep = 0; effect = 0
a = 1; b = 1; c = 1; d = 1; late = 0
"""
TIMES = np.array([0.0, 0.3, 1.0, 1.01, 2.5, 6.0, 9.0])
OUTPUTS = ("a", "b", "d", "late", "central", "effect", "both")
DAILY = Calendar.of(*((0.25 + day, Action.ADD, "depot", 2.0) for day in range(5)))
TIGHT = Options(rtol=1e-8, atol=1e-10, threads=1)


@pytest.fixture(scope="module")
def kernel() -> LlvmKernel:
    found = compile_kernel(load_antimony(MODEL), "llvm")
    assert isinstance(found, LlvmKernel)
    return found


def batch_of(calendars: object, n: int = 1, **fields: object) -> Batch:
    values = 40.0 * np.exp(0.3 * np.random.default_rng(1).normal(size=(n, 1)))
    return Batch(TIMES, OUTPUTS, ("ka",), values, calendars=calendars, **fields)  # type: ignore[arg-type]


def test_what_leads_is_what_depends_on_nothing_else_and_is_quick() -> None:
    program = lower(load_antimony(MODEL))
    names = [program.state_names[i] for i in leading_states(program)]
    assert names == ["depot", "central", "deep", "effect"]
    first = leading_first(program)
    assert first.state_names[:4] == tuple(names)
    assert set(first.state_names) == set(program.state_names)
    assert not any(row < 4 <= column for row, column in first.jacobian_pattern)


@pytest.mark.parametrize(
    "changed",
    [
        ("ka = 40", "ka = 40; at (a > 9): b = 1"),  # an event
        ("0.04*c;", "0.04*c + piecewise(0.1, time > 3, 0);"),  # a jump
        ("0.05*b - 0.04*c", "0.05*b - 0.04*c - 200*c"),  # the ring itself is quick
        ("ka*depot - vmax", "ka*depot + 0.1*a - vmax"),  # the drug depends on the ring
    ],
)
def test_nothing_leads_where_that_would_not_be_right_or_would_not_pay(changed: tuple[str, str]) -> None:
    program = lower(load_antimony(MODEL.replace(*changed)))
    leading = [program.state_names[i] for i in leading_states(program)]
    assert leading in ([], ["depot"])


def test_the_numbers_are_those_of_scipy(kernel: LlvmKernel) -> None:
    def rates(t: float, x: np.ndarray) -> list[float]:
        depot, central, deep, effect, a, b, c, d, late = x
        return [
            -40 * depot,
            40 * depot - 9 * central / (0.7 + central) - 6 * central + 3 * deep,
            4 * central - 3 * deep,
            2 * (central / (0.4 + central) - effect),
            0.05 * (1 + 0.2 * np.sin(0.5 * t)) - 0.03 * d * a - 0.02 * a,
            0.04 * a * (1 - 0.8 * effect) - 0.03 * b,
            0.05 * b - 0.04 * c,
            0.03 * c * (1 - 0.3 * effect) - 0.02 * d,
            0.1 * (a - late),
        ]

    x, before, expected = np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 0]), 0.0, {}
    stops = sorted({*DAILY.times, *TIMES})
    for stop in stops:
        if stop > before:
            x = solve_ivp(rates, (before, stop), x, method="LSODA", rtol=1e-11, atol=1e-13).y[:, -1]
        if stop in DAILY.times:
            x[0] += 2.0
        expected[stop], before = x.copy(), stop
    batch = replace(batch_of((DAILY,)), parameters=np.array([[40.0]]))
    found = kernel.simulate(batch, TIGHT)
    columns = [4, 5, 7, 8, 1, 3]
    oracle = np.array([[*expected[time][columns], expected[time][4] + expected[time][1]] for time in TIMES])
    np.testing.assert_allclose(found.outputs[0], oracle, rtol=1e-6, atol=1e-8)
    by_name = dict(zip(found.state_names, found.final_states[0], strict=True))
    np.testing.assert_allclose([by_name["d"], by_name["deep"]], expected[9.0][[7, 2]], rtol=1e-6)
    assert found.state_names == kernel.state_names


@pytest.mark.parametrize(
    "more",
    [
        [(3.0, Action.RATE, "central", 4.0), (3.2, Action.RATE, "central", -4.0)],
        [(4.0, Action.SCALE, "deep", 0.1), (4.0, Action.SET, "a", 2.0), (5.0, Action.RATE, "b", 0.1)],
        [(4.6, Action.RESET, "a", 0.0)],
    ],
)
def test_whatever_the_calendar_does_both_ways_agree(
    kernel: LlvmKernel, more: list[tuple[float, Action, str, float]]
) -> None:
    batch = batch_of((DAILY.then(Calendar.of(*more)),))
    led = kernel.simulate(batch, TIGHT)
    whole = compile_kernel(load_antimony(MODEL), "reference").simulate(batch, TIGHT)
    np.testing.assert_allclose(led.outputs, whole.outputs, rtol=1e-5, atol=1e-7)


def test_the_error_follows_the_tolerance(kernel: LlvmKernel) -> None:
    batch = batch_of((DAILY,), 5)
    exact = kernel.simulate(batch, Options(rtol=1e-11, atol=1e-13)).outputs
    for rtol in (1e-3, 1e-5, 1e-7):
        found = kernel.simulate(batch, Options(rtol=rtol, atol=rtol * 1e-3)).outputs
        assert np.abs(found - exact).max() < 20 * rtol


def mixed(n: int) -> list[Calendar]:
    """Return calendars of which some have few doses, some many and one none."""
    few = Calendar.of((1.0, Action.ADD, "depot", 3.0))
    return [(DAILY, few, DAILY.later(0.2), Calendar.empty(), DAILY)[i % 5] for i in range(n)]


def rows(result: BatchResult) -> list[np.ndarray]:
    return [result.outputs, result.summaries, result.final_states, result.status, result.steps]


def test_the_same_bits_whatever_the_company(kernel: LlvmKernel) -> None:
    windows = (Summary("mean", "a", 2.0, 8.0), Summary("auc", "effect", 0.0, 9.0))
    calendars = mixed(23)
    whole = batch_of(calendars, 23, summaries=windows)
    everyone = kernel.simulate(whole, Options(threads=1))
    assert np.all(everyone.status == Status.FINISHED)
    shuffled = np.random.default_rng(2).permutation(23)
    for order, threads in ((shuffled, 2), (np.arange(5, 14), 1), (np.array([3]), 1), (np.array([2, 7]), 2)):
        some = replace(whole, parameters=whole.parameters[order], calendars=[calendars[i] for i in order])
        again = kernel.simulate(some, Options(threads=threads))
        for got, all_of_them in zip(rows(again), rows(everyone), strict=True):
            np.testing.assert_array_equal(got, all_of_them[order])


def test_summaries_are_those_of_many_outputs(kernel: LlvmKernel) -> None:
    window = (Summary("auc", "a", 0.0, 6.0), Summary("maximum", "effect", 0.0, 6.0))
    times = np.linspace(0, 6, 2401)
    batch = replace(batch_of((DAILY,), 2, summaries=window), save_at=times, outputs=("a", "effect"))
    found = kernel.simulate(batch, Options(rtol=1e-8, atol=1e-11))
    area = np.trapezoid(found.outputs[:, :, 0], times, axis=1)
    np.testing.assert_allclose(found.summaries[:, 0], area, rtol=1e-6)
    np.testing.assert_allclose(found.summaries[:, 1], found.outputs[:, :, 1].max(axis=1), rtol=2e-3)


def test_the_same_bits_where_leading_states_need_more_steps_than_are_kept() -> None:
    swinging = MODEL.replace(
        "deep' = 4*central - 3*deep;", "deep' = 4*central - 3*deep - w*turn; turn' = w*deep;"
    )
    kernel = compile_kernel(load_antimony(f"{swinging}w = 0; turn = 0"), "llvm")
    values = np.array([[300.0], *([[0.0]] * 7), [90.0]])
    batch = Batch(np.linspace(0, 4, 9), OUTPUTS, ("w",), values, calendars=(DAILY,))
    together = kernel.simulate(batch, Options(threads=1))
    for patient in (0, 8):
        alone = kernel.simulate(replace(batch, parameters=values[[patient]]), Options(threads=1))
        assert alone.steps[0] > 500
        for got, all_of_them in zip(rows(alone), rows(together), strict=True):
            np.testing.assert_array_equal(got[0], all_of_them[patient])


@pytest.mark.parametrize("linear", [False, True])
def test_summaries_of_leading_states_are_as_exact_as_their_outputs(linear: bool) -> None:
    model = MODEL.replace("vmax*central/(km + central)", "vmax*central") if linear else MODEL
    windows = (
        Summary("mean", "central", 0.4, 5.3),
        Summary("auc", "effect", 1.0, 9.0),
        Summary("trough", "central", 1.0, 4.8),
        Summary("trough", "both", 1.0, 2.31),
        Summary("maximum", "central", 2.0, 3.0),
        Summary("minimum", "effect", 1.3, 4.0),
        Summary("time_above", "central", 0.0, 9.0, 0.2),
        Summary("mean", "a", 0.4, 5.3),
    )
    batch = batch_of((DAILY,), 3, summaries=windows)
    found = compile_kernel(load_antimony(model), "llvm").simulate(batch, Options(rtol=1e-6, atol=1e-9))
    exact = compile_kernel(load_antimony(model), "reference").simulate(batch, TIGHT)
    np.testing.assert_allclose(found.summaries, exact.summaries, rtol=2e-5)


def test_calendars_in_a_table_are_led_too(kernel: LlvmKernel) -> None:
    table = kernel.simulate(batch_of(Calendars.shared(DAILY, 3), 3))
    single = kernel.simulate(batch_of([DAILY] * 3, 3))
    np.testing.assert_array_equal(table.outputs, single.outputs)


def test_a_patient_that_fails_disturbs_no_other(kernel: LlvmKernel) -> None:
    batch = batch_of((DAILY,), 6)
    good = kernel.simulate(batch)
    spoilt = batch.parameters.copy()
    spoilt[2] = -1e4
    bad = kernel.simulate(replace(batch, parameters=spoilt), Options(max_steps=2_000))
    assert bad.status[2] != Status.FINISHED
    assert np.isnan(bad.outputs[2, -1]).all()
    others = [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(bad.outputs[others], good.outputs[others])


def test_derivatives_are_those_of_tight_differences(kernel: LlvmKernel) -> None:
    batch = replace(batch_of((DAILY,)), save_at=np.array([9.0]), outputs=("b",))
    found = gradients(kernel, batch, ["vmax"], Options(rtol=1e-8, atol=1e-11)).outputs[0, 0, 0, 0]
    low, high = (
        kernel.simulate(
            replace(
                batch, parameter_names=("ka", "vmax"), parameters=np.array([[*batch.parameters[0], vmax]])
            ),
            Options(rtol=1e-11, atol=1e-13),
        ).outputs[0, 0, 0]
        for vmax in (8.99, 9.01)
    )
    np.testing.assert_allclose(found, (high - low) / 0.02, rtol=1e-4)
