"""AMICI: the model as C++, CVODES with forward sensitivities, started anew at every dose.

The time is the one that AMICI itself gives for its solver: neither compiling nor handing results to Python
is counted.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# AMICI builds with the tools that were installed beside it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

import amici
import numpy as np
from amici.importers.sbml import SbmlImporter
from amici.sim import sundials
from peers.base import Numbers, Peer, by_logarithm, pieces
from problems import Problem, Regimen

RESERVED = r"\bauto\b"
"""Names of ours that AMICI writes into C++, where they mean something else."""
MOST_STEPS = 1_000_000


class AmiciCvodes(Peer):
    """One patient after another: all derivatives by all parameters but the infusion's rate."""

    derivatives = True

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        self._problem, self._milliseconds = problem, 0.0
        self._pieces = list(pieces(problem, regimen))
        self._model, folder = compiled(renamed(problem))
        self._folder = folder
        self._names = list(self._model.get_free_parameter_ids())
        self._typical = dict(zip(self._names, self._model.get_free_parameters(), strict=True))
        self._states = list(self._model.get_state_ids())
        self._solver = self._model.create_solver()
        self._solver.set_sensitivity_order(sundials.SensitivityOrder.first)
        self._solver.set_sensitivity_method(sundials.SensitivityMethod.forward)
        # The faster of its ways on this problem.
        self._solver.set_internal_sensitivity_method(sundials.InternalSensitivityMethod.staggered)
        self._solver.set_max_steps(MOST_STEPS)

    def clock(self) -> float:
        """Return the time that AMICI's solver has given."""
        return self._milliseconds / 1e3

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Return the derivatives as `by_logarithm` lays them out."""
        self._solver.set_relative_tolerance(rtol)
        self._solver.set_absolute_tolerance(rtol * 1e-3)
        values = self._problem.values(self._typical, parameters, self._names)
        return by_logarithm(np.array([self._patient(row) for row in values]), values)

    def _patient(self, values: Numbers) -> Numbers:
        """Return a patient's derivatives, (n_times, n_outputs, n_names)."""
        problem, model = self._problem, self._model.clone()
        model.set_free_parameters(values)
        kept = []
        for start, stop, times, happenings in self._pieces:
            if stop > start:
                asked = np.unique([*times, stop] if kept else [start, *times, stop])
                found = self._solved(model, start, asked)
                kept.append(found.sy[: len(asked) - (stop not in times)])
                state, slopes = np.array(found.x[-1]), np.array(found.sx[-1])
                model.set_initial_state_sensitivities(slopes.ravel())
            for name, value in happenings:
                if name == problem.infusion_rate:
                    model.set_fixed_parameter_by_id(name, value)
                else:
                    state[self._states.index(name)] += value
            if stop > start:
                model.set_initial_state(state)
        return np.moveaxis(np.concatenate(kept), 1, 2)

    def _solved(self, model: Any, start: float, times: Numbers) -> Any:
        model.set_t0(start)
        model.set_timepoints(times)
        found = sundials.run_simulation(model, self._solver)
        if found.status != sundials.AMICI_SUCCESS:
            raise RuntimeError("AMICI did not finish a patient")
        self._milliseconds += found.cpu_time
        return found


def renamed(problem: Problem) -> Problem:
    """Return the problem under names that AMICI can write into C++."""
    return replace(
        problem,
        antimony=re.sub(RESERVED, r"\g<0>_", problem.antimony),
        outputs=tuple(re.sub(RESERVED, r"\g<0>_", name) for name in problem.outputs),
    )


@lru_cache
def built(name: str, sbml: str, outputs: tuple[str, ...], fixed: str) -> tuple[Any, Any]:
    """Return AMICI's model and the folder that it was built in."""
    folder = tempfile.TemporaryDirectory()
    SbmlImporter(sbml, from_file=False).sbml2amici(
        f"calor_{name}",
        output_dir=folder.name,
        fixed_parameters=[fixed],
        observation_model=[amici.MeasurementChannel(id_=f"out_{o}", formula=o) for o in outputs],
        compute_conservation_laws=False,
    )
    return amici.import_model_module(f"calor_{name}", folder.name).get_model(), folder


def compiled(problem: Problem) -> tuple[Any, Any]:
    """Return the problem's model, built once for all regimens, and its folder."""
    return built(problem.name, problem.sbml(), problem.outputs, problem.infusion_rate)
