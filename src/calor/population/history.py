"""The life before a trial: from the injury to the day of screening, without any drug of the trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.progress import Progress
from calor.engine.batch import Batch, Kernel, Options, Status
from calor.population.patients import Numbers, Patients

PAIN = "pain_nrs"


@dataclass(frozen=True)
class History:
    """Where people stand on the day of screening.

    Arguments: the true pain on each run-in day, the last being the day of screening (n, n_days); the states
    on that day (n, n_states) with their names; and the status of each simulation (n,).
    """

    run_in_pain: Numbers
    states: Numbers
    state_names: tuple[str, ...]
    status: NDArray[np.int64]

    @property
    def lived(self) -> NDArray[np.bool_]:
        """Who could be simulated up to the day of screening."""
        return np.asarray(self.status == Status.FINISHED)


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
        outputs=(PAIN,),
        parameter_names=names,
        parameters=patients.matrix(names),
    )
    result = kernel.simulate(batch, options, progress)
    return History(result.outputs[:, :, 0], result.final_states, result.state_names, result.status)
