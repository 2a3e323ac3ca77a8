"""The life before a trial: from the injury to the day of screening, without any drug of the trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.progress import Progress
from calor.engine.batch import Batch, Kernel, Options, Status
from calor.population.patients import Numbers, Patients

PAIN = "pain_nrs"
SCREENED = ("temperature_difference", "tnf_tissue", "il6_tissue", "grip_share")
"""True outputs besides pain that can be measured at screening."""


@dataclass(frozen=True)
class History:
    """Where people stand on the day of screening.

    Arguments: the true pain on each run-in day, the last being the day of screening (n, n_days); the states
    on that day (n, n_states) with their names; the status of each simulation (n,); and other true outputs on
    that day (n,) by name.
    """

    run_in_pain: Numbers
    states: Numbers
    state_names: tuple[str, ...]
    status: NDArray[np.int64]
    at_screening: Mapping[str, Numbers]

    @property
    def lived(self) -> NDArray[np.bool_]:
        """Who could be simulated up to the day of screening."""
        return np.asarray(self.status == Status.FINISHED)

    def take(self, rows: NDArray[np.int64]) -> History:
        """Return some of the people, by position."""
        at_screening = {name: values[rows] for name, values in self.at_screening.items()}
        return History(
            self.run_in_pain[rows], self.states[rows], self.state_names, self.status[rows], at_screening
        )

    @classmethod
    def joined(cls, parts: Sequence[History]) -> History:
        """Return the people of several parts, of one model, in one."""
        return cls(
            np.concatenate([part.run_in_pain for part in parts]),
            np.concatenate([part.states for part in parts]),
            parts[0].state_names,
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
) -> History:
    """Simulate patients from their injury to the day of screening.

    Arguments: the kernel of the untreated disease, the patients (n,), the time from injury to screening in
    days (n,), the number of run-in days, and the engine's options.
    """
    names = tuple(name for name in kernel.parameter_names if name in patients.values)
    days_back = np.arange(run_in_days - 1, -1, -1.0)
    batch = Batch(
        save_at=np.maximum(duration[:, None] - days_back[None, :], 0.0),
        outputs=(PAIN, *SCREENED),
        parameter_names=names,
        parameters=patients.matrix(names),
    )
    result = kernel.simulate(batch, options, progress)
    at_screening = {name: result.outputs[:, -1, 1 + place] for place, name in enumerate(SCREENED)}
    return History(
        result.outputs[:, :, 0], result.final_states, result.state_names, result.status, at_screening
    )
