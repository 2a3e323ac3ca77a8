"""A system as plain data and back, the same system: equal expressions are one object again.

The nodes of all formulas stand in one list, operands before what uses them; a formula is the position of its
node. Nothing is simplified or evaluated when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from calor.core.packed import packed, unpacked
from calor.core.plain_records import plain_record, record_of
from calor.engine.symbolic.expression import Expression, interned
from calor.engine.symbolic.operators import Kind, Operator, operand_kinds
from calor.engine.symbolic.system import (
    Assigned,
    Assignment,
    Constraint,
    Delayed,
    Event,
    Parameter,
    Species,
    State,
    System,
)
from calor.engine.symbolic.traversal import extend_postorder

_OPERATORS = tuple(Operator)
_CODES = {operator: code for code, operator in enumerate(_OPERATORS)}
_ARITY = {operator: len(operand_kinds(operator)) for operator in Operator}
_CLASSES = {
    each.__name__: each for each in (Assigned, Assignment, Constraint, Delayed, Event, Species, State)
}
_REST = tuple(field.name for field in fields(System) if field.name != "parameters")


def plain_system(system: System) -> dict[str, Any]:
    """Return a system as plain data, the values of its parameters alone under "parameter_values"."""
    positions: dict[Expression, int] = {}

    def position(formula: Expression) -> int:
        extend_postorder(positions, formula)
        return positions[formula]

    rest = {name: plain_record(getattr(system, name), position) for name in _REST}
    nodes = list(positions)
    return {
        **rest,
        "operators": [_CODES[each.operator] for each in nodes],
        "operands": [positions[operand] for each in nodes for operand in each.operands],
        "values": packed(each.value for each in nodes if each.operator is Operator.CONSTANT),
        "truths": [place for place, each in enumerate(nodes) if _is_truth(each)],
        "symbols": [each.name for each in nodes if each.operator is Operator.SYMBOL],
        "parameters": [(each.name, each.unit) for each in system.parameters],
        "parameter_values": packed(each.value for each in system.parameters),
    }


def system_of_plain(plain: Mapping[str, Any]) -> System:
    """Return the system that `plain_system` made this of."""
    nodes, values = _nodes_of(plain), unpacked(plain["parameter_values"])
    return System(
        parameters=tuple(
            Parameter(name, value, unit)
            for (name, unit), value in zip(plain["parameters"], values, strict=True)
        ),
        **{name: record_of(plain[name], _CLASSES, nodes.__getitem__) for name in _REST},
    )


def _is_truth(each: Expression) -> bool:
    return each.operator is Operator.CONSTANT and each.kind is Kind.BOOLEAN


def _nodes_of(plain: Mapping[str, Any]) -> list[Expression]:
    operands, values, names = iter(plain["operands"]), iter(unpacked(plain["values"])), iter(plain["symbols"])
    truths = set(plain["truths"])
    nodes: list[Expression] = []
    for place, code in enumerate(plain["operators"]):
        operator = _OPERATORS[code]
        if operator is Operator.CONSTANT:
            kind = Kind.BOOLEAN if place in truths else Kind.REAL
            nodes.append(interned(operator, value=next(values), kind=kind))
        elif operator is Operator.SYMBOL:
            nodes.append(interned(operator, name=next(names)))
        else:
            nodes.append(interned(operator, tuple(nodes[next(operands)] for _ in range(_ARITY[operator]))))
    return nodes
