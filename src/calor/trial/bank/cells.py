"""Cells of the bank that are made together: some worlds under one rival, with their people and courses.

What comes of them is arrays by name, so that they can be kept, sent and read without running anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.population.history import History
from calor.population.patients import Patients
from calor.population.screening import Screened
from calor.population.simulation import Standing
from calor.store.piece_files import Arrays
from calor.study import Covariate


@dataclass(frozen=True)
class Cells:
    """People of some worlds under one rival and what happens to each under every course.

    Arguments: the position of the rival; the numbers of the worlds, rising by one (n_worlds,); how many
    eligible people each has, 0 for one that cannot run the trial (n_worlds,); these people (n,), world by
    world; true outputs under each course (n_courses, n, n_days, n_outputs) and the status of
    each simulation (n_courses, n); how many were screened, and how many of these could not be simulated.
    """

    rival: int
    worlds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    people: Screened
    outputs: Numbers
    statuses: NDArray[np.int64]
    screened: int
    failed: int

    def to_arrays(self) -> Arrays:
        """Return everything as arrays by name."""
        people, history = self.people, self.people.history
        return {
            "worlds": self.worlds,
            "sizes": self.sizes,
            "outputs": self.outputs,
            "statuses": self.statuses,
            "counts": np.array([self.rival, self.screened, self.failed]),
            "identifiers": people.patients.identifiers,
            "draws": people.patients.draws,
            **_stacked("values", people.patients.values),
            "run_in_pain": history.run_in_pain,
            "states": history.standing.states,
            "state_names": np.array(history.standing.names),
            "history_status": history.status,
            **_stacked("at_screening", history.at_screening),
            "slow_before": people.slow_before,
            **_stacked("covariates", people.covariates),
            "eligible": people.eligible,
        }

    @classmethod
    def of(cls, arrays: Arrays) -> Cells:
        """Return the cells that `to_arrays` wrote."""
        standing = Standing(arrays["states"], tuple(map(str, arrays["state_names"])))
        history = History(
            arrays["run_in_pain"], standing, arrays["history_status"], _rows(arrays, "at_screening")
        )
        covariates = {Covariate(name): row for name, row in _rows(arrays, "covariates").items()}
        patients = Patients(arrays["identifiers"], arrays["draws"], _rows(arrays, "values"))
        rival, screened, failed = (int(count) for count in arrays["counts"])
        return cls(
            rival=rival,
            worlds=arrays["worlds"],
            sizes=arrays["sizes"],
            people=Screened(patients, history, arrays["slow_before"], covariates, arrays["eligible"]),
            outputs=arrays["outputs"],
            statuses=arrays["statuses"],
            screened=screened,
            failed=failed,
        )


def _stacked(name: str, columns: Mapping[Any, Numbers]) -> Arrays:
    """Return columns of one length as one array, a row each, with their names."""
    names = np.array([str(each) for each in columns])
    return {name: np.array(list(columns.values())), f"{name}_names": names}


def _rows(arrays: Arrays, name: str) -> dict[str, Numbers]:
    return dict(zip(map(str, arrays[f"{name}_names"]), arrays[name], strict=True))
