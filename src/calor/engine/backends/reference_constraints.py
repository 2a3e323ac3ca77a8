"""The constraints of one patient: the solution at an instant, and the equations between instants.

With c the constraints' values, N the matrix of the changes that keep them (n_states, n_constraints) and P the
orthogonal projection onto the columns of N, states follow the differential-algebraic equations of index 1

    (I - P) dy/dt = (I - P) f(t, y) + N c(t, y),

which say that what N leaves alone follows the rates f, and that N c, so c, is zero. Where c is the rates of
fast reactions and N their stoichiometries, what N leaves alone are the conserved sums of the fast reactions,
and the equations are the limit of infinitely fast ones.

Source: E. Hairer and G. Wanner, Solving Ordinary Differential Equations II, chapter VI; for fast reactions
also N. Fenichel, J. Differential Equations 31:53, 1979.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.engine.ir.interpreter import Values
from calor.engine.ir.program import Program

NEWTON_STEPS, HALVINGS = 60, 12
CONVERGED = 1e-13
"""The change of a state, relative to what it is or was, at which Newton's method has converged."""
ROUNDING = 64 * np.finfo(np.float64).eps
"""The rounding of a few operations, relative to what enters them."""
RANK = 1e-10
"""Columns of changes, each of length 1, count as independent where their singular values exceed this."""

FLOW_STEPS, FLOW_ERROR, NEAR_REST = 2000, 0.02, 1e-3
"""Steps of a flow on its way to rest at most; the relative error of one; and the relative change of a long
step at which Newton's method takes over."""
FIRST_MOVE = 1e-3
"""How far the first step of a flow goes, relative to the states that flow."""

Evaluate = Callable[..., Values]


class NoSolution(Exception):
    """No state nearby satisfies the constraints."""


