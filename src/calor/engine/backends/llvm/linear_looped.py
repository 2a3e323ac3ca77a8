"""The linear algebra of a step for large models: the planned elimination as lists that loops run through.

The same functions as in `linear`, doing the same operations in the same order. Written out, thousands of
operations take LLVM longer than the simulation does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from calor.engine.backends.llvm.builder import INTEGER, POINTER, Code, Value
from calor.engine.backends.llvm.elimination import Elimination, Place
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.linear import PIVOT_LOSS


@dataclass(frozen=True)
class Lists:
    """Lists laid end to end in the code's constants: where each begins, and their items."""

    code: Code
    first: Value
    items: Value

    @contextmanager
    def of(self, which: Value) -> Iterator[Value]:
        """Write a loop over the items of one list."""
        with self._places(which) as place:
            yield self.code.load(INTEGER, self.items, place)

    @contextmanager
    def beside(self, other: Lists, which: Value) -> Iterator[tuple[Value, Value]]:
        """Write a loop over the items of one list and those of an equally long one of another."""
        with self._places(which) as place:
            yield self.code.load(INTEGER, self.items, place), self.code.load(INTEGER, other.items, place)

    @contextmanager
    def _places(self, which: Value) -> Iterator[Value]:
        end = self.code.load(INTEGER, self.first, which + 1)
        with self.code.count(end, first=self.code.load(INTEGER, self.first, which)) as place:
            yield place


@dataclass(frozen=True)
class LoopedAlgebra:
    """Writes `factor` and `solve` as loops.

    Arguments: the elimination planned for the Jacobian's pattern, that pattern, and the layout.
    """

    elimination: Elimination
    pattern: tuple[Place, ...]
    layout: Layout

    @cached_property
    def _position(self) -> dict[Place, int]:
        return {place: i for i, place in enumerate(self.elimination.places)}

    def _diagonal(self) -> list[int]:
        return [self._position[k, k] for k in self.elimination.pivots]

    def factor(self) -> Code:
        """Return the function that factorises diagonal I - J."""
        vector = f"<{self.layout.lanes} x double>"
        code = self._code("factor", [("work", POINTER), ("diagonal", vector)], vector)
        diagonal = code.arguments["diagonal"]
        factors = self._address(code, "factors")
        self._assemble(code, factors, diagonal)
        plan, position = self.elimination, self._position
        pivots = list(zip(plan.pivots, plan.lower, plan.upper, strict=True))
        places = code.table(self.layout.name("factor_pivots"), self._diagonal())
        below = self._lists(code, "factor_lower", [[position[r, k] for r in rows] for k, rows, _ in pivots])
        right = self._lists(code, "factor_upper", [[position[k, c] for c in cols] for k, _, cols in pivots])
        targets = code.table(
            "factor_targets", [position[r, c] for _, rows, cols in pivots for r in rows for c in cols]
        )
        margin, target = code.variable(vector, diagonal), code.variable(INTEGER, 0)
        with code.count(plan.size) as k:
            place = code.load(INTEGER, places, k)
            pivot = code.load(vector, factors, place)
            safe = code.intrinsic("fabs", pivot) - diagonal * PIVOT_LOSS
            margin.set(code.smaller(safe, margin.get()))
            inverse = 1.0 / pivot
            code.store(inverse, factors, place)
            with below.of(k) as row:
                ratio = code.load(vector, factors, row) * inverse
                code.store(ratio, factors, row)
                with right.of(k) as column:
                    changed = code.load(INTEGER, targets, target.get())
                    before = code.load(vector, factors, changed)
                    code.store(before - ratio * code.load(vector, factors, column), factors, changed)
                    target.set(target.get() + 1)
        code.give_back(margin.get())
        return code

    def _assemble(self, code: Code, factors: Value, diagonal: Value) -> None:
        """Write diagonal I - J, zeros where elimination fills in."""
        with code.count(len(self._position)) as i:
            code.store(code.constant(0.0, code.vector), factors, i)
        jacobian = self._address(code, "jacobian")
        entries = code.table(
            self.layout.name("factor_entries"), [self._position[place] for place in self.pattern]
        )
        with code.count(len(self.pattern)) as i:
            code.store(-code.load(code.vector, jacobian, i), factors, code.load(INTEGER, entries, i))
        places = code.table(self.layout.name("factor_pivots"), self._diagonal())
        with code.count(self.elimination.size) as k:
            place = code.load(INTEGER, places, k)
            code.store(diagonal + code.load(code.vector, factors, place), factors, place)

    def solve(self) -> Code:
        """Return the function that solves with the factors."""
        code = self._code("solve", [("work", POINTER), ("b", POINTER)])
        b, factors = code.arguments["b"], self._address(code, "factors")
        plan, position = self.elimination, self._position
        pivots = list(zip(plan.pivots, plan.lower, plan.upper, strict=True))
        order = code.table(self.layout.name("solve_order"), plan.pivots)
        lower = self._lists(code, "solve_lower", [[position[r, k] for r in rows] for k, rows, _ in pivots])
        rows = self._lists(code, "solve_rows", [list(rows) for _, rows, _ in pivots])
        with code.count(plan.size) as step:
            known = code.load(code.vector, b, code.load(INTEGER, order, step))
            with lower.beside(rows, step) as (place, row):
                before = code.load(code.vector, b, row)
                code.store(before - code.load(code.vector, factors, place) * known, b, row)
        backward = pivots[::-1]
        last_first = code.table(self.layout.name("solve_backward"), plan.pivots[::-1])
        inverses = code.table(self.layout.name("solve_inverses"), self._diagonal()[::-1])
        upper = self._lists(code, "solve_upper", [[position[k, c] for c in cols] for k, _, cols in backward])
        columns = self._lists(code, "solve_columns", [list(cols) for _, _, cols in backward])
        total = code.variable(code.vector, 0.0)
        with code.count(plan.size) as step:
            row = code.load(INTEGER, last_first, step)
            total.set(code.load(code.vector, b, row))
            with upper.beside(columns, step) as (place, column):
                product = code.load(code.vector, factors, place) * code.load(code.vector, b, column)
                total.set(total.get() - product)
            inverse = code.load(code.vector, factors, code.load(INTEGER, inverses, step))
            code.store(total.get() * inverse, b, row)
        code.give_back()
        return code

    def _lists(self, code: Code, name: str, lists: Sequence[Sequence[int]]) -> Lists:
        first = [0, *accumulate(len(items) for items in lists)]
        flat = [item for items in lists for item in items]
        own = self.layout.name(name)
        return Lists(code, code.table(f"{own}_first", first), code.table(own, flat))

    def _address(self, code: Code, block: str) -> Value:
        return code.element(code.arguments["work"], self.layout.row(block), code.vector)

    def _code(self, name: str, arguments: list[tuple[str, str]], result: str = "void") -> Code:
        return Code(
            self.layout.name(name), arguments, result, lanes=self.layout.lanes, attributes="noinline nounwind"
        )
