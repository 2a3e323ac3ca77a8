"""Cells of the bank that are made together: some worlds under one rival, with their people and courses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.population.screening import Screened


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
