from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.engine.symbolic.builder import SystemBuilder
from calor.engine.symbolic.calculus import derivative
from calor.engine.symbolic.expression import (
    FALSE,
    TIME,
    TRUE,
    ZERO,
    Expression,
    apply,
    apply_to_finite,
    constant,
    maximum,
    minimum,
    select,
    symbol,
)
from calor.engine.symbolic.functions import exponential, logarithm, square_root
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.traversal import postorder, substitute

x, y, n, k = (symbol(name) for name in "xynk")


def value_of(expression: Expression, **values: float) -> float:
    """Evaluate an expression through the whole pipeline: builder, lowering, interpreter."""
    build = SystemBuilder("one value")
    for name, value in values.items():
        build.parameter(name, value)
    build.assign("result", expression)
    program = lower(build.build())
    outputs = Interpreter(program, "outputs")(0.0, np.zeros(0), np.array(program.parameter_values))["outputs"]
    return float(outputs[program.output_names.index("result")])


def test_equal_structure_is_one_object() -> None:
    assert (x + y) * 2.0 is 2.0 * (y + x)
    assert (x - y) is not (y - x)
    assert hash(x / y) == hash(x / y)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (x + 0.0, x),
        (x * 1.0, x),
        (x**1.0, x),
        ((-x) * -1.0, x),
        (x + (-y), x - y),
        (-x * -y, x * y),
        (2.0 * (3.0 * x), 6.0 * x),
        (constant(2.0) ** 3.0, constant(8.0)),
        (select(TRUE, x, y), x),
        (select(~(x < y), x, y), select(x < y, y, x)),
        ((x < y) & TRUE, x < y),
        ((x < y) | TRUE, TRUE),
        ((x < y) ^ TRUE, ~(x < y)),
        ((x < y) & FALSE, FALSE),
    ],
)
def test_expressions_are_simplified_as_they_are_made(written: Expression, meant: Expression) -> None:
    assert written is meant


@pytest.mark.parametrize(
    ("kept", "points", "values"),
    [
        # what is not finite is not hidden: 0 inf, inf - inf and 0 / 0 are no number
        (x * 0.0, (3.0, math.inf, math.nan), (0.0, math.nan, math.nan)),
        (x - x, (3.0, math.inf, math.nan), (0.0, math.nan, math.nan)),
        (0.0 / x, (3.0, math.inf, 0.0), (0.0, 0.0, math.nan)),
        (x / x, (3.0, math.inf, 0.0), (1.0, math.nan, math.nan)),
        (logarithm(exponential(x)), (3.0, 1e3), (3.0, math.inf)),
        (exponential(logarithm(x)), (3.0, -1.0), (3.0, math.nan)),
        # IEEE 754: pow(x, 0) and pow(1, x) are 1 whatever x is
        (x**0.0, (3.0, 0.0, math.inf), (1.0, 1.0, 1.0)),
        (constant(1.0) ** x, (3.0, math.inf), (1.0, 1.0)),
        # a product of two constants that vanishes or overflows is not made beforehand
        (1e-200 * (1e-200 * x), (1e300,), (1e-100,)),
        (1e200 * (1e200 * x), (1e-300,), (1e100,)),
    ],
)
def test_what_is_simplified_is_equal_whatever_the_operands_are(
    kept: Expression, points: tuple[float, ...], values: tuple[float, ...]
) -> None:
    with np.errstate(all="ignore"):
        found = [value_of(substitute(kept, {x: constant(point)})) for point in points]
        varying = [value_of_state(kept, point) for point in points]
    np.testing.assert_allclose(found, values, rtol=1e-14)
    np.testing.assert_allclose(varying, values, rtol=1e-14)


def value_of_state(expression: Expression, point: float) -> float:
    """Evaluate an expression of x where x is a state, through lowering and interpreter."""
    build = SystemBuilder("one value")
    build.state("x", 1.0)
    build.assign("result", expression)
    program = lower(build.build())
    outputs = Interpreter(program, "outputs")(0.0, np.array([point]), np.zeros(0))["outputs"]
    return float(outputs[program.output_names.index("result")])


