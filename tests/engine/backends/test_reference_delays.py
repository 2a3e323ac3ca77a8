"""Delays on the reference backend, against solutions by the method of steps."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import UnsupportedError
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options, Status, Summary
from calor.engine.calendar import Action, Calendar
from calor.engine.symbolic.expression import (
    TIME,
    Expression,
    as_expression,
    constant,
    maximum,
    minimum,
    symbol,
)
from calor.engine.symbolic.functions import exponential, sine
from calor.engine.symbolic.system import Assigned, Assignment, Constraint, Delayed, Event, State, System

TIGHT = Options(rtol=1e-10, atol=1e-12)
X, PAST = symbol("x"), symbol("past")


def delayed(rate: Expression, ago: Expression | float, initial: Expression | float = 1.0) -> System:
    """Return x' = rate, in which `past` is x some time ago."""
    state = State("x", as_expression(initial), rate)
    return System("delayed", (state,), delayed=(Delayed("past", X, X, as_expression(ago)),))


def simulated(system: System, times: list[float], options: Options = TIGHT) -> np.ndarray:
    result = compile_kernel(system).simulate(Batch(save_at=np.array(times), outputs=("x",)), options)
    assert result.status[0] == Status.FINISHED
    return np.asarray(result.outputs[0, :, 0])


def decay(time: float, ago: float) -> float:
    """x' = -x(t - T), x = 1 before: the sum of (-1)^k (t - (k - 1) T)^k / k! while t > (k - 1) T.

    Source: R. D. Driver, Ordinary and Delay Differential Equations, 1977.
    """
    pieces = range(1 + math.ceil(time / ago))
    return math.fsum((-1.0) ** k * (time - (k - 1) * ago) ** k / math.factorial(k) for k in pieces)


def test_a_linear_delay_equation_on_its_polynomial_pieces() -> None:
    times = [0.0, 0.5, 1.0, 1.5, 2.5, 4.0, 6.25]
    exact = [1.0, 0.5, 0.0, *(decay(time, 1.0) for time in times[3:])]
    np.testing.assert_allclose(simulated(delayed(-PAST, 1.0), times), exact, atol=1e-9)
    assert exact[3] == pytest.approx(-0.375)  # 1 - 1.5 + 0.5^2 / 2


def test_a_delay_much_shorter_than_a_step() -> None:
    times = [0.005, 0.5, 1.0]
    result = compile_kernel(delayed(-PAST, 0.01)).simulate(
        Batch(save_at=np.array(times), outputs=("x",)), TIGHT
    )
    np.testing.assert_allclose(result.outputs[0, :, 0], [decay(time, 0.01) for time in times], rtol=1e-8)
    assert result.steps[0] < 60  # a step a delay would be a hundred


def test_a_delay_that_begins_at_nothing() -> None:
    """x' = -x(t / 2), a pantograph equation: coefficients c_n+1 = -c_n / ((n + 1) 2^n) of its series."""
    coefficients = [1.0]
    for n in range(20):
        coefficients.append(-coefficients[-1] / ((n + 1) * 2.0**n))
    times = [0.5, 1.0, 2.0]
    exact = [math.fsum(c * time**n for n, c in enumerate(coefficients)) for time in times]
    np.testing.assert_allclose(simulated(delayed(-PAST, TIME / 2.0), times), exact, rtol=1e-7)


def test_delayed_logistic_growth_on_its_first_two_pieces() -> None:
    """x' = r x (1 - x(t - 1)), x = h before: x = h exp(a t), a = r (1 - h), to t = 1, then
    x(1) exp(r (t - 1 - h (exp(a (t - 1)) - 1) / a))."""
    r, h = 1.4, 0.2
    a = r * (1.0 - h)
    found = simulated(delayed(r * X * (1.0 - PAST), 1.0, h), [0.7, 1.0, 1.6, 2.0])
    second = [h * math.exp(a + r * (s - h * math.expm1(a * s) / a)) for s in (0.6, 1.0)]
    np.testing.assert_allclose(found, [h * math.exp(0.7 * a), h * math.exp(a), *second], rtol=1e-8)


