"""A program as plain data and back, the same program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from calor.core.packed import packed, unpacked
from calor.core.plain_records import plain_record, record_of
from calor.engine.ir.program import ConstraintPlan, DelayPlan, EventPlan, Operation, Program
from calor.engine.symbolic.operators import Kind, Operator, operand_kinds, result_kind

_OPERATORS = tuple(Operator)
_CODES = {operator: code for code, operator in enumerate(_OPERATORS)}
_ARITY = {operator: len(operand_kinds(operator)) for operator in Operator}
_KINDS = {operator: result_kind(operator) for operator in Operator}
_CLASSES = {each.__name__: each for each in (ConstraintPlan, DelayPlan, EventPlan)}
_APART = ("operations", "groups", "guarded", "parameter_values")
_REST = tuple(field.name for field in fields(Program) if field.name not in _APART)


def plain_program(program: Program) -> dict[str, Any]:
    """Return a program as plain data, the values of its parameters alone under "parameter_values"."""
    operations = program.operations
    return {
        **{name: plain_record(getattr(program, name)) for name in _REST},
        "operators": [_CODES[each.operator] for each in operations],
        "operands": [operand for each in operations for operand in each.operands],
        "values": packed(each.value for each in operations if each.operator is Operator.CONSTANT),
        "truths": [place for place, each in enumerate(operations) if _is_truth(each)],
        "slots": [each.slot for each in operations if each.operator in (Operator.STATE, Operator.PARAMETER)],
        "groups": {name: list(positions) for name, positions in program.groups.items()},
        "guarded": sorted(program.guarded),
        "parameter_values": packed(program.parameter_values),
    }


def program_of_plain(plain: Mapping[str, Any]) -> Program:
    """Return the program that `plain_program` made this of."""
    return Program(
        operations=_operations_of(plain),
        groups={name: tuple(positions) for name, positions in plain["groups"].items()},
        guarded=frozenset(plain["guarded"]),
        parameter_values=tuple(unpacked(plain["parameter_values"])),
        **{name: record_of(plain[name], _CLASSES) for name in _REST},
    )


def _is_truth(each: Operation) -> bool:
    return each.operator is Operator.CONSTANT and each.kind is Kind.BOOLEAN


def _operations_of(plain: Mapping[str, Any]) -> tuple[Operation, ...]:
    operands, values, slots = iter(plain["operands"]), iter(unpacked(plain["values"])), iter(plain["slots"])
    truths = set(plain["truths"])
    operations: list[Operation] = []
    for place, code in enumerate(plain["operators"]):
        operator = _OPERATORS[code]
        if operator is Operator.CONSTANT:
            kind = Kind.BOOLEAN if place in truths else Kind.REAL
            operations.append(Operation(operator, value=next(values), kind=kind))
        elif operator in (Operator.STATE, Operator.PARAMETER):
            operations.append(Operation(operator, slot=next(slots)))
        else:
            its = tuple(next(operands) for _ in range(_ARITY[operator]))
            operations.append(Operation(operator, its, kind=_KINDS[operator]))
    return tuple(operations)
