"""Expressions: immutable, hash-consed (equal means identical), simplified as they are made.

    rate = symbol("k") * symbol("x") / (1.0 + symbol("x"))

An expression is data. It is never turned into Python source and never evaluated as code.
"""

from __future__ import annotations

import hashlib
import math
import struct
import sys
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from calor.engine.symbolic.operators import (
    COMMUTATIVE,
    Kind,
    Operator,
    operand_kinds,
    result_kind,
)
from calor.engine.symbolic.semantics import MEANING


class Expression:
    """A node: an operator and its operands, or a constant, the time, or a named symbol.

    Two expressions of the same structure are the same object, so `is` and `==` mean equal structure.
    `digest` is a structural hash that is the same in every process.
    """

    __slots__ = ("__weakref__", "digest", "kind", "name", "operands", "operator", "value")

    operator: Operator
    operands: tuple[Expression, ...]
    value: float
    name: str
    kind: Kind
    digest: bytes

    def __add__(self, other: Expression | float) -> Expression:
        return apply(Operator.ADD, self, other)

    def __radd__(self, other: float) -> Expression:
        return apply(Operator.ADD, other, self)

    def __sub__(self, other: Expression | float) -> Expression:
        return apply(Operator.SUBTRACT, self, other)

    def __rsub__(self, other: float) -> Expression:
        return apply(Operator.SUBTRACT, other, self)

    def __mul__(self, other: Expression | float) -> Expression:
        return apply(Operator.MULTIPLY, self, other)

    def __rmul__(self, other: float) -> Expression:
        return apply(Operator.MULTIPLY, other, self)

    def __truediv__(self, other: Expression | float) -> Expression:
        return apply(Operator.DIVIDE, self, other)

    def __rtruediv__(self, other: float) -> Expression:
        return apply(Operator.DIVIDE, other, self)

    def __pow__(self, other: Expression | float) -> Expression:
        return apply(Operator.POWER, self, other)

    def __neg__(self) -> Expression:
        return apply(Operator.NEGATE, self)

    def __lt__(self, other: Expression | float) -> Expression:
        return apply(Operator.LESS, self, other)

    def __le__(self, other: Expression | float) -> Expression:
        return apply(Operator.LESS_EQUAL, self, other)

    def __gt__(self, other: Expression | float) -> Expression:
        return apply(Operator.LESS, other, self)

    def __ge__(self, other: Expression | float) -> Expression:
        return apply(Operator.LESS_EQUAL, other, self)

    def __and__(self, other: Expression) -> Expression:
        return apply(Operator.AND, self, other)

    def __or__(self, other: Expression) -> Expression:
        return apply(Operator.OR, self, other)

    def __xor__(self, other: Expression) -> Expression:
        return apply(Operator.EXCLUSIVE_OR, self, other)

    def __invert__(self) -> Expression:
        return apply(Operator.NOT, self)

    def __bool__(self) -> bool:
        raise TypeError("an expression has no truth value; use `select` for a choice inside the model")

    def __reduce__(self) -> tuple[object, ...]:
        return interned, (self.operator, self.operands, self.value, self.name, self.kind)

    def __repr__(self) -> str:
        from calor.engine.symbolic.printing import to_text

        return to_text(self)

    def is_constant(self, value: float | None = None) -> bool:
        """Whether this is a constant (of the given value)."""
        return self.operator is Operator.CONSTANT and (value is None or self.value == value)


_Key = tuple[Operator, Kind, bytes, str, tuple[int, ...]]
_known: WeakValueDictionary[_Key, Expression] = WeakValueDictionary()
_making = Lock()


def interned(
    operator: Operator,
    operands: tuple[Expression, ...] = (),
    value: float = 0.0,
    name: str = "",
    kind: Kind | None = None,
) -> Expression:
    """Return the one node of this structure, as it stands: nothing is simplified."""
    kind = kind or result_kind(operator)
    number = struct.pack("<d", value)
    key = (operator, kind, number, name, tuple(map(id, operands)))
    found = _known.get(key)
    if found is not None:
        return found
    digest = hashlib.blake2b(f"{operator}|{kind}|{name}|".encode() + number, digest_size=12)
    for operand in operands:
        digest.update(operand.digest)
    made = Expression()
    made.operator, made.operands, made.value, made.name, made.kind = operator, operands, value, name, kind
    made.digest = digest.digest()
    with _making:  # of two threads that make the same node, the second takes the first one's
        return _known.setdefault(key, made)


