"""The fall-back of the linear algebra: a dense elimination with row exchanges, for one lane.

    factor_pivoted(work, lane, diagonal)   LU of diagonal I - J, the largest pivot of each column brought up
    solve_pivoted(work, b, lane)           the lane's solution, kept beside b
    take_pivoted(work, b, lane)            the lane's solution into b

Only a lane whose planned pivots lost their digits comes here; its neighbours keep what they have.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, POINTER, REAL, Code, Value
from calor.engine.backends.llvm.elimination import Place
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout


@dataclass(frozen=True)
class PivotedAlgebra:
    """Writes the functions of the fall-back.

    Arguments: the Jacobian's pattern and the layout.
    """

    pattern: tuple[Place, ...]
    layout: Layout

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.factor(), self.solve(), self.take()]

    def factor(self) -> Code:
        """Return the function that factorises one lane's matrix."""
        own = self._begin("factor_pivoted", ("lane", INTEGER), ("diagonal", REAL))
        code, lane, n = own.code, own.code.arguments["lane"], self.layout.states
        self._assemble(own, lane)
        with code.count(n) as k:
            self._bring_up(own, lane, k)
            pivot = own.get("pivoted", lane, k * n + k)
            with code.count(n, first=k + 1) as row:
                ratio = own.get("pivoted", lane, row * n + k) / pivot
                own.set("pivoted", lane, ratio, row * n + k)
                with code.count(n, first=k + 1) as column:
                    product = ratio * own.get("pivoted", lane, k * n + column)
                    before = own.get("pivoted", lane, row * n + column)
                    own.set("pivoted", lane, before - product, row * n + column)
        code.give_back()
        return code

    def _assemble(self, own: Lanes, lane: Value) -> None:
        code, n = own.code, self.layout.states
        with code.count(n * n) as i:
            own.set("pivoted", lane, 0.0, i)
        places = code.table(
            self.layout.name("pivoted_places"), [row * n + column for row, column in self.pattern]
        )
        with code.count(len(self.pattern)) as i:
            own.set("pivoted", lane, -own.get("jacobian", lane, i), code.load(INTEGER, places, i))
        with code.count(n) as k:
            place = k * n + k
            own.set("pivoted", lane, own.get("pivoted", lane, place) + code.arguments["diagonal"], place)

    def _bring_up(self, own: Lanes, lane: Value, k: Value) -> None:
        """Exchange row k with the row below it that has the largest number in column k."""
        code, n = own.code, self.layout.states
        best, largest = code.variable(INTEGER, k), code.variable(REAL, -1.0)
        with code.count(n, first=k) as row:
            size = code.intrinsic("fabs", own.get("pivoted", lane, row * n + k))
            with code.when(size > largest.get()):
                largest.set(size)
                best.set(row)
        chosen = best.get()
        own.set("exchanges", lane, code.cast("sitofp", chosen, REAL), k)
        with code.count(n) as column:
            own_number = own.get("pivoted", lane, k * n + column)
            own.set("pivoted", lane, own.get("pivoted", lane, chosen * n + column), k * n + column)
            own.set("pivoted", lane, own_number, chosen * n + column)

    def solve(self) -> Code:
        """Return the function that solves for one lane."""
        own = self._begin("solve_pivoted", ("b", POINTER), ("lane", INTEGER))
        code, lane, n = own.code, own.code.arguments["lane"], self.layout.states
        with code.count(n) as i:
            row = code.element(code.arguments["b"], i, code.vector)
            own.set("solved", lane, code.load(REAL, row, lane), i)
        with code.count(n) as k:
            chosen = code.cast("fptosi", own.get("exchanges", lane, k), INTEGER)
            own_number = own.get("solved", lane, k)
            own.set("solved", lane, own.get("solved", lane, chosen), k)
            own.set("solved", lane, own_number, chosen)
        total = code.variable(REAL, 0.0)
        with code.count(n) as row:
            total.set(own.get("solved", lane, row))
            with code.count(row) as column:
                factor = own.get("pivoted", lane, row * n + column)
                total.set(total.get() - factor * own.get("solved", lane, column))
            own.set("solved", lane, total.get(), row)
        with code.count(n) as back:
            row = code.constant(n - 1, INTEGER) - back
            total.set(own.get("solved", lane, row))
            with code.count(n, first=row + 1) as column:
                factor = own.get("pivoted", lane, row * n + column)
                total.set(total.get() - factor * own.get("solved", lane, column))
            own.set("solved", lane, total.get() / own.get("pivoted", lane, row * n + row), row)
        code.give_back()
        return code

    def take(self) -> Code:
        """Return the function that puts one lane's solution in its place."""
        own = self._begin("take_pivoted", ("b", POINTER), ("lane", INTEGER))
        code, lane = own.code, own.code.arguments["lane"]
        with code.count(self.layout.states) as i:
            row = code.element(code.arguments["b"], i, code.vector)
            code.store(own.get("solved", lane, i), row, lane)
        code.give_back()
        return code

    def _begin(self, name: str, *arguments: tuple[str, str]) -> Lanes:
        code = Code(
            self.layout.name(name),
            [("work", POINTER), *arguments],
            lanes=self.layout.lanes,
            attributes="noinline nounwind",
        )
        return Lanes(code, self.layout)
