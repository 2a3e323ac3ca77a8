"""A linear model whose errors share one correlation within clusters: REML, Kenward-Roger, one coefficient.

A cluster is whatever is alike in itself: the periods of a patient, the cycles of a patient, the patients of a
site.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.compound_symmetry import (
    ClusterSums,
    cluster_sums,
    fit_compound_symmetry,
    small_sample,
)
from calor.trial.analysis.data import Flags
from calor.trial.analysis.estimate import (
    ROUNDING_OF_SUMS,
    Contrast,
    Estimability,
    Estimate,
    estimability_of,
    t_estimate,
)
from calor.trial.analysis.patterns import orthonormal


@dataclass(frozen=True)
class SymmetricModel:
    """Outcomes of clusters with a design whose columns have been made orthonormal.

    Arguments: outcomes (n_replicates, n_clusters, n_members), NaN where none counts; the design of the
    members (..., n_columns), 0 where none counts; which columns are independent (n_replicates, n_columns);
    and by what the last coefficient is multiplied to be that of the column as it was given (n_replicates,).
    """

    outcome: Numbers
    design: Numbers
    kept: Flags
    scale: Numbers

    @property
    def seen(self) -> Flags:
        """Which outcomes count."""
        return ~np.isnan(self.outcome)

    @cached_property
    def sums(self) -> ClusterSums:
        """The cross-products that the likelihood needs."""
        return cluster_sums(self.design, self.outcome)

    @property
    def degrees_left(self) -> Numbers:
        """The outcomes less the independent columns, (n_replicates,)."""
        return np.asarray(self.seen.sum(axis=(1, 2)) - self.kept.sum(axis=1))

    @cached_property
    def enough(self) -> Flags:
        """Which replicates have the last coefficient, a cluster of two, and a variance to spare."""
        pairs = (self.seen.sum(axis=2) > 1).any(axis=1)
        return np.asarray(self.kept[:, -1] & pairs & (self.degrees_left > 1))


def symmetric_model(outcome: Numbers, randomised: Flags, columns: list[Numbers]) -> SymmetricModel:
    """Return the model of outcomes by columns of their shape.

    Arguments: outcomes (n_replicates, n_clusters, n_members), NaN where missing; and which clusters count
    (n_replicates, n_clusters), or members, in the outcome's shape.
    """
    counted = randomised[:, :, None] if randomised.ndim == 2 else randomised
    seen = counted & ~np.isnan(outcome)
    design = np.where(seen[..., None], np.stack(columns, axis=3), 0.0)
    rows = design.reshape(len(design), seen.shape[1] * seen.shape[2], len(columns))
    transform, kept = orthonormal(np.swapaxes(rows, 1, 2) @ rows)
    return SymmetricModel(
        np.where(seen, outcome, np.nan), design @ transform[:, None], kept, transform[:, -1, -1]
    )


def last_coefficient(model: SymmetricModel, contrast: Contrast) -> Estimate:
    """Return the inference on the coefficient of the last column, by what the contrast asks."""
    enough, sums = model.enough, model.sums
    effect, error, degrees = (np.full(len(enough), np.nan) for _ in range(3))
    varies = np.ones(len(enough), dtype=bool)
    settled = np.ones(len(enough), dtype=bool)
    if enough.any():
        part, scale = sums.where(enough), model.scale[enough]
        fit = fit_compound_symmetry(part)
        effect[enough] = fit.coefficients[:, -1] * scale
        largest = np.nanmax(np.abs(model.outcome[enough]), axis=(1, 2))
        varying = np.sqrt(fit.residual_variance) > ROUNDING_OF_SUMS * largest
        varies[enough] = varying
        rows = np.flatnonzero(enough)[varying]
        variance, degrees[rows] = small_sample(part.where(varying), fit.where(varying))
        settled[rows] = (variance > 0) & (degrees[rows] > 0)
        error[rows] = np.sqrt(np.maximum(variance, 0.0)) * scale[varying]
    estimability = estimability_of(enough, varies)
    estimability[~settled] = Estimability.NOT_CONVERGED
    return t_estimate(contrast, effect, error, degrees, estimability)


def about_mean(outcome: Numbers) -> Numbers:
    """Return outcomes minus their replicate's mean, (n_replicates, n_clusters, n_members).

    It moves the intercept alone, and rounding stays small.
    """
    seen = ~np.isnan(outcome)
    count = np.maximum(seen.sum(axis=(1, 2), keepdims=True), 1)
    return np.asarray(outcome - np.where(seen, outcome, 0.0).sum(axis=(1, 2), keepdims=True) / count)
