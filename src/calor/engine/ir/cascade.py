"""Which states lead: those that depend on no other part of the model, so that they can be solved first.

A drug's kinetics mostly do not depend on the disease. Its fast states then need many steps after every dose,
and the disease, which feels them through slow effects, needs few: solved ahead with steps of their own, the
leading states are an input to the rest, known between its steps through their dense output.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import Operator

QUICKER = 3.0
"""How many times as quick as the quickest state of the core one must be to lead."""

SMALLEST_CORE = 4
"""The least number of states that all depend on each other."""


def leading_states(program: Program) -> NDArray[np.int64]:
    """Return the positions of the states that lead, sorted; none where a solver of their own would not pay.

    The core is the largest set of states that all depend on each other. Everything it depends on leads.
    No more than half of the states lead. A model with events, or whose rates jump, has none that do.
    """
    n, none = len(program.state_names), np.zeros(0, dtype=np.int64)
    if program.events or program.groups["watched"] or not program.jacobian_pattern:
        return none
    rows, columns = np.array(program.jacobian_pattern).T
    depends = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
    _, part = connected_components(depends, connection="strong")
    core = part == np.argmax(np.bincount(part))
    causes = breadth_first_order(depends, int(np.flatnonzero(core)[0]), return_predecessors=False)
    before = np.setdiff1d(causes, np.flatnonzero(core))
    if core.sum() < SMALLEST_CORE or not len(before):
        return none
    speed = _speeds(program)
    leading = _with_causes(depends, before[speed[before] > QUICKER * speed[core].max()])
    return leading if 2 * len(leading) <= n else none


def _speeds(program: Program) -> NDArray[np.float64]:
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


def _with_causes(depends: csr_array, states: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return some states and everything that these depend on, sorted."""
    found = {
        int(cause)
        for state in states
        for cause in breadth_first_order(depends, int(state), return_predecessors=False)
    }
    return np.array(sorted(found), dtype=np.int64)


def leading_first(program: Program) -> Program:
    """Return the program with its leading states before all others, and their number."""
    leading = leading_states(program)
    n = len(program.state_names)
    order = np.concatenate([leading, np.setdiff1d(np.arange(n), leading)]).tolist()
    if not len(leading):
        return program
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
