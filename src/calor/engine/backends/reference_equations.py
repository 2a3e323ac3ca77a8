"""The equations of one patient between instants: rates, infusions and constraints put together."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.backends.reference_constraints import Constraints
from calor.engine.backends.reference_history import History
from calor.engine.backends.rosenbrock_solver import Within
from calor.engine.ir.program import Program


class Equations:
    """M dy/dt = g(t, y), M the unit matrix where there are no constraints; implements `Problem`.

    Arguments: the program; the patient's past; and the number of states (one more than the program's where
    that has none, so that there is something to integrate).
    """

    def __init__(self, program: Program, history: History, n_states: int) -> None:
        bind = history.bind
        self._program, self._n = program, n_states
        self._rates, self._jacobian = bind("derivatives"), bind("jacobian")
        self._time_derivative = bind("time_derivative")
        self._history = history
        self._delay_slopes = bind("delay_slopes") if program.delay_pattern else None
        self.forcing = np.zeros(n_states)
        self.constraints: Constraints | None = None
        if program.constraints:
            groups = ("constraints", "constraint_slopes", "constraint_time", "constraint_changes")
            self.constraints = Constraints(program, bind(*groups))

    @property
    def mass(self) -> Numbers:
        """The mass matrix (n_states, n_states)."""
        return np.eye(self._n) if self.constraints is None else self.constraints.mass

    def forces(self, time: float, states: Numbers) -> Numbers:
        """Return g (n_states,)."""
        rates = self.forcing.copy()
        rates[: len(self._program.state_names)] += self._rates(time, states)["derivatives"]
        if self.constraints is None:
            return rates
        return np.asarray(self.constraints.mass @ rates + self.constraints.forces(time, states))

    def slopes(self, time: float, states: Numbers) -> Numbers:
        """Return the derivatives of g by the states (n_states, n_states)."""
        dense = np.zeros((self._n, self._n))
        if self._program.jacobian_pattern:
            rows, columns = np.array(self._program.jacobian_pattern).T
            slopes = self._jacobian(time, states)["jacobian"]
            dense[rows, columns] = np.where(np.isfinite(slopes), slopes, 0.0)
        of_constraints = np.zeros((len(self._program.constraints), self._n))
        if self._delay_slopes is not None:
            followed = self._history.slopes_by_states(time, states)
            of_rates, of_constraints = self._through_delays(time, states, followed)
            dense[: len(of_rates)] += of_rates
        if self.constraints is None:
            return dense
        return np.asarray(
            self.constraints.mass @ dense + self.constraints.slopes(time, states, of_constraints)
        )

    def time_slopes(self, time: float, states: Numbers, step: float) -> Numbers:
        """Return the derivative of g by time (n_states,); `step` is the length of the step to be taken."""
        by_time = np.zeros(self._n)
        found = self._time_derivative(time, states)["time_derivative"]
        by_time[: len(found)] = np.where(np.isfinite(found), found, 0.0)
        of_constraints = np.zeros(len(self._program.constraints))
        if self._delay_slopes is not None:
            passing = self._history.slopes(time, states, step)
            of_rates, of_constraints = self._through_delays(time, states, passing)
            by_time[: len(of_rates)] += of_rates
        if self.constraints is None:
            return by_time
        return np.asarray(
            self.constraints.mass @ by_time + self.constraints.time_slopes(time, states, of_constraints)
        )

    def _through_delays(self, time: float, states: Numbers, slopes: Numbers) -> tuple[Numbers, Numbers]:
        """Return the derivatives of rates (n_rates, ...) and of constraints (n_constraints, ...) by delays.

        Arguments: the time; the states; the derivatives of what delays give (n_delays, ...).
        """
        assert self._delay_slopes is not None
        rows, columns = np.array(self._program.delay_pattern).T
        found = self._delay_slopes(time, states)["delay_slopes"]
        finite = np.where(np.isfinite(found), found, 0.0)
        n = len(self._program.state_names)
        both = np.zeros((n + len(self._program.constraints), *slopes.shape[1:]))
        np.add.at(both, rows, finite.reshape(-1, *(1,) * (slopes.ndim - 1)) * slopes[columns])
        return both[:n], both[n:]

    def agrees(self, within: Within, step: float, tolerances: Numbers) -> bool:
        """Return whether the forces were those of the step that they led to, where delays reach into it."""
        return self._history.agrees(within, step, tolerances)
