"""Effects of single patients, as an analysis of several cycles a patient estimates them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import stdtrit
from calor.trial.analysis.data import CrossoverData
from calor.trial.analysis.estimate import Contrast


@dataclass(frozen=True)
class IndividualEffects:
    """The effect in each patient, active minus control, by two estimates.

    Arguments: each patient's own estimate, from that patient's cycles alone, and the shrunken one, which
    draws it towards the mean of all, with the error of each (n_replicates, n_patients); NaN for a replicate
    without an estimate, and own for a patient without a whole cycle. The degrees of freedom of the variance
    within patients (n_replicates,).
    """

    own: Numbers
    own_error: Numbers
    shrunken: Numbers
    shrunken_error: Numbers
    degrees_of_freedom: Numbers

    def half_width(self, error: Numbers) -> Numbers:
        """Return half of the 95 % interval of estimates with some errors (n_replicates, n_patients)."""
        known = self.degrees_of_freedom > 0
        quantile = np.full(known.shape, np.nan)
        quantile[known] = stdtrit(self.degrees_of_freedom[known], 0.975)
        return np.asarray(quantile[:, None] * error)


Individuals = Callable[[CrossoverData, Contrast], IndividualEffects]
"""What estimates the effect in each patient."""