def constant(value: float) -> Expression:
    """Return a real constant."""
    return interned(Operator.CONSTANT, value=float(value))


def symbol(name: str) -> Expression:
    """Return the symbol of a name: a state, a parameter or an assigned quantity."""
    return interned(Operator.SYMBOL, name=name)


TIME = interned(Operator.TIME)
TRUE = interned(Operator.CONSTANT, value=1.0, kind=Kind.BOOLEAN)
FALSE = interned(Operator.CONSTANT, value=0.0, kind=Kind.BOOLEAN)
ZERO = constant(0.0)
ONE = constant(1.0)


def as_expression(value: Expression | float) -> Expression:
    """Return an expression as it is, a number as a constant."""
    return value if isinstance(value, Expression) else constant(value)


def as_real(expression: Expression) -> Expression:
    """Return a truth value as 1 or 0, a real number as it is."""
    return expression if expression.kind is Kind.REAL else apply(Operator.SELECT, expression, ONE, ZERO)


def as_boolean(expression: Expression) -> Expression:
    """Return a real number as whether it differs from zero, a truth value as it is."""
    if expression.kind is Kind.BOOLEAN:
        return expression
    return apply(Operator.NOT_EQUAL, expression, ZERO)


def apply(operator: Operator, *operands: Expression | float) -> Expression:
    """Return the simplified expression of an operator on operands; raises TypeError where kinds differ."""
    nodes = tuple(map(as_expression, operands))
    if tuple(node.kind for node in nodes) != operand_kinds(operator):
        given = ", ".join(node.kind for node in nodes)
        raise TypeError(f"{operator} takes {', '.join(operand_kinds(operator))}, got {given}")
    if all(node.operator is Operator.CONSTANT for node in nodes):
        return _folded(operator, nodes)
    if operator in COMMUTATIVE:
        nodes = tuple(sorted(nodes, key=_order))
    simpler = _simplified(operator, nodes)
    return simpler if simpler is not None else interned(operator, nodes)


def apply_to_finite(operator: Operator, *operands: Expression | float) -> Expression:
    """Return what `apply` does, with what also holds where all operands are finite: 0 x = x - x = 0 / x = 0.

    It is for derivatives and for finding out what depends on what. A formula of a model must keep such terms:
    where x is infinite, or 0 / x has x at 0, its value is no number, and 0 would hide that.
    """
    nodes = tuple(map(as_expression, operands))
    match operator:
        case Operator.MULTIPLY if any(node.is_constant(0.0) for node in nodes):
            return ZERO
        case Operator.SUBTRACT if nodes[0] is nodes[1]:
            return ZERO
        case Operator.DIVIDE if nodes[0].is_constant(0.0) and not nodes[1].is_constant():
            return ZERO
    return apply(operator, *nodes)


def _order(node: Expression) -> tuple[bool, bytes]:
    """Constants first, then by structure: the same in every process."""
    return (node.operator is not Operator.CONSTANT, node.digest)


def _folded(operator: Operator, nodes: tuple[Expression, ...]) -> Expression:
    with np.errstate(all="ignore"):
        values: list[Any] = [node.value if node.kind is Kind.REAL else bool(node.value) for node in nodes]
        value = MEANING[operator](*values)
    if result_kind(operator) is Kind.BOOLEAN:
        return TRUE if value else FALSE
    return constant(float(value))


