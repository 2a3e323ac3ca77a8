"""Inference after a group-sequential trial, by the stage-wise ordering of what it may end with.

Ending at an earlier look above its bound is stronger evidence of benefit than ending later; at one look, a
larger statistic is. The probability of evidence as strong or stronger, as a function of the drift, gives
p value, confidence bounds and the median-unbiased estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtr, ndtri
from calor.trial.theory.boundaries import Boundaries
from calor.trial.theory.sequential import TAIL, Continuation, narrowest_scales

LARGEST_SCORE = 8.0
"""Beyond it the drift follows the statistic as it does in a trial of one look."""

LARGEST_DRIFT = 40.0
"""Bound of the drifts that are looked for, and of the statistics that they move."""

GRID_STEP = 0.1
"""Steps of the statistic between which the drift is interpolated; the error stays below 1e-6."""

BISECTIONS = 55


@dataclass(frozen=True)
class StagewiseOrdering:
    """The ordering of the outcomes of a group-sequential test.

    Arguments: the boundaries; and lower bounds (n_looks,) below which the trial ends, or None for those of
    the test itself.
    Source: Tsiatis, Rosner and Mehta (1984), Biometrics 40:797-803; Jennison and Turnbull (2000), Group
    Sequential Methods, chapter 8.
    """

    bounds: Boundaries
    lower: Numbers | None = None

    def tail(self, look: int, z: Numbers, drift: Numbers) -> Numbers:
        """Return the probability of evidence as strong as statistics at a look, or stronger.

        Σ_{j<k} P(end above at look j) + P(reach look k, Z_k >= z). The density under a drift θ is that
        without one times exp(θ √t z - θ² t / 2). Arguments: the look from 0; statistics and drifts (the mean
        of the statistic at information 1), (m,) each.
        """
        information, critical = self.bounds.information, self.bounds.critical_values
        total = np.zeros(len(z))
        for earlier in range(look):
            bound = np.full(len(z), critical[earlier])
            total += _above(self._states[earlier], bound, float(information[earlier]), drift)
        return total + _above(self._states[look], z, float(information[look]), drift)

    def drift(self, look: int, z: Numbers, probability: float) -> Numbers:
        """Return the drift under which evidence as strong or stronger has a probability, (m,).

        1/2 gives the median-unbiased estimate, α/2 and 1 - α/2 the confidence bounds. NaN where z is.
        """
        if look == 0:
            return np.asarray((z + ndtri(probability)) / np.sqrt(self.bounds.information[0]))
        held = np.clip(z, -LARGEST_SCORE, LARGEST_SCORE)
        beyond = (z - held) / np.sqrt(self.bounds.information[look])
        return np.asarray(self._interpolated(look, probability)(held) + beyond, dtype=np.float64)

    def _interpolated(self, look: int, probability: float) -> Callable[[Numbers], Numbers]:
        key = (look, probability)
        if key not in self._splines:
            steps = round(2 * LARGEST_SCORE / GRID_STEP)
            grid = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, steps + 1)
            low, high = np.full(len(grid), -LARGEST_DRIFT), np.full(len(grid), LARGEST_DRIFT)
            for _ in range(BISECTIONS):
                middle = (low + high) / 2
                less = self.tail(look, grid, middle) < probability
                low, high = np.where(less, middle, low), np.where(less, high, middle)
            from scipy.interpolate import CubicSpline  # SciPy takes long to load

            self._splines[key] = CubicSpline(grid, (low + high) / 2)
        return self._splines[key]

    @cached_property
    def _splines(self) -> dict[tuple[int, float], Callable[[Numbers], Numbers]]:
        return {}

    @cached_property
    def _states(self) -> list[Continuation]:
        """The density without a drift among the trials that reach each look, before it."""
        information = self.bounds.information
        lower = self.bounds.lower if self.lower is None else self.lower
        scales = narrowest_scales(information)
        states = [Continuation.start()]
        for look, fraction in enumerate(information[:-1]):
            reach = TAIL + LARGEST_DRIFT * float(np.sqrt(fraction))
            states.append(
                states[-1].go_on(
                    max(float(lower[look]), -reach),
                    float(self.bounds.critical_values[look]),
                    float(fraction),
                    0.0,
                    scales[look],
                    reach,
                )
            )
        return states


def _above(state: Continuation, bound: Numbers, information: float, drift: Numbers) -> Numbers:
    """Return the probability, under each drift, of reaching a look and lying above a bound there, (m,)."""
    step = information - state.information
    tilt = drift[:, None] * np.sqrt(state.information)
    masses = state.masses * np.exp(tilt * state.nodes - tilt**2 / 2)
    mean = state.nodes * np.sqrt(state.information) + drift[:, None] * step
    return np.asarray(
        (masses * ndtr((mean - bound[:, None] * np.sqrt(information)) / np.sqrt(step))).sum(axis=1)
    )
