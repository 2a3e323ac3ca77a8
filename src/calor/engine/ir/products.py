"""Small whole powers and quotients by constants, written as products, which are cheaper."""

from __future__ import annotations

from collections.abc import Sequence

from calor.engine.symbolic.expression import ONE, Expression
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.traversal import Substitution

LARGEST_WHOLE_POWER = 16
"""Constant whole exponents up to this become products."""


class Products(Substitution):
    """Small constant whole powers, and quotients by what is constant for a patient, as products.

    x^n becomes a product of squares, x^-n one over them; x / p becomes x times 1 / p, which is computed once.
    """

    def __init__(self, states: Sequence[str]) -> None:
        super().__init__({})
        self._states = frozenset(states)
        self._varies: dict[Expression, bool] = {}

    def _rebuilt(self, node: Expression) -> Expression:
        rebuilt = super()._rebuilt(node)
        if rebuilt.operator is Operator.DIVIDE:
            above, below = rebuilt.operands
            return above * (ONE / below) if self._vary(above) and not self._vary(below) else rebuilt
        if rebuilt.operator is not Operator.POWER or not rebuilt.operands[1].is_constant():
            return rebuilt
        exponent = rebuilt.operands[1].value
        if not exponent.is_integer() or abs(exponent) > LARGEST_WHOLE_POWER:
            return rebuilt
        product = _whole_power(rebuilt.operands[0], int(abs(exponent)))
        return product if exponent > 0 else ONE / product

    def _vary(self, root: Expression) -> bool:
        """Whether an expression depends on time or states."""
        if root in self._varies:
            return self._varies[root]
        stack = [root]
        while stack:
            node = stack[-1]
            unknown = [operand for operand in node.operands if operand not in self._varies]
            if unknown:
                stack.extend(unknown)
                continue
            own = node.operator is Operator.TIME or node.name in self._states
            self._varies[node] = own or any(self._varies[operand] for operand in node.operands)
            stack.pop()
        return self._varies[root]


def _whole_power(base: Expression, exponent: int) -> Expression:
    result, square = ONE, base
    while exponent:
        if exponent & 1:
            result = result * square
        exponent >>= 1
        if exponent:
            square = square * square
    return result
