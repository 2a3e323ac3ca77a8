"""One step of a Rosenbrock method for all lanes at once, each with its own time and step size.

attempt(work, rtol, atol) -> error   new = y + the step; the error in units of the tolerance
begin_step(work) -> h                a first step size, from the size of the rates
interpolation(work)                  the dense output's k, from the slopes
between(work, theta)                 stage = the states at time + theta x step, from the dense output

By what a state's error is measured, and what its size is: `calor.engine.methods.sizes`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.backends.llvm.builder import POINTER, TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.solving import factorise, linearise, solve
from calor.engine.methods.rosenbrock import RosenbrockMethod
from calor.engine.methods.sizes import FIRST_CHANGE, UNSEEN, WITHOUT_RATES

BLOCK = 4
"""States that a loop over states takes at a time, sharing the weights it loads."""


@dataclass(frozen=True)
class StepWriter:
    """Writes the functions of a step.

    Arguments: the method, the layout, whether rates depend on time, and whether they hold roots of states.
    """

    method: RosenbrockMethod
    layout: Layout
    depends_on_time: bool
    has_roots: bool

    def attempt(self) -> Code:
        """Return the function that attempts a step."""
        code = self._code("attempt", with_tolerance=True, gives=True)
        work, layout, method = code.arguments["work"], self.layout, self.method
        time = code.load(code.vector, work, layout.row("time"))
        h = code.load(code.vector, work, layout.row("step"))
        inverse = 1.0 / h
        if layout.first:
            code.call("follow_start", "void", work)
        self._linearize(code, work, time)
        lost = factorise(code, layout, inverse * (1.0 / method.gamma))
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
            solve(code, layout, slopes, lost)
        code.give_back(self._end(code))
        return code

    def _linearize(self, code: Code, work: Value, time: Value) -> None:
        """Linearise at the step's start; where that was done beside a root's zero, take the rates at it."""
        own, moved = Lanes(code, self.layout), linearise(code, self.layout, time, self.has_roots)
        if moved is None:
            return
        own.set_vector("theta", moved)
        any_moved = code.variable(TRUTH, 0)
        with code.count(self.layout.lanes) as lane:
            any_moved.set(any_moved.get() | (own.get("theta", lane) > 0.5))
        with code.when(any_moved.get()):
            y, forcing, stage = (self._address(code, block) for block in ("y", "forcing", "stage"))
            code.call(self.layout.name("rates"), "void", work, y, forcing, stage, time)
            for base, rows in self._states(code):
                for r in rows:
                    at_zero, beside = (self._load(code, base, block, r) for block in ("stage", "slopes"))
                    self._store(code, code.select(moved > 0.5, at_zero, beside), base, "slopes", r)

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
                before, size = (self._load(code, base, block, r) for block in ("y", "size"))
                total.set(total.get() + in_tolerances(code, errors[r], before, new, size))
        return code.intrinsic("sqrt", total.get() * (1.0 / n))

    def begin_step(self) -> Code:
        """Return the function that proposes a first step, as `sizes.first_step` does."""
        code = self._code("begin_step", gives=True)
        work, layout = code.arguments["work"], self.layout
        time = code.load(code.vector, work, layout.row("time"))
        y, forcing, out = (self._address(code, block) for block in ("y", "forcing", "slopes"))
        if layout.first:
            code.call("follow", "void", work, code.constant(0.0, code.vector))
        code.call(self.layout.name("rates"), "void", work, y, forcing, out, time)
        states, rates = code.variable(code.vector, 0.0), code.variable(code.vector, 0.0)
        for base, rows in self._states(code):
            for r in rows:
                size = self._load(code, base, "size", r)
                inverse = code.select(size > UNSEEN, 1.0 / size, 0.0)
                state = self._load(code, base, "y", r) * inverse
                rate = self._load(code, base, "slopes", r) * inverse
                states.set(states.get() + state * state)
                rates.set(rates.get() + rate * rate)
        ratio = code.intrinsic("sqrt", states.get() / rates.get()) * FIRST_CHANGE
        to_go = code.load(code.vector, work, layout.row("end")) - time
        changes = (ratio > 0.0) & (ratio < math.inf)
        code.give_back(code.select(changes, code.smaller(ratio, to_go * FIRST_CHANGE), to_go * WITHOUT_RATES))
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

    def _code(self, name: str, *, with_tolerance: bool = False, gives: bool = False) -> Code:
        vector = f"<{self.layout.lanes} x double>"
        tolerance = [("rtol", vector), ("atol", vector)] if with_tolerance else []
        return Code(
            self.layout.name(name),
            [("work", POINTER), *tolerance],
            vector if gives else "void",
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
        self, code: Code, base: Value, rows: range, stages: list[int], weight_sets: list[Numbers]
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


def in_tolerances(code: Code, error: Value, before: Value, after: Value, size: Value) -> Value:
    """Return the square of a state's error in units of its tolerance."""
    largest = code.larger(code.intrinsic("fabs", after), code.intrinsic("fabs", before))
    absolute = size * code.arguments["atol"]
    ratio = error / (largest * code.arguments["rtol"] + absolute)
    return ratio * ratio
