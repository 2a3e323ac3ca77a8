"""The inference problem in standard coordinates: scores with a standard normal prior, summaries with errors.

Nothing here knows what a score or a summary means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LOG_TWO_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Simulated:
    """Summaries simulated for some points: values and Monte Carlo variances, both (n_points, n_targets)."""

    values: Numbers
    variances: Numbers

    def __post_init__(self) -> None:
        if self.values.shape != self.variances.shape:
            raise ValueError(
                f"values {self.values.shape} and variances {self.variances.shape} differ in shape"
            )


class Simulator(Protocol):
    """What turns scores into summaries."""

    def __call__(self, scores: Numbers, seed: int) -> Simulated:
        """Return the summaries of points (n_points, n_scores); another seed draws other virtual people."""


@dataclass(frozen=True)
class Problem:
    """Scores z ~ N(0, I), and observed summaries y ~ N(f(z), R + Monte Carlo variance).

    Arguments: the number of scores, the observed summaries (n_targets,), the variance R of each (n_targets,)
    including the spread between studies, and the simulator of f.
    """

    dimensions: int
    observed: Numbers
    variance: Numbers
    simulate: Simulator

    def log_likelihood(self, simulated: Simulated) -> Numbers:
        """Return the log likelihood of each simulated point (n_points,).

        -(1/2) sum [(y - f)^2 / v + log(2 pi v)], v = R + Monte Carlo variance. A summary that could not be
        simulated (NaN) makes its point impossible.
        """
        variance = self.variance + simulated.variances
        terms = (self.observed - simulated.values) ** 2 / variance + np.log(variance) + LOG_TWO_PI
        total = -0.5 * terms.sum(axis=1)
        return np.where(np.isfinite(total), total, -np.inf)


def log_prior(scores: Numbers) -> Numbers:
    """Return the log density of the standard normal prior at points (n_points, n_scores) -> (n_points,)."""
    return np.asarray(-0.5 * (scores**2).sum(axis=1) - 0.5 * scores.shape[1] * LOG_TWO_PI)
