"""Which states lead: those that depend on no other part of the model, so that they can be solved first.

A drug's kinetics mostly do not depend on the disease. Its fast states then need many steps after every dose,
and the disease, which feels them through slow effects, needs few: solved ahead with steps of their own, the
leading states are an input to the rest, known between its steps through their dense output.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import Operator

QUICKER = 3.0
"""How many times as quick as the quickest state of the core one must be to lead."""

SMALLEST_CORE = 4
"""The least number of states that all depend on each other."""

LARGEST_MODEL = 1000
"""States of a model that is looked through for leading ones."""


def leading_states(program: Program) -> tuple[int, ...]:
    """Return the positions of the states that lead; none where a solver of their own would not pay.

    The core is the largest set of states that all depend on each other. What it depends on leads where it is
    quick, together with its own causes. No more than half of the states lead. A model with events, or whose
    rates jump, has none that do.
    """
    n = len(program.state_names)
    if program.events or program.groups["watched"] or n > LARGEST_MODEL:
        return ()
    of_state = causes(program)
    common, size = Counter(of_state).most_common(1)[0]
    core = [state for state in range(n) if of_state[state] == common]
    before = [state for state in range(n) if common >> state & 1 and of_state[state] != common]
    if size < SMALLEST_CORE or not before:
        return ()
    speeds = _speeds(program)
    limit = QUICKER * max(speeds[state] for state in core)
    together = 0
    for state in before:
        if speeds[state] > limit:
            together |= of_state[state]
    leading = tuple(state for state in range(n) if together >> state & 1)
    return leading if 2 * len(leading) <= n else ()


def causes(program: Program) -> list[int]:
    """Return for each state what it depends on, directly or not, and itself, as bits of a number.

    States that depend on each other have the same causes.
    """
    found = [1 << state for state in range(len(program.state_names))]
    for row, column in program.jacobian_pattern:
        found[row] |= 1 << column
    for middle in range(len(found)):
        its = found[middle]
        for state, own in enumerate(found):
            if own >> middle & 1:
                found[state] = own | its
    return found


def _speeds(program: Program) -> Numbers:
    """Return how fast each state answers for itself: its place on the Jacobian's diagonal at the start."""
    values = np.array(program.parameter_values)
    nothing = np.zeros(len(program.state_names))
    start = Interpreter(program, "initial")(0.0, nothing, values)["initial"]
    slopes = Interpreter(program, "jacobian")(0.0, start, values)["jacobian"]
    speeds = np.zeros(len(program.state_names))
    for (row, column), slope in zip(program.jacobian_pattern, slopes, strict=True):
        if row == column and np.isfinite(slope):
            speeds[row] = abs(slope)
    return speeds


def leading_first(program: Program) -> Program:
    """Return the program with its leading states before all others, and their number."""
    leading = leading_states(program)
    n = len(program.state_names)
    if not leading:
        return program
    order = [*leading, *(state for state in range(n) if state not in leading)]
    place = {state: i for i, state in enumerate(order)}
    entries = sorted(
        (place[row], place[column], position)
        for (row, column), position in zip(program.jacobian_pattern, program.groups["jacobian"], strict=True)
    )

    def moved(operation: Operation) -> Operation:
        return (
            operation._replace(slot=place[operation.slot])
            if operation.operator is Operator.STATE
            else operation
        )

    by_state = ("derivatives", "time_derivative", "initial")
    groups = dict(program.groups)
    groups |= {name: tuple(groups[name][state] for state in order) for name in by_state}
    groups["jacobian"] = tuple(position for *_, position in entries)
    return replace(
        program,
        operations=tuple(moved(operation) for operation in program.operations),
        groups=groups,
        jacobian_pattern=tuple((row, column) for row, column, _ in entries),
        state_names=tuple(program.state_names[state] for state in order),
        leading=len(leading),
    )
