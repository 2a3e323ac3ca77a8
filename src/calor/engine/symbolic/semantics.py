"""What each operator means, in NumPy: the one definition that folding and the interpreter share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import gamma

from calor.engine.symbolic.operators import Operator


def _factorial(value: Any) -> Any:
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
