"""A program run operation by operation in NumPy, many lanes at a time: slow, clear, and the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.semantics import MEANING

Numbers = NDArray[np.float64]


class Interpreter:
    """Computes groups of a program.

    Arguments: the program, and the groups that will be asked for together.
    """

    def __init__(self, program: Program, *groups: str) -> None:
        self._program = program
        self._groups = groups or tuple(program.groups)
        self._steps: list[tuple[int, Callable[..., Any] | None, tuple[int, ...]]] = [
            (
                position,
                MEANING.get(program.operations[position].operator),
                program.operations[position].operands,
            )
            for position in program.needed(*self._groups)
        ]

    def __call__(self, time: Any, states: Any, parameters: Any) -> dict[str, NDArray[Any]]:
        """Return the values of the groups.

        Arguments: the time, a number or (n_lanes,); states (n_states, n_lanes) or (n_states,); parameters
            (n_parameters, n_lanes) or (n_parameters,).
        Returns: per group an array (n_results, n_lanes); truth values as booleans.
        """
        lanes = np.broadcast_shapes(np.shape(time), np.shape(states)[1:], np.shape(parameters)[1:])
        values: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for position, meaning, operands in self._steps:
                if meaning is None:
                    values[position] = self._leaf(position, time, states, parameters)
                else:
                    values[position] = meaning(*[values[operand] for operand in operands])
        return {group: self._stacked(group, values, lanes) for group in self._groups}

    def _leaf(self, position: int, time: Any, states: Any, parameters: Any) -> Any:
        operation = self._program.operations[position]
        match operation.operator:
            case Operator.STATE:
                return states[operation.slot]
            case Operator.PARAMETER:
                return parameters[operation.slot]
            case Operator.TIME:
                return time
        return operation.value if operation.kind == "real" else bool(operation.value)

    def _stacked(self, group: str, values: dict[int, Any], lanes: tuple[int, ...]) -> NDArray[Any]:
        positions = self._program.groups[group]
        kind: type[np.generic] = np.bool_ if group == "triggers" else np.float64
        stacked: NDArray[Any] = np.empty((len(positions), *lanes), dtype=kind)
        for row, position in enumerate(positions):
            stacked[row] = values[position]
        return stacked
