"""Ordinary least squares on many replicates at once, each with its own rows and its own rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags
from calor.trial.analysis.estimate import ROUNDING, Contrast, Estimate, estimability_of, t_estimate

RANK_TOLERANCE = 1e-10
"""Columns scaled to length 1 depend on each other where an eigenvalue of their cross-products is below this
fraction of the largest one."""


@dataclass(frozen=True)
class LinearFit:
    """A least-squares fit of every replicate.

    Arrays: coefficients (n_replicates, n_columns), of minimal length where columns depend on each other;
    pseudo-inverse of the cross-products and projection on the space of estimable contrasts (n_replicates,
    n_columns, n_columns); residual variance, its degrees of freedom and whether residuals vary, each
    (n_replicates,).
    """

    coefficients: Numbers
    inverse: Numbers
    estimable: Numbers
    residual_variance: Numbers
    degrees_of_freedom: Numbers
    varies: Flags

    def contrast(self, weights: Numbers, asked: Contrast) -> Estimate:
        """Return the inference of a weighted sum of coefficients; weights are (n_columns,)."""
        effect = self.coefficients @ weights
        variance = self.residual_variance * np.einsum("i,rij,j->r", weights, self.inverse, weights)
        reached = np.einsum("rij,j->ri", self.estimable, weights)
        enough = np.isclose(reached, weights, atol=1e-6).all(axis=1) & (self.degrees_of_freedom > 0)
        estimability = estimability_of(enough, self.varies)
        error = np.sqrt(np.maximum(variance, 0.0))
        return t_estimate(asked, effect, error, self.degrees_of_freedom, estimability)


def fit_linear(design: Numbers, outcome: Numbers, used: Flags) -> LinearFit:
    """Return the least-squares fit of the outcome on the design's columns in every replicate.

    β = (XᵀX)⁺ Xᵀ y with columns scaled to length 1, the inverse taken over the eigenvalues that stand out
    from rounding; σ² = |y - Xβ|² / (n - rank).
    Arguments: design (n_replicates, n_patients, n_columns), outcome and which rows count (n_replicates,
    n_patients). A covariate should come centred, so that rounding stays small.
    """
    rows = np.where(used[:, :, None], design, 0.0)
    response = np.where(used, outcome, 0.0)
    length = np.sqrt(np.einsum("rnp,rnp->rp", rows, rows))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    rows = rows * scale[:, None, :]
    values, vectors = np.linalg.eigh(np.swapaxes(rows, 1, 2) @ rows)
    kept = values > RANK_TOLERANCE * np.maximum(values[:, -1:], 1e-300)
    inverted = np.divide(1.0, values, out=np.zeros_like(values), where=kept)
    inverse = np.einsum("rik,rk,rjk->rij", vectors, inverted, vectors)
    projection = np.einsum("rik,rk,rjk->rij", vectors, kept.astype(np.float64), vectors)
    scaled = np.einsum("rij,rj->ri", inverse, np.einsum("rnp,rn->rp", rows, response))
    residuals = np.where(used, response - np.einsum("rnp,rp->rn", rows, scaled), 0.0)
    squares = np.einsum("rn,rn->r", residuals, residuals)
    degrees = (used.sum(axis=1) - kept.sum(axis=1)).astype(np.float64)
    size = np.sqrt(np.einsum("rn,rn->r", response, response))
    return LinearFit(
        coefficients=scaled * scale,
        inverse=inverse * scale[:, :, None] * scale[:, None, :],
        estimable=_in_original_columns(projection, length, scale),
        residual_variance=np.divide(squares, degrees, out=np.zeros_like(squares), where=degrees > 0),
        degrees_of_freedom=degrees,
        varies=np.sqrt(squares) > ROUNDING * size,
    )


def _in_original_columns(projection: Numbers, length: Numbers, scale: Numbers) -> Numbers:
    """Return, for weights on the original columns, the part that the data determine.

    The columns' weights c stand for c / length on the scaled columns; c is determined where the projection
    leaves c / length as it is. A column of zeros is determined nowhere.
    """
    return np.asarray(length[:, :, None] * projection * scale[:, None, :])
