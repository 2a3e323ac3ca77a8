"""Means and covariances of what is asked for and what a study sees, free of the noise of a finite bank.

A world's values are means over few people, and what the study sees is a mean over the same people: within a
half the noise of both agrees and looks like information. Between two halves it is independent, so a
covariance between halves is that of the true values:

    C(x, y) = [Cov(x_A, y_B) + Cov(x_B, y_A)] / 2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.decision.information.draws import Draws, Study
from calor.decision.information.resampling import Resamples


@dataclass(frozen=True)
class Moments:
    """Moments of targets (k of them) and of a study's statistics (s), one set for each row of weights (n).

    Arguments: the targets' mean (n, k) and covariance (n, k, k); their covariance with the statistics (n, k,
    s); the covariance of the expected statistics (n, s, s); and the mean sampling covariance (n, s, s).
    """

    mean: Numbers
    targets: Numbers
    between: Numbers
    statistics: Numbers
    sampling: Numbers

    @property
    def seen(self) -> Numbers:
        """The covariance of the statistics that one study gives, (n, s, s): of worlds and of sampling."""
        return self.statistics + self.sampling

    @property
    def slopes(self) -> Numbers:
        """The coefficients of the best linear prediction of the targets from the statistics, (n, k, s)."""
        return self.between @ np.linalg.pinv(self.seen, rcond=1e-12, hermitian=True)


def moments_under(weights: Numbers, targets: Numbers, study: Study) -> Moments:
    """Return the moments under each row of weights (n, n_worlds) of targets (n_worlds, 2, k) and a study."""
    centre = np.mean(targets, axis=(0, 1))
    t, s = targets - centre, study.means - np.mean(study.means, axis=(0, 1))
    mean_t, mean_s = averaged(weights, t), averaged(weights, s)
    return Moments(
        mean=centre + mean_t.mean(axis=1),
        targets=_between_halves(weights, t, t, mean_t, mean_t),
        between=_between_halves(weights, t, s, mean_t, mean_s),
        statistics=_between_halves(weights, s, s, mean_s, mean_s),
        sampling=averaged(weights, study.sampling),
    )


def moments_of_targets(weights: Numbers, targets: Numbers) -> Numbers:
    """Return the covariance (n, k, k) of the true values of targets by half (n_worlds, 2, k)."""
    centred = targets - np.mean(targets, axis=(0, 1))
    mean = averaged(weights, centred)
    return _between_halves(weights, centred, centred, mean, mean)


def with_resamples(draws: Draws, resamples: Resamples) -> Numbers:
    """Return the weights of the draws and of each resample below them, (1 + n_resamples, n_worlds)."""
    return np.concatenate([draws.weights[None, :], resamples.weights])


def averaged(weights: Numbers, values: Numbers) -> Numbers:
    """Return weighted means (n, ...) of values (n_worlds, ...), summed in one order whatever the threads."""
    flat = np.ascontiguousarray(values.reshape(len(values), -1).T)
    return np.asarray(np.einsum("nw,kw->nk", weights, flat)).reshape(len(weights), *values.shape[1:])


def _between_halves(weights: Numbers, x: Numbers, y: Numbers, mean_x: Numbers, mean_y: Numbers) -> Numbers:
    """Return the covariance between halves, (n, k_x, k_y), of values by half (n_worlds, 2, k)."""
    products = x[:, 0, :, None] * y[:, 1, None, :] + x[:, 1, :, None] * y[:, 0, None, :]
    expected = mean_x[:, 0, :, None] * mean_y[:, 1, None, :] + mean_x[:, 1, :, None] * mean_y[:, 0, None, :]
    return np.asarray((averaged(weights, products) - expected) / 2)
