"""The operators that an expression or a program is made of, and the kinds of their operands and results."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a value is: a real number (float64) or a truth value."""

    REAL = "real"
    BOOLEAN = "boolean"


class Operator(StrEnum):
    """What a node computes.

    The first five are leaves: `CONSTANT` and `TIME` stand in expressions and programs, `SYMBOL` (a name) in
    expressions only, `STATE` and `PARAMETER` (a position) in programs only.
    """

    CONSTANT = "constant"
    TIME = "time"
    SYMBOL = "symbol"
    STATE = "state"
    PARAMETER = "parameter"

    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide"
    POWER = "power"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"

    NEGATE = "negate"
    ABSOLUTE = "absolute"
    SQUARE_ROOT = "square_root"
    EXPONENTIAL = "exponential"
    LOGARITHM = "logarithm"
    LOGARITHM_10 = "logarithm_10"
    FLOOR = "floor"
    CEILING = "ceiling"
    FACTORIAL = "factorial"
    SINE = "sine"
    COSINE = "cosine"
    TANGENT = "tangent"
    ARCSINE = "arcsine"
    ARCCOSINE = "arccosine"
    ARCTANGENT = "arctangent"
    HYPERBOLIC_SINE = "hyperbolic_sine"
    HYPERBOLIC_COSINE = "hyperbolic_cosine"
    HYPERBOLIC_TANGENT = "hyperbolic_tangent"
    HYPERBOLIC_ARCSINE = "hyperbolic_arcsine"
    HYPERBOLIC_ARCCOSINE = "hyperbolic_arccosine"
    HYPERBOLIC_ARCTANGENT = "hyperbolic_arctangent"

    LESS = "less"
    LESS_EQUAL = "less_equal"
    EQUAL = "equal"
    NOT_EQUAL = "not_equal"

    AND = "and"
    OR = "or"
    EXCLUSIVE_OR = "exclusive_or"
    NOT = "not"

    SELECT = "select"  # condition, value where true, value where false


LEAVES = frozenset({Operator.CONSTANT, Operator.TIME, Operator.SYMBOL, Operator.STATE, Operator.PARAMETER})
COMPARISONS = frozenset({Operator.LESS, Operator.LESS_EQUAL, Operator.EQUAL, Operator.NOT_EQUAL})
LOGICAL = frozenset({Operator.AND, Operator.OR, Operator.EXCLUSIVE_OR, Operator.NOT})
COMMUTATIVE = frozenset(
    {
        Operator.ADD,
        Operator.MULTIPLY,
        Operator.MINIMUM,
        Operator.MAXIMUM,
        Operator.EQUAL,
        Operator.NOT_EQUAL,
        Operator.AND,
        Operator.OR,
        Operator.EXCLUSIVE_OR,
    }
)
_BINARY_REAL = frozenset(
    {
        Operator.ADD,
        Operator.SUBTRACT,
        Operator.MULTIPLY,
        Operator.DIVIDE,
        Operator.POWER,
        Operator.MINIMUM,
        Operator.MAXIMUM,
    }
)


def operand_kinds(operator: Operator) -> tuple[Kind, ...]:
    """Return the kinds of an operator's operands; `SELECT` is a condition and two real numbers."""
    if operator in LEAVES:
        return ()
    if operator is Operator.SELECT:
        return (Kind.BOOLEAN, Kind.REAL, Kind.REAL)
    if operator is Operator.NOT:
        return (Kind.BOOLEAN,)
    if operator in LOGICAL:
        return (Kind.BOOLEAN, Kind.BOOLEAN)
    if operator in COMPARISONS or operator in _BINARY_REAL:
        return (Kind.REAL, Kind.REAL)
    return (Kind.REAL,)


def result_kind(operator: Operator) -> Kind:
    """Return the kind of an operator's result; a constant has the kind it is made with."""
    return Kind.BOOLEAN if operator in COMPARISONS or operator in LOGICAL else Kind.REAL
