"""A Gaussian posterior from simulated points: a linear fit of the summaries, then the exact update."""

from __future__ import annotations

import numpy as np

from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.inversion import Ensemble
from calor.calibration.problem import Numbers, Problem


def linear_fit(
    ensembles: list[Ensemble], centre: Numbers, width: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return offset, Jacobian and residual variance of the summaries as linear in the scores.

    Weighted ridge regression: points count by exp(-d^2 / (2 n_scores)), with d their distance from `centre`
    in units of `width`; the ridge is the one that suits the number of points (generalised cross-validation
    over a grid). The residual variance is what the line does not explain, and enters the likelihood.

    Arguments: ensembles; the centre and the widths of the neighbourhood (n_scores,).
    Returns offset (n_targets,), J (n_targets, n_scores), residual variance (n_targets,).
    """
    points = np.concatenate([ensemble.points for ensemble in ensembles])
    values = np.concatenate([ensemble.simulated.values for ensemble in ensembles])
    usable = np.isfinite(values).all(axis=1)
    points, values = points[usable], values[usable]
    distance = (((points - centre) / width) ** 2).sum(axis=1)
    weight = np.exp(-0.5 * (distance - distance.min()) / points.shape[1])
    weight /= weight.sum()
    mean_point, mean_value = weight @ points, weight @ values
    root = np.sqrt(weight)[:, None]
    design, response = root * (points - mean_point), root * (values - mean_value)
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    rotated = left.T @ response
    effective = 1.0 / (weight**2).sum()
    slopes, residual = _ridge(singular, rotated, response, effective)
    jacobian = (right.T @ slopes).T
    return mean_value - jacobian @ mean_point, jacobian, residual


def _ridge(
    singular: Numbers, rotated: Numbers, response: Numbers, effective: float
) -> tuple[Numbers, Numbers]:
    """Return the slopes in rotated coordinates and the residual variance, each target with its best ridge."""
    total = (response**2).sum(axis=0)
    best_score = np.full(rotated.shape[1], np.inf)
    slopes = np.zeros_like(rotated)
    residual = np.zeros(rotated.shape[1])
    for ridge in singular[0] ** 2 * np.logspace(-6, 1, 22):
        shrink = singular**2 / (singular**2 + ridge)
        freedom = effective - shrink.sum() - 1
        if freedom <= 0.2 * effective:
            continue
        fitted = shrink[:, None] * rotated
        unexplained = total - 2 * (fitted * rotated).sum(axis=0) + (fitted**2).sum(axis=0)
        score = unexplained / freedom**2
        better = score < best_score
        best_score = np.where(better, score, best_score)
        slopes[:, better] = ((singular / (singular**2 + ridge))[:, None] * rotated)[:, better]
        residual[better] = (unexplained * effective / freedom)[better]
    return slopes, residual


def gaussian_posterior(problem: Problem, ensembles: list[Ensemble]) -> Gaussian:
    """Return the posterior under a linear fit of the summaries near the last ensemble."""
    last = ensembles[-1].points
    offset, jacobian, residual = linear_fit(ensembles, last.mean(axis=0), last.std(axis=0, ddof=1))
    variance = problem.variance + residual
    return linear_update(jacobian, offset, problem.observed, variance)
