"""Analysis of covariance: arms compared at equal baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.trial.analysis.columns import centred, stratum_indicators
from calor.trial.analysis.data import ParallelData
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.linear import LinearFit, fit_linear
from calor.trial.analysis.method import Method


@dataclass(frozen=True)
class Ancova:
    """The adjusted difference of two arms, by ordinary least squares with exact t inference.

    outcome = arm mean + β (baseline - mean baseline) + stratum + period + error; the residual variance is
    pooled over all arms, df = n - number of independent columns. Strata and calendar periods, where the data
    have them, enter as a factor each.
    Raises InputError where the data hold no baseline. Source: Fisher (1932), Statistical Methods for
    Research Workers, 4th edition, section 49.1.
    """

    missing_data: ClassVar[str] = "patients without outcome or baseline are left out (complete cases)"

    def estimate(self, data: ParallelData, contrast: Contrast) -> Estimate:
        """Return the adjusted difference for every replicate."""
        weights = np.zeros(max(contrast.active, contrast.control) + 1)
        weights[contrast.active], weights[contrast.control] = 1.0, -1.0
        return self.combination(data, weights, contrast)

    def combination(self, data: ParallelData, weights: Numbers, asked: Contrast) -> Estimate:
        """Return a weighted sum of the arms' adjusted means for every replicate.

        Arguments: the data; the weight of each arm from 0 on, adding up to 0; and in which direction the sum
        is benefit, at which level its interval.
        """
        fit = fit_arms(data, max(int(data.arm.max(initial=0)) + 1, len(weights)))
        of_columns = np.zeros(fit.coefficients.shape[1])
        of_columns[: len(weights)] = weights
        return fit.contrast(of_columns, asked)


def fit_arms(data: ParallelData, n_arms: int) -> LinearFit:
    """Return the fit whose first coefficients are the means of so many arms at equal baseline.

    Raises InputError where the data hold no baseline.
    """
    if data.baseline is None:
        raise InputError.of("is missing", key="baseline", hint="the t test needs no baseline")
    used = data.randomised & ~np.isnan(data.outcome) & ~np.isnan(data.baseline)
    columns = [(data.arm == arm).astype(np.float64) for arm in range(n_arms)]
    columns.append(centred(data.baseline, used))
    columns += stratum_indicators(data.stratum, used) + stratum_indicators(data.period, used)
    return fit_linear(np.stack(columns, axis=2), data.outcome, used)


METHODS = (
    Method(
        name="ancova",
        estimator=Ancova(),
        adjusts_for_baseline=True,
        imputes=True,
        tips=True,
        of_means=True,
        combination=Ancova().combination,
    ),
)
