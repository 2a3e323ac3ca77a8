"""One step of a Rosenbrock method for all lanes at once, each with its own time and step size.

attempt(work, rtol, atol) -> error   new = y + the step; the error in units of the tolerance
begin_step(work, rtol, atol) -> h    a first step size, from the size of the rates
interpolation(work)                  the dense output's k, from the slopes
between(work, theta)                 stage = the states at time + theta x step, from the dense output
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calor.engine.backends.llvm.builder import POINTER, TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout
from calor.engine.methods.rosenbrock import Matrix, RosenbrockMethod

BLOCK = 4
"""States that a loop over states takes at a time, sharing the weights it loads."""


@dataclass(frozen=True)
class Step:
    """Writes the functions of a step.

    Arguments: the method, the layout, and whether rates depend on time.
    """

    method: RosenbrockMethod
    layout: Layout
    depends_on_time: bool

    def attempt(self) -> Code:
        """Return the function that attempts a step."""
        code = self._code("attempt", with_tolerance=True)
        work, layout, method = code.arguments["work"], self.layout, self.method
        time = code.load(code.vector, work, layout.row("time"))
        h = code.load(code.vector, work, layout.row("step"))
        inverse = 1.0 / h
        if layout.first:
            code.call("follow_start", "void", work)
        code.call(self.layout.name("linearize"), "void", work, time)
        lost = self._factor(code, inverse * (1.0 / method.gamma))
        for stage in range(method.stages):
            slopes = self._address(code, "slopes", stage * layout.states)
            if stage > 0:
                self._stage(code, stage, h, inverse)
                if layout.first and method.c[stage] != method.c[stage - 1]:
                    code.call("follow", "void", work, code.constant(method.c[stage], code.vector))
                point, extra = self._address(code, "stage"), self._address(code, "extra")
                code.call(
                    self.layout.name("rates"), "void", work, point, extra, slopes, h * method.c[stage] + time
                )
            elif self.depends_on_time:
                self._add_time_slopes(code, h * method.d[0])
            self._solve(code, slopes, lost)
        code.give_back(self._end(code))
        return code

    def _factor(self, code: Code, diagonal: Value) -> Value:
        """Factorise; return whether any lane needed row exchanges."""
        own, lost = Lanes(code, self.layout), code.variable(TRUTH, 0)
        own.set_vector("margin", code.call(self.layout.name("factor"), code.vector, own.work, diagonal))
        own.set_vector("theta", diagonal)
        with code.count(self.layout.lanes) as lane, code.when(own.get("margin", lane) <= 0.0):
            lost.set(1)
            code.call(self.layout.name("factor_pivoted"), "void", own.work, lane, own.get("theta", lane))
        return lost.get()

    def _solve(self, code: Code, slopes: Value, lost: Value) -> None:
        """Solve for the slopes, where pivots were lost with row exchanges."""
        own = Lanes(code, self.layout)
        for function in ("solve_pivoted", "solve", "take_pivoted"):
            if function == "solve":
                code.call(self.layout.name("solve"), "void", own.work, slopes)
                continue
            with (
                code.when(lost),
                code.count(self.layout.lanes) as lane,
                code.when(own.get("margin", lane) <= 0.0),
            ):
                code.call(self.layout.name(function), "void", own.work, slopes, lane)

    def _stage(self, code: Code, stage: int, h: Value, inverse: Value) -> None:
        """Write a stage's point, and what its rates are added to."""
        method, before = self.method, list(range(stage))
        weights = method.a[stage]
        continues = stage > 1 and np.array_equal(weights[: stage - 1], method.a[stage - 1, : stage - 1])
        from_block = "stage" if continues else "y"
        point_weights = np.where(np.array(before) < stage - 1, 0.0, weights[:stage]) if continues else weights
        for base, rows in self._states(code):
            points, extras = self._sums(code, base, rows, before, [point_weights, method.c_matrix[stage]])
            for r in rows:
                point = self._load(code, base, from_block, r) + points[r]
                self._store(code, point, base, "stage", r)
                extra = self._load(code, base, "forcing", r) + extras[r] * inverse
                if self.depends_on_time and method.d[stage] != 0:
                    extra = extra + self._load(code, base, "time_slopes", r) * (h * method.d[stage])
                self._store(code, extra, base, "extra", r)

    def _add_time_slopes(self, code: Code, weight: Value) -> None:
        for base, rows in self._states(code):
            for r in rows:
                slope = self._load(code, base, "time_slopes", r) * weight
                self._store(code, self._load(code, base, "slopes", r) + slope, base, "slopes", r)

    def _end(self, code: Code) -> Value:
        """Write the new states; return the error in units of the tolerance, the mean square over states."""
        method, n = self.method, self.layout.states
        last = method.stages - 1
        total = code.variable(code.vector, 0.0)
        used = np.flatnonzero(method.error).tolist()
        for base, rows in self._states(code):
            (errors,) = self._sums(code, base, rows, used, [method.error])
            for r in rows:
                new = self._load(code, base, "stage", r) + self._load(code, base, "slopes", r, last * n)
                self._store(code, new, base, "new", r)
                total.set(total.get() + self._square(code, errors[r], self._load(code, base, "y", r), new))
        return code.intrinsic("sqrt", total.get() * (1.0 / n))

    def _square(self, code: Code, number: Value, *sizes: Value) -> Value:
        """Return (number / (atol + rtol x the largest size))^2."""
        largest = code.intrinsic("fabs", sizes[0])
        for size in sizes[1:]:
            largest = code.larger(code.intrinsic("fabs", size), largest)
        ratio = number / (largest * code.arguments["rtol"] + code.arguments["atol"])
        return ratio * ratio

    def begin_step(self) -> Code:
        """Return the function that proposes a first step: 1 % of the states' size over the rates' size.

        Source: E. Hairer, S. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, II.4.
        """
        code = self._code("begin_step", with_tolerance=True)
        work, layout = code.arguments["work"], self.layout
        time = code.load(code.vector, work, layout.row("time"))
        y, forcing, out = (self._address(code, block) for block in ("y", "forcing", "slopes"))
        if layout.first:
            code.call("follow", "void", work, code.constant(0.0, code.vector))
        code.call(self.layout.name("rates"), "void", work, y, forcing, out, time)
        states, rates = code.variable(code.vector, 0.0), code.variable(code.vector, 0.0)
        for base, rows in self._states(code):
            for r in rows:
                state = self._load(code, base, "y", r)
                states.set(states.get() + self._square(code, state, state))
                rates.set(rates.get() + self._square(code, self._load(code, base, "slopes", r), state))
        ratio = code.intrinsic("sqrt", states.get() / rates.get()) * 0.01
        usual = (states.get() > 1e-10 * layout.states) & (rates.get() > 1e-10 * layout.states)
        finite = usual & (ratio > 1e-12) & (ratio < math.inf)
        code.give_back(code.select(finite, ratio, 1e-6))
        return code

    def interpolation(self) -> Code:
        """Return the function that prepares the dense output of the step just made."""
        code = self._code("interpolation")
        stages = list(range(self.method.stages))
        for base, rows in self._states(code):
            sums = self._sums(code, base, rows, stages, list(self.method.dense))
            for k, values in enumerate(sums):
                for r in rows:
                    self._store(code, values[r], base, "dense", r, k * self.layout.states)
        code.give_back()
        return code

    def between(self) -> Code:
        """Return the function that computes the states within the step just made.

        A state that no rate changes keeps its bits, so that what events count stays whole.
        """
        vector = f"<{self.layout.lanes} x double>"
        arguments = [("work", POINTER), ("theta", vector)]
        code = Code("between", arguments, lanes=self.layout.lanes, attributes="noinline nounwind")
        theta = code.arguments["theta"]
        rest = 1.0 - theta
        for base, rows in self._states(code):
            for r in rows:
                y, new = (self._load(code, base, block, r) for block in ("y", "new"))
                k1, k2, k3 = (self._load(code, base, "dense", r, k * self.layout.states) for k in range(3))
                within = y + theta * ((new - y) + rest * (k1 + theta * (k2 + theta * k3)))
                self._store(code, within, base, "stage", r)
        code.give_back()
        return code

    def _code(self, name: str, *, with_tolerance: bool = False) -> Code:
        vector = f"<{self.layout.lanes} x double>"
        tolerance = [("rtol", vector), ("atol", vector)] if with_tolerance else []
        return Code(
            self.layout.name(name),
            [("work", POINTER), *tolerance],
            vector if with_tolerance else "void",
            lanes=self.layout.lanes,
            attributes="noinline nounwind",
        )

    def _address(self, code: Code, block: str, item: int = 0) -> Value:
        return code.element(code.arguments["work"], self.layout.row(block, item), code.vector)

    def _states(self, code: Code) -> Iterator[tuple[Value, range]]:
        """Write what follows for all states: a loop over blocks of them, then the rest.

        Yields the address that rows of the workspace count from, and the block's states after it.
        """
        blocks, rest = divmod(self.layout.states, BLOCK)
        work = code.arguments["work"]
        if blocks:
            with code.count(blocks) as block:
                yield code.element(work, block * BLOCK, code.vector), range(BLOCK)
        if rest:
            yield code.element(work, blocks * BLOCK, code.vector), range(rest)

    def _sums(
        self, code: Code, base: Value, rows: range, stages: list[int], weight_sets: list[Matrix]
    ) -> list[list[Value]]:
        """Return, for every set of weights, the weighted sums of the slopes of a block of states."""
        sums: list[list[Value]] = [[] for _ in weight_sets]
        for stage in stages:
            slopes = [self._load(code, base, "slopes", r, stage * self.layout.states) for r in rows]
            for total, weights in zip(sums, weight_sets, strict=True):
                weight = float(weights[stage])
                if weight == 0.0:
                    continue
                if total:
                    total[:] = [before + slope * weight for before, slope in zip(total, slopes, strict=True)]
                else:
                    total[:] = [slope if weight == 1.0 else slope * weight for slope in slopes]
        return sums

    def _load(self, code: Code, base: Value, block: str, row: int, first: int = 0) -> Value:
        return code.load(code.vector, base, self.layout.row(block, first + row))

    def _store(self, code: Code, value: Value, base: Value, block: str, row: int, first: int = 0) -> None:
        code.store(value, base, self.layout.row(block, first + row))
