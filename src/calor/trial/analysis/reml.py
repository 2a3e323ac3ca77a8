"""Restricted maximum likelihood for repeated measures with an unstructured covariance, many trials at once.

Responses of a patient: y ~ N(B'x, Σ), observed in part; Σ is the same in every arm. Fisher scoring on Σ with
the information of maximum likelihood, which misses the restricted one by a share of covariates over patients;
where a step would leave the positive definite matrices, an EM step is taken, which cannot.
Source: Jennrich and Schluchter (1986), Biometrics 42:805-20; Laird, Lange and Stram (1987), J Am Stat Assoc
82:97-105.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags
from calor.trial.analysis.patterns import PatternSums

TOLERANCE = 1e-9
MOST_ITERATIONS = 200
SINGULAR = 1e-6
"""The least eigenvalue of the fitted correlations below which visits determine each other."""


@dataclass(frozen=True)
class Gls:
    """The generalised least-squares fit at a given covariance.

    Arguments: `precision`, the inverse of each pattern's covariance, 0 where not observed (n_replicates,
    n_patterns, n_responses, n_responses); coefficients (n_replicates, n_covariates, n_responses); their
    covariance (n_replicates, n_responses, n_covariates, n_responses, n_covariates); and `spread`, the sums
    over each pattern's patients of the variance of their fitted responses, shaped as `precision`.
    """

    precision: Numbers
    coefficients: Numbers
    covariance: Numbers
    spread: Numbers


@dataclass(frozen=True)
class RemlFit:
    """The fitted covariance Σ (n_replicates, n_responses, n_responses) and whether the iteration settled."""

    sigma: Numbers
    converged: Flags


def generalised_least_squares(sums: PatternSums, sigma: Numbers, allowed: Flags) -> Gls:
    """Return the coefficients given Σ.

    Arguments: the sums, Σ (n_replicates, n_responses, n_responses) and which covariates act on which response
    (n_replicates, n_responses, n_covariates); the others' coefficients are 0.
    """
    seen = sums.observed.astype(np.float64)
    both = seen[:, :, None] * seen[:, None, :]
    absent = np.eye(sums.n_responses) * (1 - seen)[:, :, None]
    precision = np.linalg.inv(sigma[:, None] * both + absent) * both
    n_replicates, n_responses, n_covariates = allowed.shape
    size = n_responses * n_covariates
    free = allowed.reshape(n_replicates, size)
    information = kronecker_sum(precision, sums.xx)
    information = np.where(free[:, :, None] & free[:, None, :], information, 0.0)
    information[:, np.arange(size), np.arange(size)] += ~free
    covariance: Numbers = np.asarray(np.linalg.inv(information), dtype=np.float64)
    covariance[:, np.arange(size), np.arange(size)] -= ~free
    right = np.swapaxes((sums.xy @ precision).sum(axis=1), 1, 2).reshape(n_replicates, size)
    fitted = np.einsum("rij,rj->ri", covariance, right).reshape(allowed.shape)
    blocks = covariance.reshape(n_replicates, n_responses, n_covariates, n_responses, n_covariates)
    pairs = np.swapaxes(blocks, 2, 3).reshape(n_replicates, n_responses**2, n_covariates**2)
    spread = np.swapaxes(pairs @ np.swapaxes(_flat(sums.xx), 1, 2), 1, 2).reshape(precision.shape)
    return Gls(precision, np.swapaxes(fitted, 1, 2), blocks, spread)


def kronecker_sum(left: Numbers, right: Numbers) -> Numbers:
    """Return Σ_k left_k ⊗ right_k for (n_replicates, n_patterns, a, a) and (..., b, b): (..., ab, ab)."""
    n_replicates, _, a, _ = left.shape
    b = right.shape[2]
    product = np.swapaxes(_flat(left), 1, 2) @ _flat(right)
    return np.swapaxes(product.reshape(n_replicates, a, a, b, b), 2, 3).reshape(n_replicates, a * b, a * b)


def _flat(matrices: Numbers) -> Numbers:
    return matrices.reshape(*matrices.shape[:2], matrices.shape[2] * matrices.shape[3])


def duplication(size: int) -> Numbers:
    """Return D with vec(Σ) = D θ, where θ holds the size (size + 1) / 2 entries on and above the diagonal."""
    rows, columns = np.triu_indices(size)
    matrix = np.zeros((size, size, len(rows)))
    matrix[rows, columns, np.arange(len(rows))] = 1.0
    matrix[columns, rows, np.arange(len(rows))] = 1.0
    return matrix.reshape(size * size, len(rows))


def fit_reml(sums: PatternSums, allowed: Flags) -> RemlFit:
    """Return Σ at the maximum of the restricted likelihood.

    Arguments: the sums, with orthonormal covariates, and which covariates act on which response
    (n_replicates, n_responses, n_covariates). Every pair of responses must be seen together in more
    patients than there are covariates and responses.
    """
    sigma = _start(sums, allowed)
    converged = np.zeros(len(sigma), dtype=bool)
    singular = np.zeros(len(sigma), dtype=bool)
    for _ in range(MOST_ITERATIONS):
        running = ~(converged | singular)
        if not running.any():
            break
        part, current = sums.rows(running), sigma[running]
        following = _step(part, current, allowed[running])
        scale = np.sqrt(np.einsum("raa,rbb->rab", current, current))
        change = (np.abs(following - current) / scale).max(axis=(1, 2))
        sigma[running] = following
        smallest = np.linalg.eigvalsh(_correlation(following, following)).min(axis=1)
        singular[running] = smallest < SINGULAR
        converged[running] = (change < TOLERANCE) & (smallest >= SINGULAR)
    return RemlFit(sigma, converged)


def _start(sums: PatternSums, allowed: Flags) -> Numbers:
    """Return the diagonal matrix of residual variances of each response's own least-squares fit."""
    _, squares = ordinary_least_squares(sums, allowed)
    degrees = sums.count @ sums.observed - allowed.sum(axis=2)
    return np.asarray(np.einsum("ra,ab->rab", squares / degrees, np.eye(sums.n_responses)))