class Constraints:
    """Settles states and gives the matrix and forces of the equations.

    Arguments: the program; and what computes its groups `constraints`, `constraint_slopes`,
    `constraint_time` and `constraint_changes` from time and states.
    """

    def __init__(self, program: Program, evaluate: Evaluate) -> None:
        self._plans, self._evaluate = program.constraints, evaluate
        self._pattern = np.array(program.constraint_pattern, dtype=np.int64).reshape(-1, 2).T
        self._n = len(program.state_names)
        self._flows: NDArray[np.bool_] = np.array([plan.flows for plan in self._plans], dtype=np.bool_)
        self._columns = np.repeat(np.arange(len(self._plans)), [len(plan.targets) for plan in self._plans])
        self._rows = np.array([slot for plan in self._plans for slot in plan.targets], dtype=np.int64)
        self._changes = np.zeros((self._n, len(self._plans)))
        self._idle: NDArray[np.bool_] = np.zeros(len(self._plans), dtype=np.bool_)
        self.mass = np.eye(self._n)

    def settle(self, time: float, states: Numbers) -> None:
        """Bring states (n_states,), in place, to where the constraints hold; raises NoSolution."""
        changes = self._evaluate(time, states)["constraint_changes"]
        self._changes[:] = 0.0
        np.add.at(self._changes, (self._rows, self._columns), changes)
        self._solve(time, states, ~self._flows)
        if self._flows.any():
            self._find_idle(time, states)
            if (self._flows & ~self._idle).any():
                self._flow_to_rest(time, states)
                self._solve(time, states, ~self._idle)
                self._find_idle(time, states)
        basis = _basis(self._changes[:, ~self._idle])
        self.mass = np.eye(self._n) - basis @ basis.T

    def resolution(self, time: float, states: Numbers, sizes: Numbers) -> Numbers:
        """Return what rounding alone makes of states (n_states,), from the sizes of all."""
        active = ~self._idle
        changes, basis = self._changes[:, active], _basis(self._changes[:, active])
        slopes = self._dense(self._evaluate(time, states)["constraint_slopes"])[active]
        back = np.linalg.pinv(basis.T @ changes @ slopes @ basis)
        from_values = np.abs(basis @ back @ basis.T @ changes) @ (np.abs(slopes) @ sizes)
        return np.asarray(ROUNDING * (np.abs(basis @ basis.T) @ sizes + from_values))

    def wakes(self, time: float, states: Numbers) -> bool:
        """Return whether a constraint that was idle is so no more."""
        if not self._idle.any():
            return False
        return bool(np.any(self._evaluate(time, states)["constraints"][self._idle] != 0.0))

    def forces(self, time: float, states: Numbers) -> Numbers:
        """Return N c (n_states,)."""
        return np.asarray(self._changes @ self._evaluate(time, states)["constraints"])

    def slopes(self, time: float, states: Numbers, more: Numbers | float = 0.0) -> Numbers:
        """Return the derivatives of N c by the states (n_states, n_states), with more that c has."""
        slopes = self._dense(self._evaluate(time, states)["constraint_slopes"])
        return np.asarray(self._changes @ (slopes + more))

    def time_slopes(self, time: float, states: Numbers, more: Numbers) -> Numbers:
        """Return the derivative of N c by time (n_states,), with more that c has (n_constraints,)."""
        return np.asarray(self._changes @ (self._evaluate(time, states)["constraint_time"] + more))

    def _dense(self, slopes: Numbers) -> Numbers:
        dense = np.zeros((len(self._plans), self._n))
        dense[self._pattern[0], self._pattern[1]] = np.where(np.isfinite(slopes), slopes, 0.0)
        return dense

    def _find_idle(self, time: float, states: Numbers) -> None:
        """Find the flows that are nothing, and stay so however constraints may move states near by."""
        found = self._evaluate(time, states)
        by_moves = self._dense(found["constraint_slopes"])[:, self._changes.any(axis=1)]
        still = (found["constraints"] == 0.0) & ~by_moves.any(axis=1)
        self._idle = self._flows & still

    def _solve(self, time: float, states: Numbers, chosen: NDArray[np.bool_]) -> None:
        """Solve the chosen constraints by Newton's method, moving states along their changes.

        Flows that together only go round are one: they rest where nothing moves, not each for itself. A step
        is halved until the next one would be shorter, which makes the method independent of units.
        Source: P. Deuflhard, Newton Methods for Nonlinear Problems, section 3.3.
        """
        if not chosen.any():
            return
        changes = self._changes[:, chosen]
        basis = _basis(changes)
        sizes = np.abs(states)

        def residuals(point: Numbers) -> Numbers:
            return np.asarray(basis.T @ changes @ self._evaluate(time, point)["constraints"][chosen])

        for _ in range(NEWTON_STEPS):
            slopes = self._dense(self._evaluate(time, states)["constraint_slopes"])[chosen]
            matrix = basis.T @ changes @ slopes @ basis
            move = _solution(matrix, -residuals(states))
            length, share = float(np.linalg.norm(move)), 1.0
            for _ in range(HALVINGS):
                point = states + share * (basis @ move)
                again = _solution(matrix, -residuals(point), or_none=True)
                if again is not None and np.linalg.norm(again) <= (1.0 - share / 4.0) * length:
                    break
                share /= 2.0
            else:
                if np.all(np.abs(basis @ move) <= 1e3 * CONVERGED * np.maximum(sizes, np.abs(states))):
                    return  # at the limit of rounding
                raise NoSolution
            states[:] = point
            sizes = np.maximum(sizes, np.abs(states))
            if share == 1.0 and np.all(np.abs(basis @ move) <= CONVERGED * sizes):
                return
        raise NoSolution

    def _flow_to_rest(self, time: float, states: Numbers) -> None:
        """Follow the flows alone, which are infinitely fast, nearly to where they rest.

        By linearly implicit Euler steps, each compared with two of half its length, that grow without bound:
        from where several states of rest are possible they lead to the one that is reached.
        """
        moving = self._changes[:, self._flows].any(axis=1)
        mass = np.diag(np.where(self._changes[:, ~self._flows].any(axis=1), 0.0, 1.0))
        force = np.abs(self.forces(time, states)[moving])
        scale = float(np.max(np.abs(states[moving]), initial=0.0))
        if not force.any():
            return
        span = FIRST_MOVE * (scale or 1.0) / float(force.max())

        def moved(point: Numbers, span: float) -> Numbers:
            return point + _solution(mass / span - self.slopes(time, point), self.forces(time, point))

        for _ in range(FLOW_STEPS):
            once = moved(states, span)
            half = moved(states, 0.5 * span)
            twice = moved(half, 0.5 * span)
            size = np.maximum(np.abs(states), 1e-3 * max(scale, float(np.max(np.abs(twice[moving])))))
            off = float(np.max(np.abs(twice - once)[moving] / size[moving]))
            if not np.all(np.isfinite(twice)) or off > 4.0 * FLOW_ERROR:
                span *= 0.25
                continue
            change = float(np.max(np.abs(twice - states)[moving] / size[moving]))
            states[:] = twice
            span *= 4.0 if off < FLOW_ERROR / 16.0 else 1.5 if off < FLOW_ERROR else 0.7
            if change < NEAR_REST and span * float(np.max(np.abs(self.slopes(time, states)))) > 1e6:
                return
        raise NoSolution


def _basis(columns: Numbers) -> Numbers:
    """Return an orthonormal basis (n, rank) of what columns span."""
    lengths = np.linalg.norm(columns, axis=0)
    columns = columns[:, lengths > 0.0] / lengths[lengths > 0.0]
    vectors, values, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(vectors[:, values > RANK])


def _solution(matrix: Numbers, known: Numbers, *, or_none: bool = False) -> Numbers:
    try:
        found = np.linalg.solve(matrix, known)
    except np.linalg.LinAlgError:
        found = np.full_like(known, np.nan)
    if not np.all(np.isfinite(found)) and not or_none:
        raise NoSolution
    return np.asarray(found)
