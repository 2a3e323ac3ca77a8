"""How far rounding alone may take the values of assignment rules, by the rules' own operands.

A rule such as Ep = Et - E holds no more digits than its operands leave it: with Et = E = 1 a value of 2e-15
is what the arithmetic made, not a quantity, and another order of the same operations gives another; so it is
inside a rule, as in sqrt(1 + x) - 1 of a small x. An operation f(a, b, ...) of a rule is known to

    rounding(f) = EPSILON |f| + sum over operands |df/da| rounding(a)

(a running error analysis), where rounding(a) is ROUNDING |a| of a state, a parameter or the time, that of the
rule where a has one, and 0 of a number. The derivatives are calor's own. A scale of other variables, or of
all, plays no part: where nothing cancels, rounding(f) is some units in the last place of f, so that a small
value stays a value.
"""

from __future__ import annotations

from dataclasses import replace

from calor.engine.ir.program import ROUNDING
from calor.engine.symbolic.calculus import derivative
from calor.engine.symbolic.expression import ZERO, Expression, apply, symbol
from calor.engine.symbolic.operators import Kind, Operator
from calor.engine.symbolic.system import Assigned, System
from calor.engine.symbolic.traversal import postorder, substitute

EPSILON = 2.0**-52


def rounding_of(name: str) -> str:
    """Return the name of the quantity that says how far rounding may take another."""
    return f"rounding({name})"


def with_rounding(system: System) -> System:
    """Return a system with, for the value of every assignment rule, how far rounding may take it."""
    ruled = {item.name for item in system.assigned}
    added = tuple(
        Assigned(rounding_of(item.name), _rounding(item.formula, ruled)) for item in system.assigned
    )
    return replace(system, assigned=(*system.assigned, *added))


def _rounding(formula: Expression, ruled: set[str]) -> Expression:
    """Return how far rounding may take a formula's value; `ruled` are the names that have rules."""
    known: dict[Expression, Expression] = {}
    for node in postorder([formula]):
        if node.kind is Kind.REAL:
            known[node] = _of_operation(node, ruled, known)
    return known[formula]


def _of_operation(node: Expression, ruled: set[str], known: dict[Expression, Expression]) -> Expression:
    match node.operator:
        case Operator.CONSTANT:
            return ZERO
        case Operator.SYMBOL if node.name in ruled:
            return symbol(rounding_of(node.name))
        case Operator.SYMBOL | Operator.TIME:
            return _size(node) * ROUNDING
        case Operator.SELECT:
            condition, first, second = node.operands
            return apply(Operator.SELECT, condition, known[first], known[second])
    operands = [symbol(f"operand {place}") for place in range(len(node.operands))]
    operation, values = apply(node.operator, *operands), dict(zip(operands, node.operands, strict=True))
    total = _size(node) * EPSILON
    for operand, value in values.items():
        total = total + _size(substitute(derivative(operation, operand), values)) * known[value]
    return total


def _size(value: Expression) -> Expression:
    return apply(Operator.ABSOLUTE, value)
