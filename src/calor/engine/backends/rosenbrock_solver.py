"""A Rosenbrock method with a mass matrix, one step at a time: M dy/dt = g(t, y), with M singular or not.

It has the face of scipy's solvers, so that a patient need not know which of them takes its steps.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve

from calor.core.arrays import Numbers
from calor.engine.methods.rosenbrock import RosenbrockMethod

SAFETY, LARGEST_GROWTH, SMALLEST_GROWTH, AFTER_FAILURE = 0.9, 6.0, 0.2, 0.25
RESOLUTION = 4 * np.finfo(np.float64).eps
"""The smallest step relative to the time."""

AGREEMENTS = 12
"""How often a step is taken at most until the forces are those of the step that they lead to."""

Within = Callable[[Any], Numbers]
"""States within a step by time: (n_states,), or (n_states, n_times)."""


class Problem(Protocol):
    """What is solved."""

    @property
    def mass(self) -> Numbers:
        """The mass matrix M (n_states, n_states)."""

    def forces(self, time: float, states: Numbers) -> Numbers:
        """Return g (n_states,)."""

    def slopes(self, time: float, states: Numbers) -> Numbers:
        """Return the derivatives of g by the states (n_states, n_states)."""

    def time_slopes(self, time: float, states: Numbers, step: float) -> Numbers:
        """Return the derivative of g by time (n_states,); `step` is the length of the step to be taken."""

    def agrees(self, within: Within, step: float, tolerances: Numbers) -> bool:
        """Return whether the forces were those of the step that they led to.

        Arguments: the states within the step, its length, and what they may differ by (n_states,). If they
        were not, the step is taken again with forces that know it.
        """


class RosenbrockSolver:
    """Steps of a method with its own error control.

    Arguments: the method; the problem; the time and states (n_states,) at the start; the time not to pass;
    the relative tolerance; the longest and the first step.
    """

    def __init__(
        self,
        method: RosenbrockMethod,
        problem: Problem,
        time: float,
        states: Numbers,
        bound: float,
        rtol: float,
        max_step: float,
        first_step: float,
    ) -> None:
        self._method, self._problem, self._bound, self._rtol = method, problem, bound, rtol
        self._longest, self._next = max_step, first_step
        self._atol = np.zeros_like(states)
        self.t, self.y, self.status = time, states.copy(), "running"
        self.step_size: float | None = None

    def fun(self, time: float, states: Numbers) -> Numbers:
        """Return the forces (n_states,)."""
        return self._problem.forces(time, states)

    def measure_by(self, tolerances: Numbers) -> None:
        """Set the absolute tolerances (n_states,) of the steps to come."""
        self._atol = tolerances

    def step(self) -> None:
        """Take one step that meets the tolerances; `status` is `failed` where none does."""
        slopes = self._problem.slopes(self.t, self.y)
        h = min(self._next, self._longest)
        while True:
            left = self._bound - self.t
            h = left if h > 0.99 * left else h
            if h <= RESOLUTION * abs(self.t) or not h > 0.0:
                self.status = "failed"
                return
            taken = self._attempt(h, slopes)
            if taken is None:
                h *= AFTER_FAILURE
                continue
            error, within, end = taken
            factor = SAFETY * error ** (-1.0 / (self._method.error_order + 1)) if error else LARGEST_GROWTH
            factor = min(max(factor, SMALLEST_GROWTH), LARGEST_GROWTH)
            if error <= 1.0:
                break
            h *= min(factor, SAFETY)
        self.dense, self.step_size, self._next = within, h, h * factor
        self.t, self.y = (self._bound if h == left else self.t + h), end
        self.status = "finished" if self.t >= self._bound else "running"

    def dense_output(self) -> Within:
        """Return the states within the last step."""
        return self.dense

    def _attempt(self, h: float, slopes: Numbers) -> tuple[float, Within, Numbers] | None:
        """Return the error in units of the tolerance, the states within and at the end; None without such."""
        method, mass = self._method, self._problem.mass
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", LinAlgWarning)
            matrix = mass / (method.gamma * h) - slopes
            if not np.all(np.isfinite(matrix)):
                return None
            factors = lu_factor(matrix, check_finite=False)
            for _ in range(AGREEMENTS):
                stages = self._stages(h, factors)
                end = self.y + method.m @ stages
                within = self._within(h, stages)
                tolerances = self._rtol * np.maximum(np.abs(self.y), np.abs(end)) + self._atol
                scaled = (method.error @ stages) / tolerances
                error = float(np.sqrt(np.mean(scaled**2)))
                if not np.isfinite(error) or not np.all(np.isfinite(end)):
                    return None
                if self._problem.agrees(within, h, tolerances):
                    return error, within, end
        return None

    def _stages(self, h: float, factors: Any) -> Numbers:
        method, problem = self._method, self._problem
        stages = np.zeros((method.stages, len(self.y)))
        by_time = h * problem.time_slopes(self.t, self.y, h)
        for i in range(method.stages):
            known = problem.forces(self.t + method.c[i] * h, self.y + method.a[i, :i] @ stages[:i])
            known = known + method.d[i] * by_time
            if i:
                known = known + problem.mass @ (method.c_matrix[i, :i] @ stages[:i]) / h
            stages[i] = lu_solve(factors, known, check_finite=False)
        return stages

    def _within(self, h: float, stages: Numbers) -> Within:
        start, before, after = self.t, self.y, self.y + self._method.m @ stages
        first, second, third = self._method.dense @ stages

        def within(times: Any) -> Numbers:
            theta = (np.asarray(times) - start) / h
            y0, y1, k1, k2, k3 = (
                part.reshape(-1, *(1,) * theta.ndim) for part in (before, after, first, second, third)
            )
            inner = k1 + theta * (k2 + theta * k3)
            return np.asarray((1 - theta) * y0 + theta * (y1 + (1 - theta) * inner))

        return within