def _simplified(operator: Operator, nodes: tuple[Expression, ...]) -> Expression | None:
    """Return a simpler expression that is equal whatever the operands are, infinite too, or None."""
    first, last = nodes[0], nodes[-1]
    match operator:
        case Operator.ADD | Operator.SUBTRACT:
            return _simplified_sum(operator, first, last)
        case Operator.MULTIPLY:
            return _simplified_product(first, last)
        case Operator.DIVIDE if last.is_constant(1.0):
            return first
        case Operator.DIVIDE if first.operator is Operator.NEGATE:
            return -(first.operands[0] / last)
        case Operator.DIVIDE if first.operator is Operator.MULTIPLY and last.operator is Operator.ADD:
            return _separated_hill_term(first, last)
        case Operator.POWER if last.is_constant():
            return {0.0: ONE, 1.0: first}.get(last.value)
        case Operator.POWER if first.is_constant(1.0):
            return ONE
        case Operator.NEGATE | Operator.NOT if first.operator is operator:
            return first.operands[0]
        case Operator.NEGATE if first.operator is Operator.SUBTRACT:
            return first.operands[1] - first.operands[0]
        case Operator.MINIMUM | Operator.MAXIMUM if first is last:
            return first
        case Operator.AND | Operator.OR | Operator.EXCLUSIVE_OR:
            return _simplified_logic(operator, first, last)
        case Operator.SELECT:
            return _simplified_choice(*nodes)
    return None


def _simplified_sum(operator: Operator, first: Expression, last: Expression) -> Expression | None:
    if first.is_constant(0.0):
        return last if operator is Operator.ADD else -last
    if last.is_constant(0.0):
        return first
    if operator is Operator.SUBTRACT:
        return first + last.operands[0] if last.operator is Operator.NEGATE else None
    if last.operator is Operator.NEGATE:
        return first - last.operands[0]
    return last - first.operands[0] if first.operator is Operator.NEGATE else None


def _simplified_product(first: Expression, last: Expression) -> Expression | None:
    if first.is_constant(1.0):
        return last
    if first.is_constant(-1.0):
        return -last
    if first.operator is Operator.NEGATE:
        return -(first.operands[0] * last)
    if last.operator is Operator.NEGATE:
        return (
            constant(-first.value) * last.operands[0] if first.is_constant() else -(first * last.operands[0])
        )
    if first.is_constant() and last.operator is Operator.MULTIPLY and last.operands[0].is_constant():
        product = first.value * last.operands[0].value
        whole = math.isfinite(product) and abs(product) >= sys.float_info.min
        return constant(product) * last.operands[1] if whole else None
    return None


def _separated_hill_term(above: Expression, below: Expression) -> Expression | None:
    """Return v (u / (c + u)) for v u / (c + u) where u is a power: its derivative is then cheap."""
    for term in below.operands:
        factor = _without_factor(above, term) if term.operator is Operator.POWER else None
        if factor is not None:
            return factor * (term / below)
    return None


def _without_factor(product: Expression, factor: Expression) -> Expression | None:
    """Return a product without one of its first few factors, or None where it is not among them."""
    passed: list[Expression] = []
    while product.operator is Operator.MULTIPLY and len(passed) < 8:
        first, second = product.operands
        if factor in product.operands:
            rest = second if first is factor else first
            for other in passed:
                rest = rest * other
            return rest
        product, other = (first, second) if first.operator is Operator.MULTIPLY else (second, first)
        passed.append(other)
    return None


def _simplified_logic(operator: Operator, first: Expression, last: Expression) -> Expression | None:
    if first is last:
        return FALSE if operator is Operator.EXCLUSIVE_OR else first
    if first is FALSE:
        return FALSE if operator is Operator.AND else last
    if first is not TRUE:
        return None
    if operator is Operator.EXCLUSIVE_OR:
        return ~last
    return last if operator is Operator.AND else TRUE


def _simplified_choice(condition: Expression, then: Expression, other: Expression) -> Expression | None:
    if then is other or condition is TRUE:
        return then
    if condition is FALSE:
        return other
    return (
        apply(Operator.SELECT, condition.operands[0], other, then)
        if condition.operator is Operator.NOT
        else None
    )


def select(condition: Expression, then: Expression | float, otherwise: Expression | float) -> Expression:
    """Return `then` where the condition holds, else `otherwise`."""
    return apply(Operator.SELECT, condition, then, otherwise)


def maximum(first: Expression | float, second: Expression | float) -> Expression:
    """Return the larger of two."""
    return apply(Operator.MAXIMUM, first, second)


def minimum(first: Expression | float, second: Expression | float) -> Expression:
    """Return the smaller of two."""
    return apply(Operator.MINIMUM, first, second)