def test_slopes_that_are_nothing_leave_no_trace() -> None:
    assert derivative(0.0 * exponential(x), x) is ZERO
    assert derivative(x - x, x) is ZERO
    assert derivative(k * x - k * x, x) is ZERO
    assert apply_to_finite(Operator.DIVIDE, 0.0, x) is ZERO
    assert not apply_to_finite(Operator.DIVIDE, 0.0, 0.0).is_constant(0.0)


def test_an_expression_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="no truth value"):
        bool(x < y)


def test_operands_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="add takes real, real"):
        _ = (x < y) + 1.0


FORMULAS = [
    x * y + x / y - y**3,
    exponential(-x) * logarithm(y) + square_root(x * y),
    x**n / (k**n + x**n),
    3.0 * y * x**n / (k**n + x**n),
    k**n / (k**n + x**n),
    1.0 / (1.0 + (x / k) ** n),
    x**2 / (k**2 + x**2),
    (x + y) ** n + k**x,
    select(x < y, x * x, y * y),
    maximum(x, y) * minimum(x, 2.0 * y),
    *(
        apply(operator, 0.3 * x)
        for operator in (
            Operator.ABSOLUTE,
            Operator.LOGARITHM_10,
            Operator.SINE,
            Operator.COSINE,
            Operator.TANGENT,
            Operator.ARCSINE,
            Operator.ARCCOSINE,
            Operator.ARCTANGENT,
            Operator.HYPERBOLIC_SINE,
            Operator.HYPERBOLIC_COSINE,
            Operator.HYPERBOLIC_TANGENT,
            Operator.HYPERBOLIC_ARCSINE,
            Operator.HYPERBOLIC_ARCTANGENT,
        )
    ),
    apply(Operator.HYPERBOLIC_ARCCOSINE, 1.5 + x),
]


@pytest.mark.parametrize("formula", FORMULAS, ids=[str(position) for position in range(len(FORMULAS))])
@pytest.mark.parametrize("variable", ["x", "y", "n", "k"])
def test_derivatives_agree_with_central_differences(formula: Expression, variable: str) -> None:
    point = {"x": 0.83, "y": 1.7, "n": 2.4, "k": 0.6}
    step = 1e-6
    above = value_of(formula, **{**point, variable: point[variable] + step})
    below = value_of(formula, **{**point, variable: point[variable] - step})
    exact = value_of(derivative(formula, symbol(variable)), **point)
    assert exact == pytest.approx((above - below) / (2 * step), rel=2e-7, abs=1e-8)


def test_the_slope_of_a_hill_term_needs_no_further_power() -> None:
    hill = x**n / (k**n + x**n)
    powers = {node for node in postorder([hill, derivative(hill, x)]) if node.operator is Operator.POWER}
    assert powers == {x**n, k**n}


@pytest.mark.parametrize("formula", [x**n / (k**n + x**n), 1.0 / (1.0 + (x / k) ** n), x**n])
def test_slopes_are_finite_at_zero(formula: Expression) -> None:
    assert value_of(derivative(formula, x), x=0.0, n=2.5, k=0.6) == 0.0
    assert math.isfinite(value_of(derivative(formula, n), x=0.0, n=2.5, k=0.6))


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_substitution_equals_evaluation(first: float, second: float) -> None:
    formula = select(x < y, x * y - 3.0, maximum(x, y) / 7.0)
    folded = substitute(formula, {x: constant(first), y: constant(second)})
    assert folded.is_constant()
    assert folded.value == pytest.approx(first * second - 3 if first < second else max(first, second) / 7)


def test_deep_nesting_neither_recurses_nor_slows() -> None:
    deep = x
    for _ in range(3_000):
        deep = exponential(-deep) + TIME
    assert derivative(deep, y) is ZERO
    assert len(list(postorder([derivative(deep, x)]))) < 30_000
