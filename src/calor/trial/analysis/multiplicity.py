"""Adjusted p values for several hypotheses of one trial, on all replicates at once."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.study.analysis import Multiplicity


def adjusted_p_values(p_values: Numbers, method: Multiplicity) -> Numbers:
    """Return p values that may each be compared with the familywise level.

    Bonferroni: m p. Holm: over p in rising order, max over j <= i of (m - j + 1) p_(j). Hochberg: min over
    j >= i of (m - j + 1) p_(j), for independent or positively dependent tests. Fixed sequence: max over the
    hypotheses up to this one, in the order of the columns. Each at most 1.
    Arguments: p values (n_replicates, n_hypotheses). Raises InputError where one is not between 0 and 1.
    Source: Holm (1979), Scand J Stat 6:65-70; Hochberg (1988), Biometrika 75:800-2.
    """
    if p_values.ndim != 2 or not ((p_values >= 0) & (p_values <= 1)).all():
        raise InputError.of("are not p values", key="p_values", allowed="a table of numbers from 0 to 1")
    if method is Multiplicity.FIXED_SEQUENCE:
        return np.asarray(np.maximum.accumulate(p_values, axis=1))
    count = p_values.shape[1]
    if method is Multiplicity.BONFERRONI:
        return np.asarray(np.minimum(count * p_values, 1.0))
    order = np.argsort(p_values, axis=1, kind="stable")
    weighted = np.take_along_axis(p_values, order, axis=1) * np.arange(count, 0, -1)
    if method is Multiplicity.HOLM:
        stepped = np.maximum.accumulate(weighted, axis=1)
    else:
        stepped = np.minimum.accumulate(weighted[:, ::-1], axis=1)[:, ::-1]
    adjusted = np.empty_like(p_values)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=1)
    return adjusted
