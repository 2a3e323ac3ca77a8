"""A Gaussian approximation of a posterior: density, draws, and how far the data moved each score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calor.calibration.problem import LOG_TWO_PI
from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of scores: mean (n_scores,) and covariance (n_scores, n_scores)."""

    mean: Numbers
    covariance: Numbers

    @cached_property
    def _root(self) -> Numbers:
        return np.asarray(np.linalg.cholesky(self.covariance), dtype=np.float64)

    def points(self, normals: Numbers) -> Numbers:
        """Return draws made from standard normal numbers (n_points, n_scores)."""
        return np.asarray(self.mean + normals @ self._root.T)

    def log_density(self, points: Numbers) -> Numbers:
        """Return the log density at points (n_points, n_scores) -> (n_points,)."""
        standard = np.linalg.solve(self._root, (points - self.mean).T)
        log_volume = np.log(np.diag(self._root)).sum()
        return np.asarray(-0.5 * (standard**2).sum(axis=0) - log_volume - 0.5 * len(self.mean) * LOG_TWO_PI)

    def wider(self, factor: float) -> Gaussian:
        """Return the distribution with its standard deviations times a factor."""
        return Gaussian(self.mean, factor**2 * self.covariance)

    @property
    def informed_directions(self) -> int:
        """The number of directions in which the data say more than the prior does.

        The prior precision is 1 in every direction, so these are the eigenvalues of the covariance below 1/2.
        """
        return int((np.linalg.eigvalsh(self.covariance) < 0.5).sum())


def linear_update(jacobian: Numbers, offset: Numbers, observed: Numbers, variance: Numbers) -> Gaussian:
    """Return the exact posterior of z ~ N(0, I) given y ~ N(offset + J z, diag(variance)).

    C = (I + J' R^-1 J)^-1,  m = C J' R^-1 (y - offset).

    Arguments: J (n_targets, n_scores), offset, observed and variance (n_targets,).
    """
    weighted = jacobian / variance[:, None]
    precision = np.eye(jacobian.shape[1]) + jacobian.T @ weighted
    covariance = np.linalg.inv(precision)
    covariance = (covariance + covariance.T) / 2
    return Gaussian(covariance @ (weighted.T @ (observed - offset)), covariance)
