"""Constraints on the reference backend, against closed forms and published values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.symbolic.builder import SystemBuilder
from calor.engine.symbolic.expression import ONE, TIME, ZERO, Expression, symbol
from calor.engine.symbolic.system import Constraint, System

TIGHT = Options(rtol=1e-10, atol=1e-12)


def simulated(
    system: System, times: list[float], outputs: tuple[str, ...], options: Options = TIGHT
) -> np.ndarray:
    batch = Batch(save_at=np.array(times), outputs=outputs)
    result = compile_kernel(system).simulate(batch, options)
    assert result.status[0] == Status.FINISHED
    return np.asarray(result.outputs[0])


def robertson() -> System:
    build = SystemBuilder("robertson")
    a, b, c = build.state("a", 1.0), build.state("b", 0.0), build.state("c", 0.0)
    build.rate("a", -0.04 * a + 1e4 * b * c)
    build.rate("b", 0.04 * a - 1e4 * b * c - 3e7 * b * b)
    total = Constraint("total", a + b + c - 1.0, (("c", ONE),))
    return replace(build.build(), constraints=(total,))


def test_robertson_with_its_sum_as_a_constraint() -> None:
    """The values of the CVODE and IDA examples (Hindmarsh et al., ACM TOMS 31:363, 2005) at t = 0.4 and 4e3,
    and at 4e10, where a = 5.2083e-08."""
    found = simulated(robertson(), [0.4, 4e3, 4e10], ("a", "b", "c"), Options(rtol=1e-8, atol=1e-10))
    np.testing.assert_allclose(found[0], [9.8517e-01, 3.3864e-05, 1.4794e-02], rtol=3e-5)
    np.testing.assert_allclose(found[1], [1.8320e-01, 8.9424e-07, 8.1680e-01], rtol=3e-4)
    np.testing.assert_allclose(found[2, 0], 5.2083e-08, rtol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-7)


def implicit() -> System:
    """x' = -z with z^3 = x, z > 0: x = (1 - 2 t / 3)^(3/2), z = sqrt(1 - 2 t / 3)."""
    build = SystemBuilder("implicit")
    x, z = build.state("x", 1.0), build.state("z", 0.3)
    build.rate("x", -z)
    rule = Constraint("rule", z * z * z - x, (("z", ONE),))
    return replace(build.build(), constraints=(rule,))


def test_an_implicit_rule_is_followed_from_a_start_that_does_not_satisfy_it() -> None:
    times = [0.0, 0.5, 1.0]
    found = simulated(implicit(), times, ("x", "z"))
    exact = np.sqrt(1.0 - 2.0 * np.array(times) / 3.0)
    np.testing.assert_allclose(found[:, 1], exact, rtol=1e-8)
    np.testing.assert_allclose(found[:, 0], exact**3, rtol=1e-8)


def order_seen(system: System, output: str, time: float, exact: float) -> float:
    """Return how the error falls with the steps taken, between two tolerances."""
    errors, steps = [], []
    for rtol in (1e-5, 1e-9):
        batch = Batch(save_at=np.array([time]), outputs=(output,))
        result = compile_kernel(system).simulate(batch, Options(rtol=rtol, atol=rtol * 1e-3))
        errors.append(abs(float(result.outputs[0, 0, 0]) - exact))
        steps.append(int(result.steps[0]))
    return float(np.log(errors[0] / errors[1]) / np.log(steps[1] / steps[0]))


def test_the_order_of_a_constrained_system() -> None:
    """Rodas5P has order 5 for systems of index 1; order 4 would be seen as one less."""
    assert 4.5 < order_seen(implicit(), "z", 1.0, float(np.sqrt(1.0 / 3.0))) < 7.0


def test_a_rule_without_a_solution_ends_the_patient_and_is_named() -> None:
    """z^2 = 1 - t has no solution after t = 1."""
    build = SystemBuilder("ends")
    build.state("x", 0.0)
    build.rate("x", 1.0)
    z = build.state("z", 1.0)
    rule = Constraint("rule", z * z - 1.0 + TIME, (("z", ONE),))
    kernel = compile_kernel(replace(build.build(), constraints=(rule,)))
    for time, status in ((0.9, {Status.FINISHED}), (2.0, {Status.STEP_TOO_SMALL, Status.NO_SOLUTION})):
        result = kernel.simulate(Batch(save_at=np.array([time]), outputs=("z",)))
        assert Status(int(result.status[0])) in status
    assert result.reached[0] == pytest.approx(1.0, abs=0.01)
    assert np.isnan(result.outputs[0, 0, 0])
    never = Constraint("rule", z * z + 1.0, (("z", ONE),))
    result = compile_kernel(replace(build.build(), constraints=(never,))).simulate(
        Batch(save_at=np.array([1.0]), outputs=("z",))
    )
    assert result.status[0] == Status.NO_SOLUTION
    assert "algebraic rule" in result.ending(0, 0.0)


