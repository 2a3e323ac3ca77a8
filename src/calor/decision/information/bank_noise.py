"""True values of the worlds, as far as a finite bank shows them.

A mean over a world's people is the true mean and noise. Within a rival, the covariance of the means is T, and
the covariance between halves C that of the true values; T - C is never negative. The means are moved towards
their rival's mean by the linear map that turns covariance T into C, so that what is computed from the worlds
has the right mean and covariance, whatever the number of people. Values without noise (two equal halves) stay
as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.information.draws import Draws, Study

_NEGLIGIBLE = 1e-12
"""Eigenvalues below this share of the largest one are rounding."""


def true_targets(draws: Draws, targets: Numbers) -> Numbers:
    """Return the true values (n_worlds, k) of targets by half (n_worlds, 2, k)."""
    values: Numbers = targets.mean(axis=1)
    for members in _rivals(draws):
        weights = draws.weights[members] / draws.weights[members].sum()
        seen, total, true = _law(weights, targets[members])
        values[members] = (values[members] - seen) @ _turning(total, true).T + seen
    return values


def true_means(draws: Draws, targets: Numbers, study: Study) -> Numbers:
    """Return the true expected statistics (n_worlds, s) of a study, beside the `true_targets`.

    What the statistics share with the targets follows the true targets; the rest is turned by itself. So the
    targets are the same beside every study.
    """
    values: Numbers = study.means.mean(axis=1)
    clean = true_targets(draws, targets)
    k = targets.shape[2]
    for members in _rivals(draws):
        weights = draws.weights[members] / draws.weights[members].sum()
        both = np.concatenate([targets[members], study.means[members]], axis=2)
        seen, total, true = _law(weights, both)
        average = both.mean(axis=1) - seen
        slopes = true[k:, :k] @ _power(true[:k, :k], -0.5)
        slopes = _bounded(slopes, true[k:, k:])
        explained = slopes @ slopes.T
        follow = (clean[members] - seen[:k]) @ (slopes @ _power(true[:k, :k], -0.5)).T
        with_targets = total[k:, :k] @ _power(total[:k, :k], -1.0)
        rest = average[:, k:] - average[:, :k] @ with_targets.T
        turning = _turning(total[k:, k:] - with_targets @ total[:k, k:], true[k:, k:] - explained)
        values[members] = seen[k:] + follow + rest @ turning.T
    return values


def _rivals(draws: Draws) -> list[NDArray[np.int64]]:
    """Return the positions of the worlds of each rival that has weight."""
    found = [np.flatnonzero(draws.rival == rival) for rival in range(len(draws.rivals))]
    return [members for members in found if draws.weights[members].sum() > 0]


def _law(weights: Numbers, by_half: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the mean (k,), the covariance of the worlds' means (k, k), and that of the true values."""
    average = by_half.mean(axis=1)
    mean = weights @ average
    centred, difference = average - mean, (by_half[:, 0] - by_half[:, 1]) / 2
    difference = difference - weights @ difference
    total = (centred * weights[:, None]).T @ centred
    return mean, total, total - (difference * weights[:, None]).T @ difference


def _turning(total: Numbers, true: Numbers) -> Numbers:
    """Return the symmetric map A with A total A = true (its negative part left out): optimal transport."""
    root, back = _power(total, 0.5), _power(total, -0.5)
    return back @ _power(root @ _power(true, 1.0) @ root, 0.5) @ back


def _bounded(slopes: Numbers, covariance: Numbers) -> Numbers:
    """Return slopes on standard targets (s, k) that explain no more than a covariance (s, s) holds."""
    back = _power(covariance, -0.5)
    standard = back @ slopes
    largest = np.linalg.norm(standard, 2) if standard.size else 0.0
    return _power(covariance, 0.5) @ standard / max(1.0, float(largest))


def _power(matrix: Numbers, exponent: float) -> Numbers:
    """Return a power of a symmetric matrix on the part of it that is positive."""
    if matrix.shape == (1, 1):
        value = max(float(matrix[0, 0]), 0.0)
        return np.array([[value**exponent if value > 0 else 0.0]])
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > _NEGLIGIBLE * max(float(values[-1]), 0.0)
    powers = np.where(kept, np.where(kept, values, 1.0) ** exponent, 0.0)
    return np.asarray((vectors * powers) @ vectors.T)
