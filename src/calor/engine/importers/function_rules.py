"""Functions of formulas as rules: from their arguments to an expression, whatever language they stand in."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

from calor.engine.symbolic.expression import ONE, Expression, apply, as_boolean, as_real, constant, select
from calor.engine.symbolic.operators import Kind, Operator

Arguments = list[Expression]
Rule = Callable[[Arguments], Expression]


def reals(arguments: Arguments) -> Arguments:
    """Return arguments as real numbers."""
    return [as_real(argument) for argument in arguments]


def unary(operator: Operator) -> Rule:
    """Return the rule of an operator on real numbers."""
    return lambda arguments: apply(operator, *reals(arguments))


def of_reciprocal(operator: Operator) -> Rule:
    """Return the rule of an operator on the reciprocal of its argument: arcsec x = arccos 1/x."""
    return lambda arguments: apply(operator, ONE / as_real(arguments[0]))


def reciprocal(operator: Operator) -> Rule:
    """Return the rule of the reciprocal of an operator's value: sec x = 1 / cos x."""
    return lambda arguments: ONE / apply(operator, as_real(arguments[0]))


def folded(operator: Operator, empty: Expression | None = None) -> Rule:
    """Return the rule of an operator put between all arguments; `empty` is its value without any."""
    convert = as_boolean if empty is not None and empty.kind is Kind.BOOLEAN else as_real

    def rule(arguments: Arguments) -> Expression:
        if not arguments and empty is not None:
            return empty
        return reduce(lambda first, second: apply(operator, first, second), map(convert, arguments))

    return rule


def logarithm_to_base(arguments: Arguments) -> Expression:
    """Return the logarithm to a base: the base, if it is not 10, and the number."""
    values = reals(arguments)
    if len(values) == 1 or values[0].is_constant(10.0):
        return apply(Operator.LOGARITHM_10, values[-1])
    return apply(Operator.LOGARITHM, values[1]) / apply(Operator.LOGARITHM, values[0])


def piecewise(arguments: Arguments) -> Expression:
    """Return the first value whose condition holds: value, condition, ..., and the value otherwise."""
    pieces = len(arguments) // 2
    result = as_real(arguments[-1]) if len(arguments) % 2 else constant(math.nan)
    for position in reversed(range(pieces)):
        value, condition = arguments[2 * position : 2 * position + 2]
        result = select(as_boolean(condition), as_real(value), result)
    return result
