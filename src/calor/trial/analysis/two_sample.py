"""Student's two-sample t test: the difference of two arms' means with their pooled variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags, ParallelData
from calor.trial.analysis.estimate import ROUNDING, Contrast, Estimate, estimability_of, t_estimate
from calor.trial.analysis.method import Method


@dataclass(frozen=True)
class TwoSampleT:
    """The difference of the means of two arms, with Student's t.

    effect = mean_1 - mean_0;  se = s √(1/n_1 + 1/n_0);  df = n_1 + n_0 - 2, where s² pools the two arms'
    variances. Other arms are left aside. Source: Student (1908), Biometrika 6:1-25.
    """

    missing_data: ClassVar[str] = "patients without an outcome are left out (complete cases)"

    def estimate(self, data: ParallelData, contrast: Contrast) -> Estimate:
        """Return the difference of means for every replicate."""
        observed = ~np.isnan(data.outcome)
        active = observed & (data.arm == contrast.active)
        control = observed & (data.arm == contrast.control)
        return difference_of_means(data.outcome, active, control, contrast)


def difference_of_means(values: Numbers, active: Flags, control: Flags, contrast: Contrast) -> Estimate:
    """Return Student's inference for the mean of one group minus the mean of another.

    Arguments: values and two disjoint groups, each (n_replicates, n_patients).
    """
    n_active, mean_active, squares_active = _moments(values, active)
    n_control, mean_control, squares_control = _moments(values, control)
    degrees = n_active + n_control - 2
    enough = (n_active > 0) & (n_control > 0) & (degrees > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (squares_active + squares_control) / degrees
        error = np.sqrt(variance * (1 / n_active + 1 / n_control))
    size = _largest(values, active | control)
    varies = np.sqrt(np.maximum(squares_active + squares_control, 0.0)) > ROUNDING * size
    estimability = estimability_of(enough, varies)
    return t_estimate(contrast, mean_active - mean_control, error, degrees, estimability)


def _moments(values: Numbers, group: Flags) -> tuple[Numbers, Numbers, Numbers]:
    """Return each replicate's count, mean (NaN where nobody counts) and sum of squares about the mean."""
    count = group.sum(axis=1).astype(np.float64)
    kept = np.where(group, values, 0.0)
    mean = np.divide(kept.sum(axis=1), count, out=np.full(count.shape, np.nan), where=count > 0)
    deviations = np.where(group, values - mean[:, None], 0.0)
    return count, mean, np.einsum("rn,rn->r", deviations, deviations)


def _largest(values: Numbers, group: Flags) -> Numbers:
    """Return the largest size of a value in each replicate, 0 where there is none."""
    return np.asarray(np.abs(np.where(group, values, 0.0)).max(axis=1, initial=0.0))


METHODS = (Method(name="t-test", estimator=TwoSampleT(), of_means=True),)
