"""A problem as mrgsolve's model text and table of doses, written from calor's program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from problems import Problem, Regimen

from calor.engine.backends.c_source import HELPERS, expression
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import Kind, Operator, result_kind


def model_text(program: Program, outputs: Iterable[str]) -> str:
    """Return a program as a model of mrgsolve: states S0, ..., parameters P0, ..., outputs O0, ..."""
    wanted = tuple(program.groups["outputs"][program.output_names.index(name)] for name in outputs)
    program = replace(program, groups={**program.groups, "wanted": wanted})
    states = range(len(program.state_names))
    hoisted = [position for position in needed(program) if position < program.hoisted]
    parameters = [f"P{slot} = {value!r}" for slot, value in enumerate(program.parameter_values)]
    return "\n".join(
        [
            *("$GLOBAL", HELPERS, "$PARAM", *parameters, "$CMT", " ".join(f"S{slot}" for slot in states)),
            *("$MAIN", *(statement(program, position, "double", "TIME") for position in hoisted)),
            *(f"S{slot}_0 = v{position};" for slot, position in enumerate(program.groups["initial"])),
            *("$ODE", *statements(program, "derivatives", "SOLVERTIME")),
            *(f"dxdt_S{slot} = v{position};" for slot, position in enumerate(program.groups["derivatives"])),
            *("$TABLE", *statements(program, "wanted", "TIME")),
            *(f"double O{row} = v{position};" for row, position in enumerate(wanted)),
            *("$CAPTURE", " ".join(f"O{row}" for row in range(len(wanted)))),
        ]
    )


def needed(program: Program) -> tuple[int, ...]:
    """Return the operations that the model's blocks need."""
    return program.needed("derivatives", "initial", "wanted")


def statements(program: Program, group: str, time: str) -> Iterator[str]:
    """Yield what a block computes anew; `double const`, which mrgsolve leaves local to its block."""
    for position in program.needed(group):
        if position >= program.hoisted:
            yield statement(program, position, "double const", time)


def statement(program: Program, position: int, declared: str, time: str) -> str:
    """Return an operation as C++; `declared` says how a number is."""
    operation = program.operations[position]
    if kind_of(operation) is Kind.BOOLEAN:
        declared = declared.replace("double", "bool")
    match operation.operator:
        case Operator.STATE:
            value = f"S{operation.slot}"
        case Operator.PARAMETER:
            value = f"P{operation.slot}"
        case Operator.TIME:
            value = time
        case _:
            value = expression(operation, position in program.guarded)
    return f"{declared} v{position} = {value};"


def kind_of(operation: Operation) -> Kind:
    """Return whether an operation gives a number or a truth value."""
    return operation.kind if operation.operator is Operator.CONSTANT else result_kind(operation.operator)


def dose_rows(program: Program, problem: Problem, regimen: Regimen) -> Iterator[str]:
    """Yield the rows of the table of doses: infusions at a constant rate, and oral doses."""
    infused, oral = (
        program.state_names.index(name) + 1 for name in (problem.infused_state, problem.oral_state)
    )
    rows = [(dose.time, dose.amount, dose.amount / dose.duration, infused) for dose in regimen.infusions]
    rows += [(time, regimen.oral_amount, 0.0, oral) for time in regimen.oral_times]
    yield "time,amt,rate,cmt,evid"
    for time, amount, rate, compartment in sorted(rows):
        yield f"{time!r},{amount!r},{rate!r},{compartment},1"
