"""Expressions as numbers: computed from the values of their symbols, many rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from calor.engine.symbolic.expression import Expression
from calor.engine.symbolic.operators import Kind, Operator
from calor.engine.symbolic.semantics import MEANING
from calor.engine.symbolic.traversal import postorder


def evaluate(formula: Expression, values: Mapping[str, Any], time: Any) -> Any:
    """Return the value of a formula.

    Arguments: the formula; a number or an array (n_rows,) for every symbol that it mentions; the time.
    Raises KeyError for a symbol without a value.
    """
    found: dict[Expression, Any] = {}
    with np.errstate(all="ignore"):
        for node in postorder([formula]):
            match node.operator:
                case Operator.CONSTANT:
                    found[node] = node.value if node.kind is Kind.REAL else bool(node.value)
                case Operator.TIME:
                    found[node] = time
                case Operator.SYMBOL:
                    found[node] = values[node.name]
                case _:
                    found[node] = MEANING[node.operator](*(found[operand] for operand in node.operands))
    return found[formula]
