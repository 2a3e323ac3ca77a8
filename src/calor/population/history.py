"""The life before a trial: from the injury to the day of screening, without any drug of the trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.engine.batch import Kernel, Options, Status
from calor.population.patients import Patients
from calor.population.simulation import Standing, simulate_people

PAIN = "pain_nrs"
SCREENED = ("temperature_difference", "tnf_tissue", "il6_tissue", "grip_share", "oedema", "guarding")
"""True outputs besides pain that can be measured at screening."""


@dataclass(frozen=True)
class History:
    """Where people stand on the day of screening.

    Arguments: the true pain on each run-in day, the last being the day of screening (n, n_days); where they
    stand on that day; the status of each simulation (n,); and other true outputs on that day (n,) by name.
    """

    run_in_pain: Numbers
    standing: Standing
    status: NDArray[np.int64]
    at_screening: Mapping[str, Numbers]

    @property
    def lived(self) -> NDArray[np.bool_]:
        """Who could be simulated up to the day of screening."""
        return np.asarray(self.status == Status.FINISHED)

    def take(self, rows: NDArray[np.int64]) -> History:
        """Return some of the people, by position."""
        at_screening = {name: values[rows] for name, values in self.at_screening.items()}
        return History(self.run_in_pain[rows], self.standing.take(rows), self.status[rows], at_screening)

    @classmethod
    def joined(cls, parts: Sequence[History]) -> History:
        """Return the people of several parts, of one model, in one."""
        return cls(
            np.concatenate([part.run_in_pain for part in parts]),
            Standing.joined([part.standing for part in parts]),
            np.concatenate([part.status for part in parts]),
            {
                name: np.concatenate([part.at_screening[name] for part in parts])
                for name in parts[0].at_screening
            },
        )


def live_to_screening(
    kernel: Kernel,
    patients: Patients,
    duration: Numbers,
    run_in_days: int,
    options: Options,
    progress: Progress,
    also: tuple[str, ...] = (),
) -> History:
    """Simulate patients from their injury to the day of screening.

    Arguments: the kernel of the untreated disease, the patients (n,), the time from injury to screening in
    days (n,), the number of run-in days, the engine's options, and true outputs on the day of screening that
    are kept besides `SCREENED`.
    """
    kept = tuple(dict.fromkeys((*SCREENED, *(name for name in also if name != PAIN))))
    days_back = np.arange(run_in_days - 1, -1, -1.0)
    run_in = np.maximum(duration[:, None] - days_back[None, :], 0.0)
    result = simulate_people(kernel, patients, run_in, (PAIN, *kept), options, progress)
    at_screening = {name: result.outputs[:, -1, 1 + place] for place, name in enumerate(kept)}
    standing = Standing(result.final_states, result.state_names)
    return History(result.outputs[:, :, 0], standing, result.status, at_screening)
