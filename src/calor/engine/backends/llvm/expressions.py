"""A program's operations as vector code."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from calor.engine.backends.c_library import ANGLES
from calor.engine.backends.llvm.builder import Code, Value
from calor.engine.backends.llvm.mathematics import PACKED, Power, Powers, by_lane, exponential, logarithm
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

LEAVES = frozenset({Operator.TIME, Operator.STATE, Operator.PARAMETER})
"""What is given, not computed."""


class Expressions:
    """Writes operations of a program into a function.

    Arguments: the program; the function; `leaf`, which gives the values of time, states and parameters;
    `known`, what reads each of the values computed before (hoisted ones), by position; `known_sign`, which
    gives what `sign_below_zero` says of an exponent, or None; and `held`, which gives what stands in for a
    value just computed.

    What stands in memory is read where it is first used: read at the start, most of it would be put on the
    stack and read from there.
    """

    def __init__(
        self,
        program: Program,
        code: Code,
        leaf: Leaf,
        known: Mapping[int, Callable[[], Value]] = MappingProxyType({}),
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
        inline = _few_powers(program)
        self._powers = Powers(code, inline=inline)
        self._together = PACKED if inline else 1

    def write(self, results: Sequence[int], take: Callable[[int, Value], None]) -> None:
        """Write what some results need, in the program's order; `take` gets each as soon as it is there.

        Arguments: the positions of the results; what to do with a result, given its place among them.
        """
        places: dict[int, list[int]] = {}
        for place, position in enumerate(results):
            places.setdefault(position, []).append(place)
        for group in side_by_side(self._program, self._needed(results), self._together):
            if self._program.operations[group[0]].operator not in LEAVES:
                for position, value in zip(group, self._values_of(group), strict=True):
                    self._values[position] = self._held(position, value)
            for position in group:
                for place in places.pop(position, ()):
                    take(place, self._get(position))
        for position, left in places.items():
            for place in left:
                take(place, self._get(position))

    def _get(self, position: int) -> Value:
        """Return a value that is there: one that was computed here or before, or a leaf."""
        if position not in self._values:
            read = self._known.get(position)
            of_leaf = self._program.operations[position]
            self._values[position] = self._leaf(position, of_leaf) if read is None else read()
        return self._values[position]

    def _values_of(self, group: Sequence[int]) -> list[Value]:
        """Write operations that need none of each other: powers, or a single one."""
        operations = [self._program.operations[position] for position in group]
        if operations[0].operator is not Operator.POWER:
            return [self._value(group[0])]
        wanted = [self._wanted_power(position) for position in group]
        powers = self._powers.powers(wanted)
        return [
            self._at_edges(power, *pair)
            for power, pair in zip(powers, zip(group, wanted, strict=True), strict=True)
        ]

    def _needed(self, results: Sequence[int]) -> list[int]:
        operations = self._program.operations
        wanted = set(results)
        needed: list[int] = []
        for position in range(max(results, default=-1), -1, -1):
            if position not in wanted or position in self._values or position in self._known:
                continue
            needed.append(position)
            wanted.update(operations[position].operands)
        return needed[::-1]

    def _value(self, position: int) -> Value:
        operation = self._program.operations[position]
        if operation.operator is Operator.CONSTANT:
            kind = self._code.vector if operation.kind is Kind.REAL else self._code.mask
            return self._code.constant(operation.value, kind)
        operands = [self._get(i) for i in operation.operands]
        if position in self._program.guarded:
            operands = [_within_edges(self._code, operation.operator, operands[0])]
        return _apply(self._code, operation.operator, operands)

    def _wanted_power(self, position: int) -> Power:
        """Return what is asked for by an operation that is a power."""
        operation = self._program.operations[position]
        base, exponent = (self._get(i) for i in operation.operands)
        written = self._program.operations[operation.operands[1]]
        return Power(
            base,
            exponent,
            self._sign_below_zero(operation.operands[1]),
            written.value > 0.0 if written.operator is Operator.CONSTANT else None,
            SMALLEST if position in self._program.guarded else sys.float_info.min,
        )

    def _at_edges(self, power: Value, position: int, wanted: Power) -> Value:
        """Return a power with what it is where nothing guards it: at zero and below."""
        code, base, exponent = self._code, wanted.base, wanted.exponent
        if position in self._program.guarded:
            return power
        if wanted.positive is not True:
            power = code.select(base.equals(0.0) & (exponent < 0.0), math.inf, power)
        if wanted.below_zero in (1.0, -1.0):
            return power
        broken = code.intrinsic("floor", exponent).differs(exponent)
        return code.select((base < 0.0) & broken, math.nan, power)

    def _sign_below_zero(self, exponent: int) -> Value | float | None:
        """Return what is known beforehand of a power's sign where its base is negative."""
        written = self._program.operations[exponent]
        if written.operator is not Operator.CONSTANT:
            return self._known_sign(exponent)
        if not written.value.is_integer():
            return 0.0
        return -1.0 if written.value % 2 else 1.0


def side_by_side(program: Program, needed: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield operations in an order in which each follows what it needs, powers in groups of at most `most`.

    The powers of a group need none of each other, so that their long chains of steps can run at once; what
    a group needs comes right before it.
    """
    operations, depth = program.operations, dict[int, int]()
    for position in needed:
        below = [
            depth[i] + (operations[i].operator is Operator.POWER)
            for i in operations[position].operands
            if i in depth
        ]
        depth[position] = max(below, default=0)
    left = dict.fromkeys(needed)
    powers = [position for position in needed if operations[position].operator is Operator.POWER]

    def first(position: int) -> Iterator[list[int]]:
        for i in operations[position].operands:
            if i in left:
                yield from first(i)
                del left[i]
                yield [i]

    for position in needed:
        if position not in left:
            continue
        if operations[position].operator is not Operator.POWER:
            del left[position]
            yield [position]
            continue
        alike = (i for i in powers if i in left and depth[i] == depth[position])
        group = list(islice(alike, most))
        for power in group:
            yield from first(power)
        for power in group:
            del left[power]
        yield group


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
