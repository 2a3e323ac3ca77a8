"""What to tell a person about a patient that failed: until when it went, why, where, and what helps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
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


def failure(kernel: Kernel, batch: Batch, result: BatchResult, row: int, options: Options) -> InputError:
    """Return the error for a patient that did not finish: the time reached, and the quantity if it is found.

    Arguments: what simulated it; the batch and its result; the patient's row; the options it was solved with.
    """
    status, reached = Status(int(result.status[row])), float(result.reached[row])
    cause = None
    if status is not Status.NO_ROOM_FOR_EVENTS:
        cause = _cause(kernel, rows_of(batch, [row]), reached, options, status)
    told = f": {cause}" if cause else ""
    return InputError.of(f"the simulation {result.ending(row)}{told}", hint=status.remedy)


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
            return f"{_text(program, position)} is {values[position]:g}"
    return None


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


def _fastest(program: Program, time: float, states: Numbers, parameters: Numbers) -> str | None:
    """Return the state that changes fastest for its size."""
    if not program.state_names:
        return None
    rates = Interpreter(program, "derivatives")(time, states, parameters)["derivatives"]
    fastest = int(np.argmax(np.abs(rates) / np.maximum(np.abs(states), np.finfo(np.float64).tiny)))
    name, value, rate = program.state_names[fastest], states[fastest], rates[fastest]
    return f"{name} is {value:g} and changes by {rate:g} a unit of time"
