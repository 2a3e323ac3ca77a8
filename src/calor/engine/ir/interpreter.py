"""A program run operation by operation in NumPy, many lanes at a time: slow, clear, and the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import LEAVES, Kind, Operator
from calor.engine.symbolic.semantics import GUARDED, MEANING

Values = dict[str, NDArray[Any]]
Replaced = Mapping[int, Any]
"""Values that stand in for those computed, by position in the program."""


class Evaluation(Protocol):
    """What computes groups at a time and states, some values replaced by others."""

    def __call__(self, time: Any, states: Any, replaced: Replaced = ...) -> Values:
        """Return the values of the groups."""


NOTHING: Replaced = {}


class Interpreter:
    """Computes groups of a program.

    Arguments: the program, and the groups that are asked for together (all of them unless named).
    """

    def __init__(self, program: Program, *groups: str) -> None:
        self._program = program
        self._groups = groups or tuple(program.groups)
        needed = program.needed(*self._groups)
        self._once = _Block(program, [position for position in needed if position < program.hoisted])
        self._each = _Block(program, [position for position in needed if position >= program.hoisted])

    def __call__(self, time: Any, states: Any, parameters: Any) -> Values:
        """Return the values of the groups.

        Arguments: the time, a number or (n_lanes,); states (n_states, n_lanes) or (n_states,); parameters
            (n_parameters, n_lanes) or (n_parameters,).
        Returns: per group an array (n_results, n_lanes), or (n_results,) without lanes; triggers as booleans.
        """
        return self.bind(parameters)(time, states)

    def bind(self, parameters: Any) -> Evaluation:
        """Return the evaluation at given parameters, what depends on them alone already computed."""
        hoisted: list[Any] = [None] * len(self._program.operations)
        self._once.run(hoisted, None, (), parameters)

        def evaluate(time: Any, states: Any, replaced: Replaced = NOTHING) -> Values:
            values = hoisted.copy()
            self._each.run(values, time, states, parameters, replaced)
            lanes = np.shape(time) or np.shape(states)[1:] or np.shape(parameters)[1:]
            return {group: self._stacked(group, values, lanes) for group in self._groups}

        return evaluate

    def _stacked(self, group: str, values: list[Any], lanes: tuple[int, ...]) -> NDArray[Any]:
        positions = self._program.groups[group]
        kind: type[np.generic] = np.bool_ if group == "triggers" else np.float64
        stacked: NDArray[Any] = np.empty((len(positions), *lanes), dtype=kind)
        for row, position in enumerate(positions):
            stacked[row] = values[position]
        return stacked


class _Block:
    """Some operations of a program, sorted into leaves and the rest once and run often."""

    def __init__(self, program: Program, positions: list[int]) -> None:
        self._leaves: list[tuple[int, Operation]] = []
        self._steps: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        for position in positions:
            operation = program.operations[position]
            if operation.operator in LEAVES:
                self._leaves.append((position, operation))
            else:
                guarded = position in program.guarded
                meaning = (GUARDED if guarded else MEANING)[operation.operator]
                self._steps.append((position, meaning, operation.operands))

    def run(
        self, values: list[Any], time: Any, states: Any, parameters: Any, replaced: Replaced = NOTHING
    ) -> None:
        """Fill in the values of the operations."""
        for position, operation in self._leaves:
            values[position] = _leaf(operation, time, states, parameters)
        with np.errstate(all="ignore"):
            for position, meaning, operands in self._steps:
                if position in replaced:
                    values[position] = replaced[position]
                else:
                    values[position] = meaning(*[values[operand] for operand in operands])


def _leaf(operation: Operation, time: Any, states: Any, parameters: Any) -> Any:
    match operation.operator:
        case Operator.STATE:
            return states[operation.slot]
        case Operator.PARAMETER:
            return parameters[operation.slot]
        case Operator.TIME:
            return time
    return operation.value if operation.kind is Kind.REAL else bool(operation.value)
