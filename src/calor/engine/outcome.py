"""What to tell a person about a patient that failed: until when it went, why, where, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.core.progress import SILENT
from calor.engine.backends.names import slots
from calor.engine.batch import Batch, BatchResult, Kernel, Options, Status, rows_of
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import COMPARISONS, LOGICAL, Kind, Operator
from calor.engine.symbolic.printing import written
from calor.engine.symbolic.semantics import MEANING

LONGEST = 60
"""Characters of a formula that a message shows."""
STEPS_BACK = (0.0, 1e-9, 1e-6, 1e-3, 1e-2, 1e-1)
"""Parts of the time simulated that are gone back, one after the other, to where a patient is still well."""


LOOKS_AT_EDGE, TIMES_A_LOOK = 4, 200
"""How often, and at how many times each, an edge is looked for: to 1e-9 of the time simulated."""


def failure(kernel: Kernel, batch: Batch, result: BatchResult, row: int, options: Options) -> ReportedError:
    """Return the error for a patient that did not finish: the time reached, and the quantity if it is found.

    It is an UnsupportedError where the model is in order and no solver can tell what happens, otherwise an
    InputError. Arguments: what simulated it; the batch and its result; the patient's row; the options that it
    was solved with.
    """
    status, reached = Status(int(result.status[row])), float(result.reached[row])
    alone = rows_of(batch, [row])
    cause = None
    if status is not Status.NO_ROOM_FOR_EVENTS:
        cause = _cause(kernel, alone, reached, options, status)
    if status is Status.UNDEFINED:
        reached = _edge_passed_at(kernel, alone, reached, options)
    told = f": {cause}" if cause else ""
    kind = UnsupportedError if status is Status.TOUCHING else InputError
    return kind.of(f"the simulation {result.ending(row, reached)}{told}", hint=status.remedy)


def failures_together(errors: Sequence[ReportedError]) -> ReportedError:
    """Return the errors of several patients as one: unsupported if all of them are, else wrong input."""
    kinds = {type(error) for error in errors}
    problems = [problem for error in errors for problem in error.problems]
    return UnsupportedError(problems) if kinds == {UnsupportedError} else InputError(problems)


def _cause(kernel: Kernel, alone: Batch, reached: float, options: Options, status: Status) -> str | None:
    """Return which quantity stands out at the time that a patient reached."""
    program, start = kernel.program, float(alone.starts[0])
    parameters = np.array(program.parameter_values)
    parameters[slots(alone.parameter_names, program.parameter_names)] = alone.parameters[0]
    states = _initial_states(program, alone, start, parameters)
    for back in STEPS_BACK:
        time = reached - back * (reached - start)
        there = replace(alone, save_at=np.array([time]), outputs=program.state_names, summaries=())
        again = kernel.simulate(there, options, SILENT)
        if again.status[0] == Status.FINISHED:
            states = again.outputs[0, 0]
            break
    else:
        time = start
    if program.delays:
        return None  # what it depends on besides its states is gone
    if status is Status.NO_SOLUTION:
        return _furthest_from_zero(program, time, states, parameters)
    if status is Status.TOUCHING:
        return _nearest_to_equal(program, time, states, parameters)
    if status is Status.UNDEFINED:
        return _nearest_to_an_edge(program, time, states, parameters)
    found = _not_finite(program, time, states, parameters)
    if found or again.status[0] != Status.FINISHED:
        return found
    return _fastest(program, time, states, parameters)


def _initial_states(program: Program, alone: Batch, start: float, parameters: Numbers) -> Numbers:
    nothing = np.zeros(len(program.state_names))
    states = Interpreter(program, "initial")(start, nothing, parameters)["initial"]
    if alone.states is not None:
        states[slots(alone.state_names, program.state_names)] = alone.states[0]
    return np.asarray(states, dtype=np.float64)


def _not_finite(program: Program, time: float, states: Numbers, parameters: Numbers) -> str | None:
    """Return a state, or the first part of the rates, that is no finite number though its parts are."""
    for name, value in zip(program.state_names, states.tolist(), strict=True):
        if not np.isfinite(value):
            return f"{name} is {value:g}"
    values: dict[int, float | bool] = {}
    for position in program.needed("derivatives"):
        operation = program.operations[position]
        values[position] = _value(operation, values, time, states, parameters)
        operands = [values[operand] for operand in operation.operands]
        if not np.isfinite(values[position]) and np.all(np.isfinite(operands)):
            return f"{_name_or_text(program, position)} is {values[position]:g}"
    return None


def _name_or_text(program: Program, position: int) -> str:
    """Return a part of a program as a formula, and of a constant its name or where it stands."""
    if program.operations[position].operator is not Operator.CONSTANT:
        return _text(program, position)
    if position in program.groups["outputs"]:
        return program.output_names[program.groups["outputs"].index(position)]
    rates = zip(program.state_names, program.groups["derivatives"], strict=True)
    return (
        f"a constant in the rate of {next(n for n, rate in rates if position in program.needed_by([rate]))}"
    )


def _value(
    operation: Operation, values: dict[int, float | bool], time: float, states: Numbers, parameters: Numbers
) -> float | bool:
    match operation.operator:
        case Operator.CONSTANT:
            return operation.value if operation.kind is Kind.REAL else bool(operation.value)
        case Operator.TIME:
            return time
        case Operator.STATE:
            return float(states[operation.slot])
        case Operator.PARAMETER:
            return float(parameters[operation.slot])
    with np.errstate(all="ignore"):
        result = MEANING[operation.operator](*[values[operand] for operand in operation.operands])
    return bool(result) if operation.operator in (*COMPARISONS, *LOGICAL) else float(result)


def _text(program: Program, position: int) -> str:
    """Return a part of a program as a formula in the model's names."""
    texts: dict[int, str] = {}
    for place in program.needed_by([position]):
        operation = program.operations[place]
        names = {Operator.STATE: program.state_names, Operator.PARAMETER: program.parameter_names}
        if operation.operator in names:
            texts[place] = names[operation.operator][operation.slot]
            continue
        operands = [texts[operand] for operand in operation.operands]
        text = written(operation.operator, operation.value, operation.kind, operands)
        texts[place] = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return texts[position]


