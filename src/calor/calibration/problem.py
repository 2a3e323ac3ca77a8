"""The inference problem in standard coordinates: scores with a standard normal prior, summaries with errors.

Nothing here knows what a score or a summary means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.special import log_ndtr, logsumexp

Mask = NDArray[np.bool_]

LOG_TWO_PI = float(np.log(2 * np.pi))

SIGNIFICANT = 1.959963984540054
"""Standard errors beyond which an estimate is called significant (two-sided 5 %)."""


class Simulator(Protocol):
    """What turns scores into summaries."""

    def __call__(self, scores: Numbers, seed: int) -> Numbers:
        """Return the summaries (n_points, n_targets) of points (n_points, n_scores).

        Every point has virtual people of its own; another seed draws others. A summary that could not be
        simulated is NaN.
        """


@dataclass(frozen=True)
class Observations:
    """What was published.

    Arguments, all (n_targets,): the values; their standard errors; the SDs of the studies' own bias; and
    which of them are known only as "not significant" (their value plays no part).
    """

    values: Numbers
    standard_errors: Numbers
    bias_sds: Numbers
    nonsignificant: Mask

    @property
    def variance(self) -> Numbers:
        """The variance of each value around the truth: its error and the study's bias."""
        return np.asarray(self.standard_errors**2 + self.bias_sds**2)

    def log_likelihood(self, simulated: Numbers, uncertainty: Numbers) -> Numbers:
        """Return the log likelihood of each simulated point (n_points,): the sum of its targets'."""
        return np.asarray(self.log_likelihoods(simulated, uncertainty).sum(axis=1))

    def log_likelihoods(self, simulated: Numbers, uncertainty: Numbers) -> Numbers:
        """Return the log likelihood of each target at each simulated point (n_points, n_targets).

        A value: -(1/2) [(y - f)^2 / v + log(2 pi v)], v = error^2 + bias^2 + uncertainty. A result known as
        not significant: log [Phi((1.96 e - f) / sqrt v) - Phi((-1.96 e - f) / sqrt v)], e its standard error.
        A summary that could not be simulated (NaN) makes its point impossible.

        Arguments: summaries (n_points, n_targets), and their own variance (n_targets,) or by point.
        """
        variance = self.variance + uncertainty
        terms = -0.5 * ((self.values - simulated) ** 2 / variance + np.log(variance) + LOG_TWO_PI)
        limit, spread = SIGNIFICANT * self.standard_errors, np.sqrt(variance)
        # The band is mirrored to the side where both tails are small, so that no difference of ones is taken.
        nearer = -np.abs(simulated)
        inside = logsumexp(
            np.stack([log_ndtr((limit + nearer) / spread), log_ndtr((nearer - limit) / spread)]),
            axis=0,
            b=np.array([1.0, -1.0])[:, None, None],
        )
        found = np.where(self.nonsignificant, inside, terms)
        return np.where(np.isfinite(found), found, -np.inf)


@dataclass(frozen=True)
class Problem:
    """Scores z ~ N(0, I), and observations of summaries f(z).

    Arguments: the observations, the simulator of f, and which scores can move which summary
    (n_targets, n_scores).
    """

    observations: Observations
    simulate: Simulator
    inputs: Mask

    @property
    def dimensions(self) -> int:
        """The number of scores."""
        return int(self.inputs.shape[1])

    @property
    def movable(self) -> int:
        """The number of scores that can move any summary."""
        return movable_by(self.inputs)

    def observing(self, values: Numbers) -> Problem:
        """Return the problem with other values observed (n_targets,)."""
        return replace(self, observations=replace(self.observations, values=values))


def movable_by(inputs: Mask) -> int:
    """Return the number of scores that can move any summary, of inputs (n_targets, n_scores)."""
    return int(inputs.any(axis=0).sum())


def log_prior(scores: Numbers) -> Numbers:
    """Return the log density of the standard normal prior at points (n_points, n_scores) -> (n_points,)."""
    return np.asarray(-0.5 * (scores**2).sum(axis=1) - 0.5 * scores.shape[1] * LOG_TWO_PI)