def test_the_order_of_a_delay_equation() -> None:
    """Jumps of derivatives are met exactly, so errors fall at least as the dense output's, of order 4."""
    exact, errors, steps = decay(9.5, 1.3), [], []
    for rtol in (1e-4, 1e-9):
        batch = Batch(save_at=np.array([9.5]), outputs=("x",))
        result = compile_kernel(delayed(-PAST, 1.3)).simulate(batch, Options(rtol=rtol, atol=rtol * 1e-3))
        errors.append(abs(float(result.outputs[0, 0, 0]) - exact))
        steps.append(int(result.steps[0]))
    assert np.log(errors[0] / errors[1]) / np.log(steps[1] / steps[0]) > 3.8


def test_the_past_before_the_start_follows_initial_values_in_time() -> None:
    """x(t) = 2 + sin(10 t) before the start; then x' = x(t - 0.5), to t = 0.5."""
    initial = 2.0 + sine(10.0 * TIME)
    found = simulated(delayed(PAST, 0.5, initial), [0.2, 0.5])
    exact = [2.0 + 2.0 * t - (math.cos(10.0 * (t - 0.5)) - math.cos(5.0)) / 10.0 for t in (0.2, 0.5)]
    np.testing.assert_allclose(found, exact, rtol=1e-8)


def test_a_dose_comes_back_as_a_jump_and_summaries_see_it() -> None:
    """x = 1, and 2 from 0.5 on; y' = x(t - 1): y = t + max(0, t - 1.5), whose mean over 0 to 3 is 15/8."""
    states = (State("x", constant(1.0), constant(0.0)), State("y", constant(0.0), PAST))
    system = System("dose", states, delayed=(Delayed("past", X, X, constant(1.0)),))
    dose = Calendar(np.array([0.5]), np.array([Action.ADD]), np.array([0]), np.array([1.0]), ("x",))
    batch = Batch(
        save_at=np.array([1.5, 2.0, 3.0]), outputs=("y",), calendars=(dose,),
        summaries=(Summary("mean", "y", 0.0, 3.0),),
    )  # fmt: skip
    result = compile_kernel(system).simulate(batch, TIGHT)
    np.testing.assert_allclose(result.outputs[0, :, 0], [1.5, 2.5, 4.5], rtol=1e-9)
    np.testing.assert_allclose(result.summaries[0], 15.0 / 8.0, rtol=1e-9)


def test_a_trigger_sees_what_was() -> None:
    """x = t, so x(t - 1) passes 0.5 at t = 1.5, when y becomes 3."""
    states = (State("x", constant(0.0), constant(1.0)), State("y", constant(0.0), constant(0.0)))
    event = Event("late", PAST > 0.5, (Assignment("y", constant(3.0)),))
    system = System("trigger", states, events=(event,), delayed=(Delayed("past", X, X, constant(1.0)),))
    batch = Batch(save_at=np.array([1.49999, 1.50001]), outputs=("y",))
    assert compile_kernel(system).simulate(batch, TIGHT).outputs[0, :, 0].tolist() == [0.0, 3.0]


def test_a_delay_of_a_delay() -> None:
    """x = t, and 0 before: what x(t - 1) was half a unit ago is x(t - 1.5)."""
    states = (State("x", constant(0.0), constant(1.0)), State("y", constant(0.0), symbol("twice")))
    once, twice = Delayed("past", X, X, constant(1.0)), Delayed("twice", PAST, PAST, constant(0.5))
    system = System("nested", states, delayed=(once, twice))
    result = compile_kernel(system).simulate(Batch(save_at=np.array([1.5, 3.5]), outputs=("y",)), TIGHT)
    np.testing.assert_allclose(result.outputs[0, :, 0], [0.0, 2.0], atol=1e-9)  # (3.5 - 1.5)^2 / 2


