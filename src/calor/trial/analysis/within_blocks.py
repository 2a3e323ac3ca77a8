"""Analysis of covariance with blocks of consecutive patients as strata, whose number costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags, Integers, ParallelData
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.linear import LinearFit, fit_linear


def estimates_within_blocks(
    data: ParallelData, starts: Sequence[int], contrasts: Sequence[Contrast]
) -> list[Estimate]:
    """Return the contrasts that the analysis of covariance with each block as a stratum estimates.

    outcome = block + active arm's effect + β baseline (where the data have one) + error. A block's mean is
    taken out of every column (Frisch and Waugh 1933, Econometrica 1:387-401), so that effects, errors and
    degrees of freedom are those of `Ancova` with the blocks as strata.
    Arguments: the data, whose own strata are not looked at; the first place of each block, from 0 on, rising;
    and contrasts of active arms 1, 2, ... against the control 0.
    """
    n_active = max(int(data.arm.max(initial=0)), *(contrast.active for contrast in contrasts))
    fit, found = _fit(data, starts, n_active), []
    for contrast in contrasts:
        weights = np.zeros(fit.coefficients.shape[1])
        weights[contrast.active - 1] = 1.0
        found.append(fit.contrast(weights, contrast))
    return found


def _fit(data: ParallelData, starts: Sequence[int], n_active: int) -> LinearFit:
    used = data.randomised & ~np.isnan(data.outcome)
    if data.baseline is not None:
        used &= ~np.isnan(data.baseline)
    edges = np.asarray(starts)
    lengths = np.diff(edges, append=used.shape[1])
    count = np.add.reduceat(used, edges, axis=1, dtype=np.int64)
    columns = [(data.arm == active).astype(np.float64) for active in range(1, n_active + 1)]
    columns += [] if data.baseline is None else [data.baseline]
    centred = [_centred(each, used, edges, lengths, count) for each in (*columns, data.outcome)]
    fit = fit_linear(np.stack(centred[:-1], axis=2), centred[-1], used)
    blocks = (count > 0).sum(axis=1)
    degrees = fit.degrees_of_freedom - blocks
    squares = fit.residual_variance * fit.degrees_of_freedom
    return replace(
        fit,
        residual_variance=np.divide(squares, degrees, out=np.zeros_like(squares), where=degrees > 0),
        degrees_of_freedom=degrees,
    )


def _centred(values: Numbers, used: Flags, edges: Integers, lengths: Integers, count: Integers) -> Numbers:
    """Return values less the mean of their block over the rows that count, 0 elsewhere."""
    kept = np.where(used, values, 0.0)
    mean = np.add.reduceat(kept, edges, axis=1) / np.maximum(count, 1)
    return np.where(used, kept - np.repeat(mean, lengths, axis=1), 0.0)
