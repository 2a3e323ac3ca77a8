"""The decisions of a group-sequential trial from the statistics at its looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.trial.analysis.data import Flags, Integers


@dataclass(frozen=True)
class SequentialDecision:
    """When each replicate stopped, and why; every array is (n_replicates,).

    `look` counts from 0. `rejected`: the statistic reached its critical value (two-sided: in either
    direction). `futile`: it fell below the futility bound at an interim look.
    """

    look: Integers
    rejected: Flags
    futile: Flags


def decide(
    z: Numbers, critical_values: Numbers, *, sided: int = 1, futility: Numbers | None = None
) -> SequentialDecision:
    """Return the decisions under efficacy and futility boundaries.

    A trial stops at the first look with z >= c_k (two-sided: |z| >= c_k), or at an interim look with
    z < f_k; at a look where both hold, efficacy counts. Critical values that were computed without
    futility keep their type I error whether or not the futility bounds are followed.
    Arguments: z, positive towards benefit (n_replicates, n_looks); critical values (n_looks,); sides; and
    futility bounds for every look but the last (n_looks - 1,), -inf for none.
    Raises InputError where the numbers of looks differ or a two-sided test has futility bounds.
    """
    n_looks = z.shape[1]
    if len(critical_values) != n_looks:
        raise InputError.of(f"has {len(critical_values)} looks", key="critical_values", allowed=str(n_looks))
    if futility is not None and sided == 2:
        raise InputError.of("is for a one-sided test", key="futility", hint="leave it out or use sided = 1")
    if futility is not None and len(futility) != n_looks - 1:
        raise InputError.of(
            f"has {len(futility)} looks", key="futility", allowed=f"{n_looks - 1}, every look but the last"
        )
    efficacy = (np.abs(z) if sided == 2 else z) >= critical_values
    bounds = np.full(n_looks, -np.inf)
    if futility is not None:
        bounds[:-1] = futility
    stops = efficacy | (z < bounds)
    stops[:, -1] = True
    look = stops.argmax(axis=1)
    rejected = np.take_along_axis(efficacy, look[:, None], axis=1)[:, 0]
    return SequentialDecision(look, rejected, ~rejected & (look < n_looks - 1))