def test_a_negative_delay_ends_the_patient() -> None:
    result = compile_kernel(delayed(-PAST, 1.0 - TIME)).simulate(
        Batch(save_at=np.array([0.5, 2.0]), outputs=("x",))
    )
    assert result.status[0] == Status.NEGATIVE_DELAY
    assert np.isfinite(result.outputs[0, 0, 0])
    assert np.isnan(result.outputs[0, 1, 0])
    positive = delayed(-PAST, maximum(1.0 - TIME, 0.0))
    assert np.all(np.isfinite(simulated(positive, [2.0], Options(rtol=1e-4))))


@pytest.mark.parametrize(
    ("rate", "ago", "initial"),
    [
        (-PAST, 0.0, 1.0),  # x(t) itself
        (-PAST, minimum(maximum(TIME - 1.0, 0.0), 0.0), 1.0),  # nothing all along, as only running it tells
        (-PAST * exponential(-0.1 * X), 0.1 * X, exponential(-TIME)),  # x(t - x/10) is x exp(x/10)
    ],
)
def test_a_delay_of_nothing_or_by_states_takes_no_more_steps_than_none(
    rate: Expression, ago: Expression | float, initial: Expression | float
) -> None:
    """x = exp(-t): its rate depends on x through the delay too, and the method must know it."""
    batch, options = Batch(save_at=np.array([4.0]), outputs=("x",)), Options(rtol=1e-8, atol=1e-11)
    found = compile_kernel(delayed(rate, ago, initial)).simulate(batch, options)
    assert found.outputs[0, 0, 0] == pytest.approx(math.exp(-4.0), rel=1e-6)
    assert found.steps[0] < 60  # thousands where it does not


def test_a_rule_that_uses_a_delay_of_nothing() -> None:
    """y + y^3 = x and x' = -y make y' = -y / (1 + 3 y^2): log y + 3/2 y^2 = 3/2 - t from y = 1, x = 2."""
    x, y = State("x", constant(2.0), -symbol("y")), State("y", constant(1.0), constant(0.0))
    rule = Constraint("rule", symbol("y") + symbol("y") ** 3.0 - PAST, (("y", constant(1.0)),))
    none = Delayed("past", X, X, constant(0.0))
    system = System("rule", (x, y), constraints=(rule,), delayed=(none,))
    found = compile_kernel(system).simulate(
        Batch(save_at=np.array([2.0]), outputs=("y",)), Options(rtol=1e-8, atol=1e-11)
    )
    end = float(found.outputs[0, 0, 0])
    assert math.log(end) + 1.5 * end**2 == pytest.approx(1.5 - 2.0, abs=1e-6)
    assert found.steps[0] < 60


def test_what_comes_back_to_outputs_alone_comes_back_once() -> None:
    """No rate uses the past of x, so nothing jumps where a dose comes back, and nothing follows from it.

    x is 1, and 2 from 0.5 on; through a delay of a delay the jump is seen at 2.5: the mean to 3 is 7/6.
    """
    state = State("x", constant(1.0), constant(0.0))
    once, twice = Delayed("past", X, X, constant(1.0)), Delayed("twice", PAST, PAST, constant(1.0))
    dose = Calendar(np.array([0.5]), np.array([Action.ADD]), np.array([0]), np.array([1.0]), ("x",))
    batch = Batch(
        save_at=np.array([9.0]), outputs=("seen",), calendars=(dose,),
        summaries=(Summary("mean", "seen", 0.0, 3.0),),
    )  # fmt: skip
    system = System("seen", (state,), delayed=(once, twice), assigned=(Assigned("seen", symbol("twice")),))
    result = compile_kernel(system).simulate(batch, TIGHT)
    np.testing.assert_allclose(result.summaries[0], 7.0 / 6.0, rtol=1e-12)
    kernel = compile_kernel(replace(system, delayed=(once,), assigned=(Assigned("seen", PAST),)))
    result = kernel.simulate(replace(batch, summaries=()), TIGHT)
    assert result.outputs[0, 0, 0] == 2.0
    assert result.steps[0] < 150  # 299 if it came back for each derivative


def test_llvm_refuses_delays_by_name() -> None:
    with pytest.raises(UnsupportedError, match=r"delay\(\)"):
        compile_kernel(delayed(-PAST, 1.0), "llvm")
