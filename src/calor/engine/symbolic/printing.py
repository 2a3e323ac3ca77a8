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


def to_text(expression: Expression) -> str:
    """Return a fully bracketed formula, cut where it is very long."""
    texts: dict[Expression, str] = {}
    for node in postorder([expression]):
        text = _node_text(node, [texts[operand] for operand in node.operands])
        texts[node] = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    text = texts[expression]
    return text[1:-1] if expression.operator in _INFIX and not text.endswith("…") else text


def _node_text(node: Expression, operands: list[str]) -> str:
    if node.operator is Operator.CONSTANT:
        return f"{node.value:.17g}" if node.kind is Kind.REAL else str(bool(node.value)).lower()
    if node.operator is Operator.SYMBOL:
        return node.name
    if node.operator in _INFIX:
        return f"({operands[0]} {_INFIX[node.operator]} {operands[1]})"
    if node.operator is Operator.NEGATE:
        return f"-{operands[0]}"
    return f"{node.operator}({', '.join(operands)})" if operands else str(node.operator)
