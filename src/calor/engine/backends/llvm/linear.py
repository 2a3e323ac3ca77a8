"""The linear algebra of a step, written without loops from a planned elimination.

factor(work, diagonal) -> margin     LU of diagonal I - J; a margin that is not above zero says that a
                                     pivot lost its digits
solve(work, b)                       b becomes the solution
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.elimination import Elimination, Place
from calor.engine.backends.llvm.layout import Layout

PIVOT_LOSS = 1e-10
"""A pivot smaller than this, relative to the matrix's diagonal part, has lost its digits."""


@dataclass(frozen=True)
class LinearAlgebra:
    """Writes `factor` and `solve`.

    Arguments: the elimination planned for the Jacobian's pattern, that pattern, and the layout.
    """

    elimination: Elimination
    pattern: tuple[Place, ...]
    layout: Layout

    @cached_property
    def _rows(self) -> dict[Place, int]:
        """The row of the workspace where each place of the factors stands; pivots stand as their inverses."""
        return {place: self.layout.row("factors", i) for i, place in enumerate(self.elimination.places)}

    def factor(self) -> Code:
        """Return the function that factorises diagonal I - J."""
        vector = f"<{self.layout.lanes} x double>"
        code = self._code("factor", [("work", POINTER), ("diagonal", vector)], vector)
        work, diagonal = code.arguments["work"], code.arguments["diagonal"]
        entries = self._matrix(code, work, diagonal)
        margin = diagonal
        plan = self.elimination
        for k, below, right in zip(plan.pivots, plan.lower, plan.upper, strict=True):
            size = code.intrinsic("fabs", entries[k, k])
            margin = code.smaller(size - diagonal * PIVOT_LOSS, margin)
            inverse = 1.0 / entries[k, k]
            code.store(inverse, work, self._rows[k, k])
            for column in right:
                code.store(entries[k, column], work, self._rows[k, column])
            for row in below:
                ratio = entries[row, k] * inverse
                code.store(ratio, work, self._rows[row, k])
                for column in right:
                    product = ratio * entries[k, column]
                    before = entries.get((row, column))
                    entries[row, column] = -product if before is None else before - product
        code.give_back(margin)
        return code

    def _matrix(self, code: Code, work: Value, diagonal: Value) -> dict[Place, Value]:
        entries: dict[Place, Value] = {}
        for i, (row, column) in enumerate(self.pattern):
            entry = code.load(code.vector, work, self.layout.row("jacobian", i))
            entries[row, column] = diagonal - entry if row == column else -entry
        for k in range(self.layout.states):
            entries.setdefault((k, k), diagonal)
        return entries

    def solve(self) -> Code:
        """Return the function that solves with the factors."""
        code = self._code("solve", [("work", POINTER), ("b", POINTER)])
        work, b = code.arguments["work"], code.arguments["b"]
        plan = self.elimination
        x = {k: code.load(code.vector, b, k) for k in plan.pivots}

        def factor(row: int, column: int) -> Value:
            return code.load(code.vector, work, self._rows[row, column])

        for k, below in zip(plan.pivots, plan.lower, strict=True):
            for row in below:
                x[row] = x[row] - factor(row, k) * x[k]
        for k, right in reversed(list(zip(plan.pivots, plan.upper, strict=True))):
            for column in right:
                x[k] = x[k] - factor(k, column) * x[column]
            x[k] = x[k] * factor(k, k)
            code.store(x[k], b, k)
        code.give_back()
        return code

    def _code(self, name: str, arguments: list[tuple[str, str]], result: str = "void") -> Code:
        return Code(
            self.layout.name(name), arguments, result, lanes=self.layout.lanes, attributes="noinline nounwind"
        )
