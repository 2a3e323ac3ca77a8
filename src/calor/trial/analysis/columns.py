"""Columns of design matrices that several estimators share; each (n_replicates, n_patients) or wider."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags, Integers
from calor.trial.analysis.estimate import ROUNDING, Contrast


def centred(values: Numbers, used: Flags) -> Numbers:
    """Return values minus their mean over the rows that count, 0 elsewhere and where all are equal.

    Arguments: values and which rows count, both (n_replicates, n_patients).
    """
    count = np.maximum(used.sum(axis=1), 1)
    mean = np.where(used, values, 0.0).sum(axis=1) / count
    deviations = np.where(used, values - mean[:, None], 0.0)
    varies = np.abs(deviations).max(axis=1, initial=0.0) > ROUNDING * np.abs(mean)
    return np.where(varies[:, None], deviations, 0.0)


def stratum_indicators(stratum: Integers | None, used: Flags) -> list[Numbers]:
    """Return indicators of every stratum that occurs; none where there are no strata.

    They add up to a column of ones, so that one of them depends on it: which one, each replicate settles by
    the strata that it has itself, whatever strata other replicates have.
    """
    if stratum is None:
        return []
    return [(stratum == code).astype(np.float64) for code in np.unique(stratum[used])]


def arm_indicators(arm: Integers, contrast: Contrast) -> list[Numbers]:
    """Return indicators of every arm but the contrast's control, its active arm last.

    The last coefficient is then the contrast, beside a column of ones.
    """
    codes = range(int(arm.max(initial=0)) + 1)
    others = [code for code in codes if code not in (contrast.control, contrast.active)]
    return [(arm == code).astype(np.float64) for code in (*others, contrast.active)]
