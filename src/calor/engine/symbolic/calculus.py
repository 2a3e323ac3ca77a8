"""Derivatives of expressions, written so that they stay finite at zero and share work with the function.

A Hill term h = x^n / (c + x^n), c free of x, has h' = h (1 - h) n x' / x, which costs no further power.
Divisions by x are guarded by max(|x|, 1e-150), where the true limit is zero or the term is negligible.
Floor, ceiling, factorial (of whole numbers) and comparisons count as constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from calor.engine.symbolic.expression import (
    ONE,
    ZERO,
    Expression,
    apply,
    apply_to_finite,
    constant,
    maximum,
    select,
    symbol,
)
from calor.engine.symbolic.functions import cosine, logarithm, sine, square_root
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.semantics import SMALLEST
from calor.engine.symbolic.traversal import postorder

ROUNDING = 2.0**-52
"""How exact a difference of numbers of size 1 is."""

Slopes = Callable[[Expression], Expression]


class Derivatives:
    """Partial derivatives of many expressions that share parts.

    Only what depends on a name is visited for it. Arguments: the expressions.
    """

    def __init__(self, roots: Sequence[Expression]) -> None:
        self._order = list(postorder(roots))
        self._place = {node: place for place, node in enumerate(self._order)}
        self._users: list[list[int]] = [[] for _ in self._order]
        for place, node in enumerate(self._order):
            for operand in node.operands:
                self._users[self._place[operand]].append(place)
        self._rows: dict[Expression, list[int]] = {}
        for row, root in enumerate(roots):
            self._rows.setdefault(root, []).append(row)

    def by(self, name: str) -> dict[int, Expression]:
        """Return the derivatives by a name, by the position of the expression; zero ones are left out."""
        variable = symbol(name)
        if variable not in self._place:
            return {}
        slopes = {variable: ONE}
        for place in self._above(self._place[variable]):
            node = self._order[place]
            slopes[node] = _slope(node, lambda part: slopes.get(part, ZERO))
        return {
            row: slope
            for node, slope in slopes.items()
            if slope is not ZERO
            for row in self._rows.get(node, ())
        }

    def _above(self, place: int) -> list[int]:
        """Return the places of all nodes that use one, directly or not, in the order of computation."""
        found: set[int] = set()
        stack = [place]
        while stack:
            for user in self._users[stack.pop()]:
                if user not in found:
                    found.add(user)
                    stack.append(user)
        return sorted(found)


def derivative(expression: Expression, variable: Expression) -> Expression:
    """Return the derivative of an expression by a symbol or by `TIME`; other symbols are held constant."""
    return total_derivative(expression, {variable: ONE})


def total_derivative(expression: Expression, rates: Mapping[Expression, Expression]) -> Expression:
    """Return the sum over leaves of the partial derivative times the leaf's rate (0 for leaves not given)."""
    slopes = dict(rates)
    for node in postorder([expression]):
        if node not in slopes:
            slopes[node] = _slope(node, slopes.__getitem__)
    return slopes[expression]


def _slope(node: Expression, slope_of: Slopes) -> Expression:
    """Return the chain rule at one node, from the slopes of what is below it."""
    slopes = [slope_of(operand) for operand in node.operands]
    if all(slope is ZERO for slope in slopes):
        return ZERO
    match node.operator:
        case Operator.ADD | Operator.SUBTRACT | Operator.NEGATE:
            return apply_to_finite(node.operator, *slopes)
        case Operator.MULTIPLY:
            first, second = node.operands
            return _times(slopes[0], second) + _times(first, slopes[1])
        case Operator.DIVIDE:
            return _quotient_slope(node, slopes, slope_of)
        case Operator.POWER:
            return _power_slope(node, slopes)
        case Operator.MINIMUM:
            return select(node.operands[0] < node.operands[1], slopes[0], slopes[1])
        case Operator.MAXIMUM:
            return select(node.operands[0] < node.operands[1], slopes[1], slopes[0])
        case Operator.SELECT:
            return select(node.operands[0], slopes[1], slopes[2])
    rule = _UNARY.get(node.operator)
    return ZERO if rule is None else _times(rule(node, node.operands[0]), slopes[0])


def _times(first: Expression, second: Expression) -> Expression:
    """Return a product that is nothing where a factor is: a slope that is not there adds nothing."""
    return apply_to_finite(Operator.MULTIPLY, first, second)


