"""One step of a Rosenbrock method for all lanes at once, each with its own time and step size.

attempt(work, rtol, atol) -> error   new = y + the step; the error in units of the tolerance
begin_step(work, rtol, atol) -> h    a first step size, from the size of the rates
interpolation(work)                  the dense output's k, from the slopes
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.layout import Layout
from calor.engine.methods.rosenbrock import RosenbrockMethod


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
        code.call("linearize", "void", work, time)
        margin = code.call("factor", code.vector, work, inverse * (1.0 / method.gamma))
        for stage in range(method.stages):
            slopes = self._address(code, "slopes", stage * layout.states)
            if stage > 0:
                self._stage(code, stage, h, inverse)
                point, extra = self._address(code, "stage"), self._address(code, "extra")
                code.call("rates", "void", work, point, extra, slopes, h * method.c[stage] + time)
            elif self.depends_on_time:
                self._add_time_slopes(code, h * method.d[0])
            code.call("solve", "void", work, slopes)
        error = self._end(code)
        code.give_back(code.select(margin > 0.0, error, margin * 0.0 + math.inf))
        return code

    def _stage(self, code: Code, stage: int, h: Value, inverse: Value) -> None:
        """Write a stage's point, and what its rates are added to."""
        method, before = self.method, range(stage)
        point_weights = method.a[stage]
        continues = stage > 1 and np.array_equal(point_weights[: stage - 1], method.a[stage - 1, : stage - 1])
        with code.count(self.layout.states) as i:
            slopes = [self._load(code, "slopes", i, j * self.layout.states) for j in before]
            if continues:
                point = self._load(code, "stage", i) + slopes[-1] * point_weights[stage - 1]
            else:
                point = self._load(code, "y", i) + _weighted(slopes, point_weights)
            self._store(code, point, "stage", i)
            extra = self._load(code, "forcing", i) + _weighted(slopes, method.c_matrix[stage]) * inverse
            if self.depends_on_time and method.d[stage] != 0:
                extra = extra + self._load(code, "time_slopes", i) * (h * method.d[stage])
            self._store(code, extra, "extra", i)

    def _add_time_slopes(self, code: Code, weight: Value) -> None:
        with code.count(self.layout.states) as i:
            slope = self._load(code, "slopes", i) + self._load(code, "time_slopes", i) * weight
            self._store(code, slope, "slopes", i)

    def _end(self, code: Code) -> Value:
        """Write the new states; return the error in units of the tolerance, the mean square over states."""
        method, n = self.method, self.layout.states
        last = method.stages - 1
        total = code.variable(code.vector, 0.0)
        with code.count(n) as i:
            new = self._load(code, "stage", i) + self._load(code, "slopes", i, last * n)
            self._store(code, new, "new", i)
            error = _weighted(
                [self._load(code, "slopes", i, j * n) for j in np.flatnonzero(method.error).tolist()],
                method.error[np.flatnonzero(method.error)],
            )
            total.set(total.get() + self._square(code, error, self._load(code, "y", i), new))
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
        code.call("rates", "void", work, y, forcing, out, time)
        states, rates = code.variable(code.vector, 0.0), code.variable(code.vector, 0.0)
        with code.count(layout.states) as i:
            state = self._load(code, "y", i)
            states.set(states.get() + self._square(code, state, state))
            rates.set(rates.get() + self._square(code, self._load(code, "slopes", i), state))
        ratio = code.intrinsic("sqrt", states.get() / rates.get()) * 0.01
        usual = (states.get() > 1e-10 * layout.states) & (rates.get() > 1e-10 * layout.states)
        finite = usual & (ratio > 1e-12) & (ratio < math.inf)
        code.give_back(code.select(finite, ratio, 1e-6))
        return code

    def interpolation(self) -> Code:
        """Return the function that prepares the dense output of the step just made."""
        code = self._code("interpolation")
        n = self.layout.states
        with code.count(n) as i:
            slopes = [self._load(code, "slopes", i, j * n) for j in range(self.method.stages)]
            for k, weights in enumerate(self.method.dense):
                self._store(code, _weighted(slopes, weights), "dense", i, k * n)
        code.give_back()
        return code

    def _code(self, name: str, *, with_tolerance: bool = False) -> Code:
        vector = f"<{self.layout.lanes} x double>"
        tolerance = [("rtol", vector), ("atol", vector)] if with_tolerance else []
        return Code(
            name,
            [("work", POINTER), *tolerance],
            vector if with_tolerance else "void",
            lanes=self.layout.lanes,
            attributes="noinline nounwind",
        )

    def _address(self, code: Code, block: str, item: int = 0) -> Value:
        return code.element(code.arguments["work"], self.layout.row(block, item), code.vector)

    def _load(self, code: Code, block: str, i: Value, first: int = 0) -> Value:
        return code.load(code.vector, code.arguments["work"], i + self.layout.row(block, int(first)))

    def _store(self, code: Code, value: Value, block: str, i: Value, first: int = 0) -> None:
        code.store(value, code.arguments["work"], i + self.layout.row(block, first))


def _weighted(values: list[Value], weights: np.ndarray) -> Value:
    """Return the sum of weight x value."""
    total = values[0] * float(weights[0])
    for value, weight in zip(values[1:], weights[1:], strict=False):
        if weight != 0:
            total = total + value * float(weight)
    return total
