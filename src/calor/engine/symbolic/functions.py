"""Functions of expressions: exponential, logarithm, root, sine and cosine."""

from __future__ import annotations

from calor.engine.symbolic.expression import Expression, apply
from calor.engine.symbolic.operators import Operator


def exponential(value: Expression | float) -> Expression:
    """Return e to the power of a value."""
    return apply(Operator.EXPONENTIAL, value)


def logarithm(value: Expression | float) -> Expression:
    """Return the natural logarithm."""
    return apply(Operator.LOGARITHM, value)


def square_root(value: Expression | float) -> Expression:
    """Return the square root."""
    return apply(Operator.SQUARE_ROOT, value)


def sine(value: Expression | float) -> Expression:
    """Return the sine."""
    return apply(Operator.SINE, value)


def cosine(value: Expression | float) -> Expression:
    """Return the cosine."""
    return apply(Operator.COSINE, value)