def _quotient_slope(node: Expression, slopes: list[Expression], slope_of: Slopes) -> Expression:
    above, below = node.operands
    if below.operator is Operator.ADD and above in below.operands:
        rest = below.operands[1] if above is below.operands[0] else below.operands[0]
        if all(_is_general_power(term) or slope_of(term) is ZERO for term in (above, rest)):
            return node * (1.0 - node) * (_relative_slope(above, slope_of) - _relative_slope(rest, slope_of))
    return (slopes[0] - _times(node, slopes[1])) / below


def _is_general_power(node: Expression) -> bool:
    """Whether a node is a power whose exponent is not a constant whole number."""
    if node.operator is not Operator.POWER:
        return False
    exponent = node.operands[1]
    return not (exponent.is_constant() and exponent.value.is_integer())


def _relative_slope(node: Expression, slope_of: Slopes) -> Expression:
    """Return the slope of a power (or of a constant term) divided by its value."""
    if slope_of(node) is ZERO:
        return ZERO
    base, exponent = node.operands
    by_base = _times(exponent, apply_to_finite(Operator.DIVIDE, slope_of(base), _guarded(base)))
    return by_base + _times(slope_of(exponent), _guarded_logarithm(base))


def _power_slope(node: Expression, slopes: list[Expression]) -> Expression:
    base, exponent = node.operands
    by_base = exponent * base ** (exponent - 1.0)
    if exponent.is_constant() and not exponent.value.is_integer():
        by_base = _flat_below_zero(base, by_base)
    return _times(by_base, slopes[0]) + _times(_times(node, _guarded_logarithm(base)), slopes[1])


def _guarded(value: Expression) -> Expression:
    """Return a value to divide by, kept away from zero."""
    if value.is_constant():
        return value
    return select(apply(Operator.ABSOLUTE, value) < SMALLEST, SMALLEST, value)


def _guarded_logarithm(value: Expression) -> Expression:
    return logarithm(maximum(value, SMALLEST))


def _one_over_root(value: Expression) -> Expression:
    """Return one over the root of a difference from 1, which is exact to no more than rounding."""
    return _flat_below_zero(value, 1.0 / square_root(maximum(value, ROUNDING)))


def _flat_below_zero(value: Expression, slope: Expression) -> Expression:
    """Return a slope, none where a value is below zero: what lies beyond an edge counts as the edge."""
    return select(value < 0.0, ZERO, slope)


def _sign(value: Expression) -> Expression:
    return select(value < 0.0, -1.0, 1.0)


_UNARY: dict[Operator, Callable[[Expression, Expression], Expression]] = {
    # operator: (the node itself, its operand) -> derivative by the operand
    Operator.ABSOLUTE: lambda _, x: _sign(x),
    Operator.SQUARE_ROOT: lambda f, x: _flat_below_zero(x, 0.5 / maximum(f, SMALLEST**0.5)),
    Operator.EXPONENTIAL: lambda f, _: f,
    Operator.LOGARITHM: lambda _, x: 1.0 / x,
    Operator.LOGARITHM_10: lambda _, x: constant(1.0 / math.log(10.0)) / x,
    Operator.SINE: lambda _, x: cosine(x),
    Operator.COSINE: lambda _, x: -sine(x),
    Operator.TANGENT: lambda f, _: 1.0 + f * f,
    Operator.ARCSINE: lambda _, x: _one_over_root(1.0 - x * x),
    Operator.ARCCOSINE: lambda _, x: -_one_over_root(1.0 - x * x),
    Operator.ARCTANGENT: lambda _, x: 1.0 / (1.0 + x * x),
    Operator.HYPERBOLIC_SINE: lambda _, x: apply(Operator.HYPERBOLIC_COSINE, x),
    Operator.HYPERBOLIC_COSINE: lambda _, x: apply(Operator.HYPERBOLIC_SINE, x),
    Operator.HYPERBOLIC_TANGENT: lambda f, _: 1.0 - f * f,
    Operator.HYPERBOLIC_ARCSINE: lambda _, x: 1.0 / square_root(x * x + 1.0),
    Operator.HYPERBOLIC_ARCCOSINE: lambda _, x: _one_over_root(x * x - 1.0),
    Operator.HYPERBOLIC_ARCTANGENT: lambda _, x: 1.0 / (1.0 - x * x),
}
