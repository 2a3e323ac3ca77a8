"""A program's operations as vector code."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence

from calor.engine.backends.c_library import ANGLES
from calor.engine.backends.llvm.builder import Code, Value
from calor.engine.backends.llvm.mathematics import Powers, by_lane, exponential, logarithm
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import Kind, Operator
from calor.engine.symbolic.semantics import SMALLEST

LIBRARY = {**ANGLES, Operator.FACTORIAL: "tgamma"}
"""Functions of the C library called lane by lane."""

MOST_INLINE_POWERS = 80
"""A program with more powers calls functions for them, which take LLVM less time."""

_LOG10_E = 1.0 / math.log(10.0)

Leaf = Callable[[int, Operation], Value]
"""Where the value of a leaf, or of an operation computed elsewhere, comes from."""


class Expressions:
    """Writes operations of a program into a function.

    Arguments: the program; the function; `leaf`, which gives the values of time, states and parameters;
    `known`, which gives values computed before (hoisted ones) by position, or None; `known_sign`, which
    gives what `sign_below_zero` says of an exponent, or None; and `held`, which gives what stands in for a
    value just computed.
    """

    def __init__(
        self,
        program: Program,
        code: Code,
        leaf: Leaf,
        known: Callable[[int, Operation], Value | None] = lambda _position, _operation: None,
        known_sign: Callable[[int], Value | None] = lambda _position: None,
        held: Callable[[int, Value], Value] = lambda _position, value: value,
    ) -> None:
        self._program = program
        self._code = code
        self._leaf = leaf
        self._known = known
        self._known_sign = known_sign
        self._held = held
        self._values: dict[int, Value] = {}
        self._powers = Powers(code, inline=_few_powers(program))

    def write(self, results: Sequence[int], take: Callable[[int, Value], None]) -> None:
        """Write what some results need, in the program's order; `take` gets each as soon as it is there.

        Arguments: the positions of the results; what to do with a result, given its place among them.
        """
        places: dict[int, list[int]] = {}
        for place, position in enumerate(results):
            places.setdefault(position, []).append(place)
        for position in self._needed(results):
            self._values[position] = self._held(position, self._value(position))
            for place in places.pop(position, ()):
                take(place, self._values[position])
        for position, left in places.items():
            for place in left:
                take(place, self._values[position])

    def _needed(self, results: Sequence[int]) -> list[int]:
        operations = self._program.operations
        wanted = set(results)
        needed: list[int] = []
        for position in range(max(results, default=-1), -1, -1):
            if position not in wanted or position in self._values:
                continue
            known = self._known(position, operations[position])
            if known is not None:
                self._values[position] = known
                continue
            needed.append(position)
            wanted.update(operations[position].operands)
        return needed[::-1]

    def _value(self, position: int) -> Value:
        operation = self._program.operations[position]
        if operation.operator is Operator.CONSTANT:
            kind = self._code.vector if operation.kind is Kind.REAL else self._code.mask
            return self._code.constant(operation.value, kind)
        if operation.operator in (Operator.TIME, Operator.STATE, Operator.PARAMETER):
            return self._leaf(position, operation)
        guarded = position in self._program.guarded
        if operation.operator is Operator.POWER:
            return self._power(operation, guarded)
        operands = [self._values[i] for i in operation.operands]
        if guarded:
            operands = [_within_edges(self._code, operation.operator, operands[0])]
        return _apply(self._code, operation.operator, operands)

    def _power(self, operation: Operation, guarded: bool) -> Value:
        base, exponent = (self._values[i] for i in operation.operands)
        below_zero = self._sign_below_zero(operation.operands[1])
        written = self._program.operations[operation.operands[1]]
        positive = written.value > 0.0 if written.operator is Operator.CONSTANT else None
        if guarded:
            return self._powers.power(base, exponent, below_zero, positive)
        power = self._powers.power(base, exponent, below_zero, positive, sys.float_info.min)
        if positive is not True:
            power = self._code.select(base.equals(0.0) & (exponent < 0.0), math.inf, power)
        if below_zero in (1.0, -1.0):
            return power
        broken = self._code.intrinsic("floor", exponent).differs(exponent)
        return self._code.select((base < 0.0) & broken, math.nan, power)

    def _sign_below_zero(self, exponent: int) -> Value | float | None:
        """Return what is known beforehand of a power's sign where its base is negative."""
        written = self._program.operations[exponent]
        if written.operator is not Operator.CONSTANT:
            return self._known_sign(exponent)
        if not written.value.is_integer():
            return 0.0
        return -1.0 if written.value % 2 else 1.0


def _few_powers(program: Program) -> bool:
    """Whether powers are few enough to be written out where they stand."""
    powers = sum(operation.operator is Operator.POWER for operation in program.operations)
    return powers <= MOST_INLINE_POWERS


def _within_edges(code: Code, operator: Operator, x: Value) -> Value:
    """Return an operand with what lies beyond its edge taken as the edge; see `symbolic.semantics`."""
    match operator:
        case Operator.SQUARE_ROOT:
            return code.select(x < 0.0, SMALLEST, x)
        case Operator.HYPERBOLIC_ARCCOSINE:
            return code.select(x < 1.0, 1.0, x)
    return code.select(x > 1.0, 1.0, code.select(x < -1.0, -1.0, x))


def _apply(code: Code, operator: Operator, operands: Sequence[Value]) -> Value:
    """Write one operation on values."""
    if operator in LIBRARY:
        x = operands[0] + 1.0 if operator is Operator.FACTORIAL else operands[0]
        return by_lane(code, LIBRARY[operator], x)
    return _VECTOR[operator](code, *operands)


_VECTOR: dict[Operator, Callable[..., Value]] = {
    Operator.ADD: lambda _, a, b: a + b,
    Operator.SUBTRACT: lambda _, a, b: a - b,
    Operator.MULTIPLY: lambda _, a, b: a * b,
    Operator.DIVIDE: lambda _, a, b: a / b,
    Operator.MINIMUM: lambda code, a, b: code.smaller(a, b),
    Operator.MAXIMUM: lambda code, a, b: code.larger(a, b),
    Operator.NEGATE: lambda _, a: -a,
    Operator.ABSOLUTE: lambda code, a: code.intrinsic("fabs", a),
    Operator.SQUARE_ROOT: lambda code, a: code.intrinsic("sqrt", a),
    Operator.EXPONENTIAL: exponential,
    Operator.LOGARITHM: logarithm,
    Operator.LOGARITHM_10: lambda code, a: logarithm(code, a) * _LOG10_E,
    Operator.FLOOR: lambda code, a: code.intrinsic("floor", a),
    Operator.CEILING: lambda code, a: code.intrinsic("ceil", a),
    Operator.LESS: lambda _, a, b: a < b,
    Operator.LESS_EQUAL: lambda _, a, b: a <= b,
    Operator.EQUAL: lambda _, a, b: a.equals(b),
    Operator.NOT_EQUAL: lambda _, a, b: a.differs(b),
    Operator.AND: lambda _, a, b: a & b,
    Operator.OR: lambda _, a, b: a | b,
    Operator.EXCLUSIVE_OR: lambda _, a, b: a ^ b,
    Operator.NOT: lambda _, a: ~a,
    Operator.SELECT: lambda code, c, a, b: code.select(c, a, b),
}
