"""What each operator means, in NumPy: the one definition that folding and the interpreter share.

Some have an edge beyond which they are not defined: a root at 0, an arc sine at 1. Where a solution touches
it, a solver's error lies beyond, and one such value would spoil everything with NaN; what lies beyond then
counts as the edge (`GUARDED`). Constants and parameters have no such error: for them nothing is guarded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from calor.engine.symbolic.operators import Operator

SMALLEST = 1e-150
"""Values nearer to zero are taken as this where a formula divides by them or takes their logarithm.

Small beside every amount in any unit, and large enough that its square is still a number."""


def _guarded_power(base: Any, exponent: Any) -> Any:
    """C's pow, but a negative base under a broken exponent counts as zero, or nearly, lest it be infinite."""
    broken = np.logical_and(np.less(base, 0.0), np.not_equal(exponent, np.floor(exponent)))
    edge = np.where(np.greater(exponent, 0.0), 0.0, SMALLEST)
    return np.float_power(np.where(broken, edge, base), exponent)


def _factorial(value: Any) -> Any:
    from scipy.special import gamma  # slow to import, seldom needed

    return gamma(value + 1.0)


MEANING: dict[Operator, Callable[..., Any]] = {
    Operator.ADD: np.add,
    Operator.SUBTRACT: np.subtract,
    Operator.MULTIPLY: np.multiply,
    Operator.DIVIDE: np.divide,
    Operator.POWER: np.float_power,
    Operator.MINIMUM: np.minimum,
    Operator.MAXIMUM: np.maximum,
    Operator.NEGATE: np.negative,
    Operator.ABSOLUTE: np.abs,
    Operator.SQUARE_ROOT: np.sqrt,
    Operator.EXPONENTIAL: np.exp,
    Operator.LOGARITHM: np.log,
    Operator.LOGARITHM_10: np.log10,
    Operator.FLOOR: np.floor,
    Operator.CEILING: np.ceil,
    Operator.FACTORIAL: _factorial,
    Operator.SINE: np.sin,
    Operator.COSINE: np.cos,
    Operator.TANGENT: np.tan,
    Operator.ARCSINE: np.arcsin,
    Operator.ARCCOSINE: np.arccos,
    Operator.ARCTANGENT: np.arctan,
    Operator.HYPERBOLIC_SINE: np.sinh,
    Operator.HYPERBOLIC_COSINE: np.cosh,
    Operator.HYPERBOLIC_TANGENT: np.tanh,
    Operator.HYPERBOLIC_ARCSINE: np.arcsinh,
    Operator.HYPERBOLIC_ARCCOSINE: np.arccosh,
    Operator.HYPERBOLIC_ARCTANGENT: np.arctanh,
    Operator.LESS: np.less,
    Operator.LESS_EQUAL: np.less_equal,
    Operator.EQUAL: np.equal,
    Operator.NOT_EQUAL: np.not_equal,
    Operator.AND: np.logical_and,
    Operator.OR: np.logical_or,
    Operator.EXCLUSIVE_OR: np.logical_xor,
    Operator.NOT: np.logical_not,
    Operator.SELECT: np.where,
}

GUARDED: dict[Operator, Callable[..., Any]] = {
    Operator.POWER: _guarded_power,
    Operator.SQUARE_ROOT: lambda x: np.sqrt(np.where(np.less(x, 0.0), SMALLEST, x)),
    Operator.ARCSINE: lambda x: np.arcsin(np.clip(x, -1.0, 1.0)),
    Operator.ARCCOSINE: lambda x: np.arccos(np.clip(x, -1.0, 1.0)),
    Operator.HYPERBOLIC_ARCCOSINE: lambda x: np.arccosh(np.maximum(x, 1.0)),
}
"""What operators with an edge mean where a solver's error may take their operand beyond it."""
