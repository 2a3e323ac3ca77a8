"""Expressions as text for people; formulas, not code."""

from __future__ import annotations

from calor.engine.symbolic.expression import Expression
from calor.engine.symbolic.operators import Kind, Operator
from calor.engine.symbolic.traversal import postorder

LONGEST = 4000
"""Longer formulas are cut: a formula with shared parts can be exponentially longer than its expression."""

_INFIX = {
    Operator.ADD: "+",
    Operator.SUBTRACT: "-",
    Operator.MULTIPLY: "*",
    Operator.DIVIDE: "/",
    Operator.POWER: "^",
    Operator.LESS: "<",
    Operator.LESS_EQUAL: "<=",
    Operator.EQUAL: "==",
    Operator.NOT_EQUAL: "!=",
    Operator.AND: "and",
    Operator.OR: "or",
    Operator.EXCLUSIVE_OR: "xor",
}
_SHORT = {
    Operator.SQUARE_ROOT: "sqrt",
    Operator.EXPONENTIAL: "exp",
    Operator.LOGARITHM: "ln",
    Operator.LOGARITHM_10: "log10",
    Operator.ABSOLUTE: "abs",
}


def to_text(expression: Expression) -> str:
    """Return a fully bracketed formula, cut where it is very long."""
    texts: dict[Expression, str] = {}
    for node in postorder([expression]):
        text = _node_text(node, [texts[operand] for operand in node.operands])
        texts[node] = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    text = texts[expression]
    return text[1:-1] if expression.operator in _INFIX and not text.endswith("…") else text


def _node_text(node: Expression, operands: list[str]) -> str:
    if node.operator is Operator.SYMBOL:
        return node.name
    return written(node.operator, node.value, node.kind, operands)


def written(operator: Operator, value: float, kind: Kind, operands: list[str]) -> str:
    """Return one operation on operands that are already text; the value and its kind are a constant's."""
    if operator is Operator.CONSTANT:
        return f"{value:.17g}" if kind is Kind.REAL else str(bool(value)).lower()
    if operator in _INFIX:
        return f"({operands[0]} {_INFIX[operator]} {operands[1]})"
    if operator is Operator.NEGATE:
        return f"-{operands[0]}"
    name = _SHORT.get(operator, str(operator))
    return f"{name}({', '.join(operands)})" if operands else name