def test_what_a_rule_determines_takes_no_dose_and_llvm_refuses_by_name() -> None:
    dose = Calendar(np.array([0.5]), np.array([Action.ADD]), np.array([0]), np.array([1.0]), ("z",))
    batch = Batch(save_at=np.array([1.0]), outputs=("z",), calendars=(dose,))
    with pytest.raises(InputError, match="z follows from an algebraic rule"):
        compile_kernel(implicit()).simulate(batch)
    with pytest.raises(UnsupportedError, match="algebraic rules"):
        compile_kernel(implicit(), "llvm")


def binding(forward: Expression | float, back: float = 1.0) -> System:
    """Fast A + B <-> C, with A made at rate 1 and C lost at rate C / 10."""
    build = SystemBuilder("binding")
    a, b, c = build.state("a", 2.0), build.state("b", 1.5), build.state("c", 0.0)
    build.rate("a", 1.0)
    build.rate("c", -0.1 * c)
    changes = (("a", -ONE), ("b", -ONE), ("c", ONE))
    fast = Constraint("fast reaction", forward * a * b - back * c, changes, flows=True)
    return replace(build.build(), constraints=(fast,))


def test_fast_binding_stays_on_the_quadratic_of_its_equilibrium() -> None:
    """With totals A = a + c and B = b + c, c is the smaller root of c^2 - (A + B + K) c + A B = 0.

    A' = 1 - c / 10 and B' = -c / 10: the totals are checked by their difference, A - B = 0.5 + t.
    """
    found = simulated(binding(4.0), [0.0, 0.5, 3.0], ("a", "b", "c"))
    a, b, c = found.T
    np.testing.assert_allclose(a - b, 0.5 + np.array([0.0, 0.5, 3.0]), rtol=1e-9)
    total_a, total_b, half = a + c, b + c, 0.5 * (a + b + 2 * c + 0.25)
    np.testing.assert_allclose(c, half - np.sqrt(half**2 - total_a * total_b), rtol=1e-8)
    at_start = 0.5 * (3.75 - np.sqrt(3.75**2 - 12.0))
    np.testing.assert_allclose(found[0], [2.0 - at_start, 1.5 - at_start, at_start], rtol=1e-10)


def test_fast_binding_is_the_limit_of_large_rates() -> None:
    """The same with rates a million times as large and no constraint, by the other solver."""
    slow = binding(4.0)
    (fast,) = slow.constraints
    rates = {name: 1e6 * change * fast.value for name, change in fast.changes}
    states = tuple(
        replace(state, derivative=state.derivative + rates.get(state.name, ZERO)) for state in slow.states
    )
    times = [0.5, 3.0]
    stiff = simulated(replace(slow, states=states, constraints=()), times, ("a", "b", "c"))
    np.testing.assert_allclose(simulated(slow, times, ("a", "b", "c")), stiff, rtol=3e-6)


def test_an_irreversible_fast_reaction_runs_to_its_end_and_one_that_is_off_waits() -> None:
    """A + B -> C takes all of B; with a rate of 0 until an event sets it, nothing happens until then."""
    np.testing.assert_allclose(
        simulated(binding(4.0, 0.0), [0.0, 2.0], ("a", "b"))[:, 1], [0.0, 0.0], atol=1e-10
    )
    build = SystemBuilder("waits")
    k, a = build.state("k", 0.0), build.state("a", 1.0)
    build.state("b", 0.0)
    build.event("on", symbol("x") > 0.99, {"k": 1.0})
    build.state("x", 0.0)
    build.rate("x", 1.0)
    fast = Constraint("fast", k * a, (("a", -ONE), ("b", ONE)), flows=True)
    system = replace(build.build(), constraints=(fast,))
    np.testing.assert_allclose(
        simulated(system, [0.0, 0.98, 1.0], ("a", "b")), [[1, 0], [1, 0], [0, 1]], atol=1e-12
    )


def test_which_of_two_equilibria_is_where_the_flow_leads() -> None:
    """a <-> b at rate -a b: a = 0 is an equilibrium too, but the flow runs to b = 0."""
    build = SystemBuilder("two")
    a, b = build.state("a", 1.0), build.state("b", 5.0)
    fast = Constraint("fast", -a * b, (("a", -ONE), ("b", ONE)), flows=True)
    system = replace(build.build(), constraints=(fast,))
    np.testing.assert_allclose(simulated(system, [0.0, 1.0], ("a", "b")), [[6, 0], [6, 0]], atol=1e-12)


def test_fast_reactions_in_a_ring_share_a_rank() -> None:
    """a -> b -> c -> a at rates a, 2 b, 4 c: nothing moves on the whole at a : b : c = 4 : 2 : 1."""
    build = SystemBuilder("ring")
    names = ("a", "b", "c")
    values = [build.state(name, 7.0 if name == "a" else 0.0) for name in names]
    constraints = tuple(
        Constraint(f"fast {i}", 2.0**i * values[i], ((names[i], -ONE), (names[(i + 1) % 3], ONE)), flows=True)
        for i in range(3)
    )
    system = replace(build.build(), constraints=constraints)
    np.testing.assert_allclose(simulated(system, [0.0, 1.0], names), [[4, 2, 1]] * 2, rtol=1e-10)
