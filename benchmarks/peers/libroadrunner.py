"""libRoadRunner: compiled right-hand side, CVODE; one patient after another, stopped at every dose."""

from __future__ import annotations

import numpy as np
import roadrunner
from peers.base import Numbers, Peer, pieces
from problems import Problem, Regimen


class LibRoadRunner(Peer):
    """One loaded model, reset for every patient; doses are set between calls of `simulate`, which was faster
    than writing them as SBML events (66 against 77 ms a patient with daily oral doses)."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        self._problem = problem
        self._model = roadrunner.RoadRunner(problem.sbml())
        self._model.timeCourseSelections = ["time", *problem.outputs]
        self._pieces = list(pieces(problem, regimen))

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Simulate the patients one after another."""
        self._model.integrator.relative_tolerance = rtol
        self._model.integrator.absolute_tolerance = rtol * 1e-3
        return np.array([self._patient(row) for row in parameters])

    def _patient(self, values: Numbers) -> Numbers:
        model, problem = self._model, self._problem
        model.resetAll()
        for name, value in zip(problem.varying, values, strict=True):
            model[name] = value
        kept = [np.array([model[name] for name in problem.outputs])[None]]
        for start, stop, times, happenings in self._pieces:
            if stop > start:
                with_end = [start, *times] if len(times) and times[-1] == stop else [start, *times, stop]
                solved = np.array(model.simulate(times=with_end))[:, 1:]
                kept.append(solved[1 : 1 + len(times)])
            for name, value in happenings:
                model[name] = value if name == problem.infusion_rate else model[name] + value
        return np.concatenate(kept)
