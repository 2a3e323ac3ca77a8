"""A program run operation by operation in NumPy, many lanes at a time: slow, clear, and the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import Kind, Operator
from calor.engine.symbolic.semantics import MEANING

Values = dict[str, NDArray[Any]]
Evaluation = Callable[[Any, Any], Values]


class Interpreter:
    """Computes groups of a program.

    Arguments: the program, and the groups that are asked for together (all of them unless named).
    """

    def __init__(self, program: Program, *groups: str) -> None:
        self._program = program
        self._groups = groups or tuple(program.groups)
        needed = program.needed(*self._groups)
        self._once = [position for position in needed if position < program.hoisted]
        self._each = [position for position in needed if position >= program.hoisted]

    def __call__(self, time: Any, states: Any, parameters: Any) -> Values:
        """Return the values of the groups.

        Arguments: the time, a number or (n_lanes,); states (n_states, n_lanes) or (n_states,); parameters
            (n_parameters, n_lanes) or (n_parameters,).
        Returns: per group an array (n_results, n_lanes), or (n_results,) without lanes; triggers as booleans.
        """
        return self.bind(parameters)(time, states)

    def bind(self, parameters: Any) -> Evaluation:
        """Return the evaluation at given parameters, what depends on them alone already computed."""
        hoisted: dict[int, Any] = {}
        self._run(self._once, hoisted, None, (), parameters)

        def evaluate(time: Any, states: Any) -> Values:
            values = dict(hoisted)
            self._run(self._each, values, time, states, parameters)
            lanes = np.shape(time) or np.shape(states)[1:] or np.shape(parameters)[1:]
            return {group: self._stacked(group, values, lanes) for group in self._groups}

        return evaluate

    def _run(
        self, positions: Iterable[int], values: dict[int, Any], time: Any, states: Any, parameters: Any
    ) -> None:
        with np.errstate(all="ignore"):
            for position in positions:
                operation = self._program.operations[position]
                meaning = MEANING.get(operation.operator)
                if meaning is not None:
                    values[position] = meaning(*[values[operand] for operand in operation.operands])
                elif operation.operator is Operator.STATE:
                    values[position] = states[operation.slot]
                elif operation.operator is Operator.PARAMETER:
                    values[position] = parameters[operation.slot]
                elif operation.operator is Operator.TIME:
                    values[position] = time
                else:
                    real = operation.kind is Kind.REAL
                    values[position] = operation.value if real else bool(operation.value)

    def _stacked(self, group: str, values: dict[int, Any], lanes: tuple[int, ...]) -> NDArray[Any]:
        positions = self._program.groups[group]
        kind: type[np.generic] = np.bool_ if group == "triggers" else np.float64
        stacked: NDArray[Any] = np.empty((len(positions), *lanes), dtype=kind)
        for row, position in enumerate(positions):
            stacked[row] = values[position]
        return stacked
