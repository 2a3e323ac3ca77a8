"""Sequential Monte Carlo from the prior to the posterior: weighted by the likelihood a little at a time.

The mean weight of every step gives the evidence. Points move by elliptical slice sampling around a Gaussian
reference that follows the linearised posterior, so that moves are long in every direction.
Sources: Del Moral, Doucet and Jasra (2006), J R Stat Soc B 68:411-436; Nishihara, Murray and Adams (2014),
Parallel MCMC with generalized elliptical slice sampling, J Mach Learn Res 15:2087-2112.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import log_prior
from calor.calibration.weights import resampled
from calor.core.arrays import Numbers
from calor.core.progress import Progress, stop_if_requested
from calor.core.special import brentq, logsumexp
from calor.core.streams import Stream

KEPT_SHARE = 0.5
"""Each step is as large as leaves this effective share of the points."""

NARROWEST = 1e-6
"""Radians: in a narrower bracket the move is none, and the point stays."""

LogLikelihood = Callable[[Numbers], Numbers]
Reference = Callable[[Numbers, float], Gaussian]


@dataclass(frozen=True)
class Sample:
    """Equally weighted draws of a posterior: points (n, n_scores), log likelihoods (n,), log evidence."""

    points: Numbers
    log_likelihood: Numbers
    log_evidence: float


def sample(
    log_likelihood: LogLikelihood,
    reference: Reference,
    dimensions: int,
    size: int,
    moves: int,
    stream: Stream,
    progress: Progress,
) -> Sample:
    """Return draws of prior x likelihood, and its integral.

    Arguments: the log likelihood of points (n, n_scores) -> (n,); a Gaussian near the posterior under the
    likelihood to a power, given points and that power; the number of scores, of points, and of moves a step.
    """
    random = stream.generator()
    points = random.standard_normal((size, dimensions))
    likelihood = log_likelihood(points)
    power, evidence = 0.0, 0.0
    while power < 1:
        stop_if_requested(progress)
        step = _step(likelihood, 1 - power)
        weights = step * likelihood
        evidence += float(logsumexp(weights)) - np.log(size)
        power = min(1.0, power + step)
        rows = resampled(np.exp(weights - logsumexp(weights)), size, float(random.random()))
        points, likelihood = points[rows], likelihood[rows]
        around = reference(points, power)
        for _ in range(moves):
            points, likelihood = _move(points, likelihood, power, log_likelihood, around, random)
    return Sample(points, likelihood, float(evidence))


def _step(likelihood: Numbers, most: float) -> float:
    """Return the power to add, at most `most`, that leaves `KEPT_SHARE` of the points' effective size."""

    def spare(step: float) -> float:
        weights = step * likelihood
        effective = np.exp(2 * logsumexp(weights) - logsumexp(2 * weights))
        return float(effective / len(likelihood) - KEPT_SHARE)

    if spare(most) >= 0:
        return most
    return float(brentq(spare, 0, most, xtol=1e-12, rtol=1e-6))


def _move(
    points: Numbers,
    likelihood: Numbers,
    power: float,
    log_likelihood: LogLikelihood,
    around: Gaussian,
    random: np.random.Generator,
) -> tuple[Numbers, Numbers]:
    """Return every point moved once, with its log likelihood.

    The target is  N(m, C) x [prior x likelihood^power / N(m, C)]; each point moves on the ellipse through
    itself and a draw of N(m, C), which shrinks towards the point until the bracket is high enough. A point's
    own likelihood differs in its last digits between calls of other points beside it (single precision,
    products of matrices), so a level just below it may be met nowhere: then the point stays.
    """

    def height(candidates: Numbers, of: Numbers) -> Numbers:
        return np.asarray(log_prior(candidates) + power * of - around.log_density(candidates))

    size = len(points)
    level = height(points, likelihood) + np.log(random.random(size))
    partner = around.points(random.standard_normal(points.shape)) - around.mean
    here = points - around.mean
    angle = random.random(size) * 2 * np.pi
    low, high = angle - 2 * np.pi, angle.copy()
    points, likelihood = points.copy(), likelihood.copy()
    open_rows = np.arange(size)
    while len(open_rows):
        turn = angle[open_rows, None]
        candidates = around.mean + here[open_rows] * np.cos(turn) + partner[open_rows] * np.sin(turn)
        found = log_likelihood(candidates)
        accepted = height(candidates, found) > level[open_rows]
        done = open_rows[accepted]
        points[done], likelihood[done] = candidates[accepted], found[accepted]
        open_rows = open_rows[~accepted]
        below = angle[open_rows] < 0
        low[open_rows] = np.where(below, angle[open_rows], low[open_rows])
        high[open_rows] = np.where(below, high[open_rows], angle[open_rows])
        width = high[open_rows] - low[open_rows]
        angle[open_rows] = low[open_rows] + random.random(len(open_rows)) * width
        open_rows = open_rows[width > NARROWEST]
    return points, likelihood