def _nearest_to_an_edge(program: Program, time: float, states: Numbers, parameters: Numbers) -> str | None:
    """Return the operation that is nearest to where it is no longer defined, or furthest beyond."""
    inside = Interpreter(program, "edges")(time, states, parameters)["edges"]
    if not len(inside):
        return None
    return f"{_text(program, program.groups['bounded'][int(np.argmin(inside))])} has no value beyond"


def _nearest_to_equal(program: Program, time: float, states: Numbers, parameters: Numbers) -> str:
    """Return the equality whose sides are nearest to each other."""
    sides = Interpreter(program, "differences", "difference_sizes")(time, states, parameters)
    apart = np.abs(sides["differences"]) / np.maximum(sides["difference_sizes"], np.finfo(np.float64).tiny)
    apart[~np.array(program.followed)] = np.inf
    return _text(program, program.groups["equalities"][int(np.argmin(apart))])


def _furthest_from_zero(program: Program, time: float, states: Numbers, parameters: Numbers) -> str:
    """Return the constraint whose value is largest there."""
    values = Interpreter(program, "constraints")(time, states, parameters)["constraints"]
    worst = int(np.argmax(np.abs(values)))
    return f"the {program.constraints[worst].name} is {values[worst]:g} instead of 0"


def _edge_passed_at(kernel: Kernel, alone: Batch, reached: float, options: Options) -> float:
    """Return when an operand passed its edge for good, before the time at which a step showed that it had.

    A step may end well beyond an edge: where it lies is looked for between times that draw together.
    """
    if kernel.program.delays:
        return reached
    edges = Interpreter(kernel.program, "edges")
    slot_of = slots(alone.parameter_names, kernel.program.parameter_names)
    parameters = np.array(kernel.program.parameter_values)
    parameters[slot_of] = alone.parameters[0]
    first, last = float(alone.starts[0]), reached
    for _ in range(LOOKS_AT_EDGE):
        times = np.linspace(first, last, TIMES_A_LOOK)
        there = replace(alone, save_at=times, outputs=kernel.program.state_names, summaries=())
        states = kernel.simulate(there, options, SILENT).outputs[0]
        inside = [
            bool(np.all(edges(time, now, parameters)["edges"] >= 0)) if np.all(np.isfinite(now)) else False
            for time, now in zip(times.tolist(), states, strict=True)
        ]
        if not any(inside):
            return first
        before = len(inside) - 1 - inside[::-1].index(True)
        if before + 1 == len(inside):
            return last
        first, last = float(times[before]), float(times[before + 1])
    return last


def _fastest(program: Program, time: float, states: Numbers, parameters: Numbers) -> str | None:
    """Return the state that changes fastest for its size."""
    if not program.state_names:
        return None
    rates = Interpreter(program, "derivatives")(time, states, parameters)["derivatives"]
    fastest = int(np.argmax(np.abs(rates) / np.maximum(np.abs(states), np.finfo(np.float64).tiny)))
    name, value, rate = program.state_names[fastest], states[fastest], rates[fastest]
    return f"{name} is {value:g} and changes by {rate:g} a unit of time"
