"""Kenward and Roger's standard error and degrees of freedom for one coefficient of a repeated-measures model.

The adjusted variance adds what the estimate of Σ costs: c'Φ_A c = c'Φc + 2 Σ_ij W_ij c'Φ(Q_ij - P_i Φ P_j)Φc,
where Φ is the covariance of the coefficients, W the inverse expected information of the restricted likelihood
for the entries of Σ, P_i the derivative of Φ⁻¹ and Q_ij its second-order part. For a single contrast their
degrees of freedom are Satterthwaite's: 2 (c'Φc)² / (g'Wg), with g the gradient of c'Φc.
Source: Kenward and Roger (1997), Biometrics 53:983-97.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.patterns import PatternSums
from calor.trial.analysis.reml import Gls, duplication, kronecker_sum


@dataclass(frozen=True)
class SmallSample:
    """The adjusted variance of a contrast and its degrees of freedom, (n_replicates,) each."""

    variance: Numbers
    degrees_of_freedom: Numbers


def kenward_roger(sums: PatternSums, fit: Gls, weights: Numbers) -> SmallSample:
    """Return the small-sample inference of a weighted sum of coefficients.

    Arguments: the sums, the fit at the restricted maximum, and weights (n_replicates, n_responses *
    n_covariates), response by response.
    """
    n_replicates, n_responses, n_covariates = fit.covariance.shape[:3]
    size = n_responses * n_covariates
    covariance = fit.covariance.reshape(n_replicates, size, size)
    matrix = duplication(n_responses)
    precision = fit.precision
    reach = np.einsum("rij,rj->ri", covariance, weights)
    blocks = reach.reshape(n_replicates, 1, n_responses, n_covariates)
    weighted = precision @ blocks
    leverage = weighted @ sums.xx @ np.swapaxes(weighted, 2, 3)
    slopes = _information_slopes(sums, precision)
    curvature = precision @ fit.spread @ precision
    scaled = slopes @ covariance[:, None]
    information = (
        0.5 * _on_entries(sums.count[:, :, None, None] * precision, precision, matrix)
        - _on_entries(precision, curvature, matrix)
        + 0.5 * _traces(scaled)
    )
    uncertainty = np.linalg.inv(information)
    moved = np.einsum("rmij,rj->rmi", slopes, reach)
    cost = _on_entries(precision, leverage, matrix) - moved @ covariance @ np.swapaxes(moved, 1, 2)
    variance = np.einsum("ri,ri->r", weights, reach)
    gradient = leverage.sum(axis=1).reshape(n_replicates, -1) @ matrix
    spread = np.einsum("ri,rij,rj->r", gradient, uncertainty, gradient)
    return SmallSample(
        variance=variance + 2 * np.einsum("rij,rij->r", uncertainty, cost),
        degrees_of_freedom=2 * variance**2 / spread,
    )


def _on_entries(left: Numbers, right: Numbers, matrix: Numbers) -> Numbers:
    """Return Σ_k tr(∂_i left_k ∂_j right_k) over pairs of the entries of Σ."""
    return np.asarray(matrix.T @ kronecker_sum(left, right) @ matrix)


def _traces(matrices: Numbers) -> Numbers:
    """Return tr(A_i A_j) for matrices (n_replicates, m, size, size)."""
    flat = matrices.reshape(*matrices.shape[:2], -1)
    transposed = np.swapaxes(matrices, 2, 3).reshape(flat.shape)
    return np.asarray(flat @ np.swapaxes(transposed, 1, 2))


def _information_slopes(sums: PatternSums, precision: Numbers) -> Numbers:
    """Return P_i = -Σ_k Ω_k⁻¹ ∂_i Ω_k⁻¹ ⊗ xx_k for each entry of Σ: (n_replicates, n_entries, size, size)."""
    n_replicates, n_patterns, n_responses, _ = precision.shape
    rows, columns = np.triu_indices(n_responses)
    first = precision[:, :, :, rows]
    second = precision[:, :, :, columns]
    outer = np.einsum("rkam,rkbm->rmabk", first, second)
    inner = np.where((rows == columns)[:, None, None, None], outer, outer + np.swapaxes(outer, 2, 3))
    flat_xx = sums.xx.reshape(n_replicates, n_patterns, -1)
    product = inner.reshape(n_replicates, -1, n_patterns) @ flat_xx
    n_covariates = sums.xx.shape[2]
    shaped = product.reshape(n_replicates, len(rows), n_responses, n_responses, n_covariates, n_covariates)
    size = n_responses * n_covariates
    return np.asarray(-np.swapaxes(shaped, 3, 4).reshape(n_replicates, len(rows), size, size))
