"""How far rounding alone may take the values of assignment rules, by the rules' own operands.

A rule such as Ep = Et - E holds no more digits than its operands leave it: with Et = E = 1 a value of 2e-15
is what the arithmetic made, not a quantity, and another order of the same operations gives another. A rule's
value f(x1, ..., xn) is known to

    rounding(f) = sum over operands |df/dx| (ROUNDING |x| + rounding(x)),

where rounding(x) is that of an operand which is the value of a rule itself, and 0 of any other. The
derivatives are calor's own. A scale of other variables, or of all, plays no part: where nothing cancels,
rounding(f) is a few units in the last place of f, so that a small value stays a value.
"""

from __future__ import annotations

from dataclasses import replace

from calor.engine.ir.program import ROUNDING
from calor.engine.symbolic.calculus import Derivatives, derivative
from calor.engine.symbolic.expression import TIME, ZERO, Expression, apply, symbol
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.system import Assigned, System
from calor.engine.symbolic.traversal import symbols_of


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
    total = _size(derivative(formula, TIME) * TIME) * ROUNDING
    derivatives = Derivatives([formula])
    for name in sorted(symbols_of([formula])):
        slope = derivatives.by(name).get(0, ZERO)
        inherited = symbol(rounding_of(name)) if name in ruled else ZERO
        total = total + _size(slope) * (_size(symbol(name)) * ROUNDING + inherited)
    return total


def _size(value: Expression) -> Expression:
    return apply(Operator.ABSOLUTE, value)
