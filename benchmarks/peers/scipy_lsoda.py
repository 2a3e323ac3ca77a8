"""scipy: LSODA through solve_ivp, the right-hand side by calor's NumPy interpreter; stopped at every dose."""

from __future__ import annotations

import numpy as np
from peers.base import Numbers, Peer, pieces
from problems import Problem, Regimen
from scipy.integrate import solve_ivp

from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower


class ScipyLsoda(Peer):
    """One patient after another in Python."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        self._problem = problem
        self._program = lower(load_sbml(problem.sbml()))
        self._rates = Interpreter(self._program, "derivatives")
        self._outputs = Interpreter(self._program, "outputs")
        self._initial = Interpreter(self._program, "initial")
        self._pieces = list(pieces(problem, regimen))

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Simulate the patients one after another."""
        return np.array([self._patient(row, rtol) for row in parameters])

    def _patient(self, values: Numbers, rtol: float) -> Numbers:
        program, problem = self._program, self._problem
        p = np.array(program.parameter_values)
        p[[program.parameter_names.index(name) for name in problem.varying]] = values
        wanted = [program.output_names.index(name) for name in problem.outputs]
        y = self._initial(0.0, np.zeros(len(program.state_names)), p)["initial"]
        kept = [self._outputs(0.0, y, p)["outputs"][wanted][None]]
        for start, stop, times, happenings in self._pieces:
            if stop > start:
                solved = solve_ivp(
                    lambda t, x: self._rates(t, x, p)["derivatives"],
                    (start, stop),
                    y,
                    method="LSODA",
                    t_eval=np.unique([*times, stop]),
                    rtol=rtol,
                    atol=rtol * 1e-3,
                )
                states = solved.y[:, : len(times)]
                if len(times):
                    kept.append(self._outputs(times, states, p[:, None])["outputs"][wanted].T)
                y = solved.y[:, -1].copy()
            for name, value in happenings:
                if name == problem.infusion_rate:
                    p[program.parameter_names.index(name)] = value
                else:
                    y[program.state_names.index(name)] += value
        return np.concatenate(kept)
