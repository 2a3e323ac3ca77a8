"""Importance-corrected posterior: draws of an approximation, weighted by what the simulator says of them.

w = prior x likelihood / approximation. The mean weight is the evidence. The tail of the weights is smoothed
by a generalised Pareto distribution, whose shape says whether they can be trusted (below 0.7).
Source: Vehtari et al. (2024), Pareto smoothed importance sampling, J Mach Learn Res 25(72).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import Numbers, Problem, log_prior


@dataclass(frozen=True)
class WeightedDraws:
    """Posterior draws with weights that sum to 1, and how far they can be trusted.

    Arguments: points (n, n_scores); weights (n,); their log likelihoods (n,); the log evidence with its
    standard error; the effective sample size; the shape of the weights' tail.
    """

    points: Numbers
    weights: Numbers
    log_likelihood: Numbers
    log_evidence: float
    log_evidence_error: float
    effective_size: float
    tail_shape: float

    @property
    def mean(self) -> Numbers:
        """The posterior mean of the scores (n_scores,)."""
        return np.asarray(self.weights @ self.points, dtype=np.float64)

    def as_gaussian(self, floor: float = 1e-6) -> Gaussian:
        """Return the normal distribution with the draws' moments."""
        deviations = self.points - self.mean
        covariance = (self.weights[:, None] * deviations).T @ deviations / (1 - (self.weights**2).sum())
        return Gaussian(self.mean, covariance + floor * np.eye(len(self.mean)))

    def resampled(self, uniforms: Numbers) -> Numbers:
        """Return equally weighted points by systematic resampling at sorted or unsorted uniforms (k,)."""
        cumulative = np.cumsum(self.weights)
        rows = np.searchsorted(cumulative, uniforms * cumulative[-1], side="right")
        return np.asarray(self.points[np.minimum(rows, len(self.points) - 1)], dtype=np.float64)


def correct(problem: Problem, proposal: Gaussian, normals: Numbers, seed: int) -> WeightedDraws:
    """Return draws of the proposal, weighted by prior and likelihood on fresh virtual people.

    Arguments: the problem, the proposal, standard normal numbers (n, n_scores), and the simulator's seed.
    """
    points = proposal.points(normals)
    likelihood = problem.log_likelihood(problem.simulate(points, seed))
    raw = likelihood + log_prior(points) - proposal.log_density(points)
    smoothed, shape = smooth_tail(raw)
    total = logsumexp(smoothed)
    weights = np.exp(smoothed - total)
    n = len(points)
    error = float(np.sqrt(max((weights**2).sum() * n - 1, 0) / n))
    return WeightedDraws(
        points, weights, likelihood, float(total - np.log(n)), error, float(1 / (weights**2).sum()), shape
    )


def smooth_tail(log_weights: Numbers) -> tuple[Numbers, float]:
    """Return log weights with their upper tail replaced by generalised Pareto quantiles, and its shape.

    The tail is the largest min(n/5, 3 sqrt(n)) weights; a tail of fewer than 5 is left as it is (shape NaN is
    never returned: it is then infinite).
    """
    n = len(log_weights)
    size = int(min(0.2 * n, 3 * np.sqrt(n)))
    shifted = log_weights - log_weights.max()
    order = np.argsort(shifted)
    if size < 5:
        return shifted + log_weights.max(), np.inf
    tail = order[-size:]
    threshold = np.exp(shifted[order[-size - 1]])
    excess = np.exp(shifted[tail]) - threshold
    if not np.all(excess > 0):
        return log_weights, np.inf
    shape, scale = _pareto_fit(excess)
    probabilities = (np.arange(1, size + 1) - 0.5) / size
    if abs(shape) < 1e-12:
        quantiles = -scale * np.log1p(-probabilities)
    else:
        quantiles = scale * np.expm1(-shape * np.log1p(-probabilities)) / shape
    smoothed = shifted.copy()
    smoothed[tail] = np.minimum(np.log(threshold + quantiles), 0.0)
    return smoothed + log_weights.max(), float(shape)


def _pareto_fit(excess: Numbers) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution fitted to sorted positive excesses.

    Profile-likelihood average over a grid, with a weak prior towards 0.5.
    Source: Zhang and Stephens (2009), Technometrics 51:316-325; prior as in Vehtari et al. (2024).
    """
    n = len(excess)
    grid_size = 30 + int(np.sqrt(n))
    grid = np.arange(1, grid_size + 1)
    quartile = excess[int(n / 4 + 0.5) - 1]
    theta = 1 / excess[-1] + (1 - np.sqrt(grid_size / (grid - 0.5))) / (3 * quartile)
    shape = np.mean(np.log1p(-theta[:, None] * excess[None, :]), axis=1)
    profile = n * (np.log(-theta / shape) - shape - 1)
    weight = 1 / np.exp(profile[None, :] - profile[:, None]).sum(axis=1)
    best = float((theta * weight).sum() / weight.sum())
    fitted = float(np.mean(np.log1p(-best * excess)))
    scale = -fitted / best
    return (fitted * n + 0.5 * 10) / (n + 10), scale
