from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.engine.symbolic.builder import SystemBuilder
from calor.engine.symbolic.expression import TIME, constant, symbol
from calor.engine.symbolic.functions import exponential, square_root
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.system import System


def binding() -> System:
    """Reversible binding with a Hill-driven source and a time-dependent loss."""
    build = SystemBuilder("binding", "h")
    on, off, n, k = (
        build.parameter(name, value) for name, value in [("on", 0.3), ("off", 0.1), ("n", 1.5), ("k", 2.0)]
    )
    scale = build.assign("scale", exponential(on) * off)
    a, b = build.state("a", 2.0 * scale), build.state("b", 1.0)
    build.state("idle", 5.0)
    flux = build.assign("flux", on * a * b**2 - off)
    build.rate("a", scale - flux * TIME)
    build.rate("b", a**n / (k**n + a**n) - flux)
    build.event("dose", b < 0.5, {"b": b + 1.0, "a": constant(0.0)}, delay=on)
    return build.build()


def test_the_same_system_gives_the_same_program_byte_for_byte() -> None:
    before = lower(binding()).text
    other = SystemBuilder("noise")
    other.parameter("off", 1.0)
    other.assign("scale", exponential(symbol("off")) + 1.0)
    lower(other.build())
    assert lower(binding()).text == before


def test_values_of_parameters_leave_the_digest_alone() -> None:
    def decay(rate: float) -> System:
        build = SystemBuilder("decay")
        k, x = build.parameter("k", rate), build.state("x", 1.0)
        build.rate("x", -k * x)
        return build.build()

    assert lower(decay(1.0)).digest == lower(decay(2.0)).digest
    assert lower(decay(1.0)).text != lower(decay(2.0)).text


def test_operands_come_first_and_what_depends_on_parameters_only_is_hoisted() -> None:
    program = lower(binding())
    varying = {Operator.STATE, Operator.TIME}
    for position, operation in enumerate(program.operations):
        assert all(operand < position for operand in operation.operands)
        if position < program.hoisted:
            assert operation.operator not in varying
            assert all(operand < program.hoisted for operand in operation.operands)
    assert program.counts(hoisted=True)[Operator.EXPONENTIAL] == 1
    assert Operator.EXPONENTIAL not in program.counts()
    assert program.counts("derivatives", "jacobian")[Operator.POWER] == 1


def test_nothing_is_computed_twice_or_for_nobody() -> None:
    program = lower(binding())
    distinct = {(op.operator, op.operands, op.value, op.slot, op.kind) for op in program.operations}
    assert len(distinct) == len(program.operations)
    assert program.needed(*program.groups) == tuple(range(len(program.operations)))


def test_the_jacobian_agrees_with_differences() -> None:
    program = lower(binding())
    run = Interpreter(program)
    states, parameters = np.array([1.3, 0.7, 5.0]), np.array(program.parameter_values)
    exact = run(0.4, states, parameters)
    for (row, column), entry in zip(program.jacobian_pattern, exact["jacobian"], strict=True):
        step = np.zeros(3)
        step[column] = 1e-6
        above, below = (run(0.4, states + s, parameters)["derivatives"][row] for s in (step, -step))
        assert entry == pytest.approx((above - below) / 2e-6, rel=1e-7)
    dense = set(program.jacobian_pattern)
    assert dense == {(0, 0), (0, 1), (1, 0), (1, 1)}
    later, earlier = (run(0.4 + s, states, parameters)["derivatives"] for s in (1e-6, -1e-6))
    np.testing.assert_allclose(exact["time_derivative"], (later - earlier) / 2e-6, rtol=1e-7, atol=1e-9)


def test_lanes_give_what_each_gives_alone() -> None:
    program = lower(binding())
    run = Interpreter(program)
    generator = np.random.default_rng(1)
    states, parameters = generator.uniform(0, 2, (3, 5)), generator.uniform(0.1, 2, (4, 5))
    together = run(0.2, states, parameters)
    for lane in range(5):
        alone = run(0.2, states[:, lane], parameters[:, lane])
        for group, values in alone.items():
            np.testing.assert_array_equal(together[group][:, lane], values)


def test_events_keep_their_values_and_targets() -> None:
    program = lower(binding())
    (event,) = program.events
    values = Interpreter(program)(0.0, np.array([1.0, 0.25, 5.0]), np.array(program.parameter_values))
    assert values["triggers"].tolist() == [True]
    assert values["delays"].tolist() == [0.3]
    assert [program.state_names[target] for target in event.targets] == ["b", "a"]
    assert values["assignments"].tolist() == [1.25, 0.0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda build: build.rate("x", symbol("nowhere")), "nowhere"),
        (lambda build: build.parameter("x", 1.0), "same name"),
        (lambda build: build.parameter("p", float("nan")), "not a number"),
        (lambda build: build.state("z", symbol("x")), "not known"),
        (lambda build: build.event("e", TIME < 1.0, {"q": 1.0}), "not a state"),
        (lambda build: build.event("e", TIME, {"x": 1.0}), "boolean value is needed"),
    ],
)
def test_a_system_that_does_not_fit_together_is_refused(
    spoil: Callable[[SystemBuilder], object], message: str
) -> None:
    build = SystemBuilder("spoiled")
    build.state("x", 1.0)
    spoil(build)
    with pytest.raises(InputError, match=message):
        build.build()


def test_a_root_of_what_is_never_negative_has_no_edge_to_watch() -> None:
    build = SystemBuilder("smooth maximum")
    x = build.state("x", 1.0)
    build.rate("x", -square_root(x * x + 1.0) - square_root(x**2 + exponential(x)))
    assert lower(build.build()).groups["edges"] == ()
