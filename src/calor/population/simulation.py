"""People through a compiled model: from their injury, or from where they stand, under what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Progress
from calor.engine.batch import Batch, BatchResult, Kernel, Options
from calor.engine.calendar import Calendar
from calor.population.patients import Patients

ACCURACY = Options(rtol=1e-4, atol=1e-6)
"""How accurately people are simulated, in a fit and in a trial alike.

Pain of 99 in 100 people is right to 0.001, nobody's fate depends on it
(`tests/statistical/test_fates_hold.py`), and the numbers of a trial move by far less than their Monte Carlo
error; 1e-6 would take twice the engine's time.
"""


@dataclass(frozen=True)
class Standing:
    """Where people stand on a day: their states (n, n_states), with names."""

    states: Numbers
    names: tuple[str, ...]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Standing:
        """Return some of the people, by position or by a mask."""
        return Standing(self.states[rows], self.names)

    @classmethod
    def joined(cls, parts: Sequence[Standing]) -> Standing:
        """Return the people of several parts, of one model, in one."""
        return cls(np.concatenate([part.states for part in parts]), parts[0].names)


def simulate_people(
    kernel: Kernel,
    patients: Patients,
    at: Numbers,
    outputs: tuple[str, ...],
    options: Options,
    progress: Progress = SILENT,
    *,
    standing: Standing | None = None,
    calendars: Sequence[Calendar] | None = None,
) -> BatchResult:
    """Return true outputs of people, each with all parameters that the model has.

    Arguments: the kernel; the people (n,); times in days, shared (n_times,) or a row each (n, n_times), from
    the injury or from the day on which people stand; names of outputs; where people stand (None: at the
    injury, as the model begins); what each is given, in days from the same time (None: nothing). States that
    a drug adds start from their own initial values.
    """
    names = tuple(name for name in kernel.parameter_names if name in patients.values)
    batch = Batch(
        save_at=at,
        outputs=outputs,
        parameter_names=names,
        parameters=patients.matrix(names),
        state_names=standing.names if standing else (),
        states=standing.states if standing else None,
        calendars=(Calendar.empty(),) if calendars is None else calendars,
    )
    return kernel.simulate(batch, options, progress)