def ordinary_least_squares(sums: PatternSums, allowed: Flags) -> tuple[Gls, Numbers]:
    """Return the fit of each response on its own, and its sums of squared residuals.

    The sums of squares are (n_replicates, n_responses).
    """
    identity = np.broadcast_to(np.eye(sums.n_responses), (len(sums.count), *[sums.n_responses] * 2))
    fit = generalised_least_squares(sums, identity, allowed)
    return fit, np.asarray(np.einsum("rkaa->ra", residual_products(sums, fit)))


def residual_products(sums: PatternSums, fit: Gls) -> Numbers:
    """Return each pattern's cross-products of residuals, 0 where not observed."""
    coefficients = fit.coefficients[:, None]
    transposed = np.swapaxes(coefficients, 2, 3)
    explained = transposed @ sums.xy
    products = sums.yy - explained - np.swapaxes(explained, 2, 3) + transposed @ sums.xx @ coefficients
    both = sums.observed[:, :, None] & sums.observed[:, None, :]
    return np.where(both, products, 0.0)


def _step(sums: PatternSums, sigma: Numbers, allowed: Flags) -> Numbers:
    """Return Σ after a scoring step, or after an EM step where that is not positive definite."""
    fit = generalised_least_squares(sums, sigma, allowed)
    inner = residual_products(sums, fit) + fit.spread
    precision = fit.precision
    gradient = (precision @ inner @ precision - sums.count[:, :, None, None] * precision).sum(axis=1)
    matrix = duplication(sums.n_responses)
    information = matrix.T @ kronecker_sum(sums.count[:, :, None, None] * precision, precision) @ matrix
    score = gradient.reshape(len(sigma), -1) @ matrix
    change = np.linalg.solve(information, score[:, :, None])[:, :, 0] @ matrix.T
    scored = sigma + change.reshape(sigma.shape)
    expected = sigma + sigma @ gradient @ sigma / sums.count.sum(axis=1)[:, None, None]
    definite = np.linalg.eigvalsh(_correlation(scored, sigma)).min(axis=1) > SINGULAR
    following = np.where(definite[:, None, None], scored, expected)
    return np.asarray((following + np.swapaxes(following, 1, 2)) / 2)


def _correlation(matrix: Numbers, reference: Numbers) -> Numbers:
    """Return a matrix scaled by the standard deviations of a reference."""
    scale = np.sqrt(np.einsum("raa->ra", reference))
    return np.asarray(matrix / scale[:, :, None] / scale[:, None, :])
