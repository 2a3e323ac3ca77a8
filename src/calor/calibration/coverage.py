"""Does the inference find what is true? Posteriors of synthetic data sets, whose truth is known.

Simulation-based calibration: truths from the prior, data from the simulator with the published errors, a
posterior for each. If the inference is right, the truth's rank among the draws is uniform and 90 % intervals
hold 90 % of the truths, in every direction that the data inform.
Source: Talts et al. (2018), Validating Bayesian inference algorithms with simulation-based calibration,
arXiv:1804.06788.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import Observations
from calor.calibration.sampling import sample
from calor.calibration.surrogate import Surrogate
from calor.core.arrays import Numbers
from calor.core.progress import Progress, StopOnly
from calor.core.streams import Stream

INFORMED = 0.5
"""A direction is informed when its posterior variance is at most this share of its prior variance."""

BINS = 10


@dataclass(frozen=True)
class Coverage:
    """Ranks of truths in all informed directions of all data sets.

    Arguments: each truth's share of draws below it (n,), and the data set it belongs to (n,).
    """

    ranks: Numbers
    data_sets: Numbers

    def within(self, level: float = 0.9) -> float:
        """Return the share of truths inside the central interval of a level."""
        return float((np.abs(self.ranks - 0.5) <= level / 2).mean())

    def standard_error(self, level: float = 0.9) -> float:
        """Return the standard error of `within`: directions of one data set count as one cluster."""
        hits = (np.abs(self.ranks - 0.5) <= level / 2).astype(np.float64)
        sums = np.bincount(self.data_sets.astype(np.int64), hits - hits.mean())
        return float(np.sqrt((sums**2).sum()) / len(hits))

    def rank_test(self) -> float:
        """Return the p-value of a chi-square test that ranks are uniform, directions taken as independent."""
        counts = np.histogram(self.ranks, np.linspace(0, 1, BINS + 1))[0]
        return float(stats.chisquare(counts).pvalue)


def informed_directions(posterior: Gaussian) -> Numbers:
    """Return the directions in which a posterior is narrow (k, n_scores)."""
    values, vectors = np.linalg.eigh(posterior.covariance)
    return np.asarray(vectors[:, values <= INFORMED].T)


def share_below(draws: Numbers, shares: Numbers, directions: Numbers, truth: Numbers) -> Numbers:
    """Return the rank of a truth among weighted draws, along some directions (k,).

    Arguments: draws (n, n_scores), their weights (n,), directions (k, n_scores), and the truth (n_scores,).
    """
    return np.asarray(shares @ (draws @ directions.T < directions @ truth))


def coverage(
    surrogate: Surrogate,
    truths: Numbers,
    simulated: Numbers,
    particles: int,
    moves: int,
    stream: Stream,
    progress: Progress,
) -> Coverage:
    """Return how the posteriors of synthetic data sets cover their truths.

    Arguments: the surrogate whose inference is tested; truths (n, n_scores); what the simulator showed at
    each with people of its own (n, n_targets), in full; the size of the sampler; the random stream.
    Published errors and biases are drawn here and added. One step of progress for each data set.
    """
    data = published(surrogate.problem.observations, simulated, stream)
    ranks, data_sets = [], []
    progress.start("synthetic data sets", len(truths))
    for number, (truth, values) in enumerate(zip(truths, data, strict=True)):
        problem = surrogate.problem.observing(values)
        posed = replace(surrogate, problem=problem)
        found = sample(
            posed.log_likelihood,
            posed.reference,
            problem.dimensions,
            particles,
            moves,
            stream.child("sample", number),
            StopOnly(progress),
        )
        directions = informed_directions(posed.linearised(found.points))
        equal = np.full(len(found.points), 1 / len(found.points))
        below = share_below(found.points, equal, directions, truth)
        ranks.append(below)
        data_sets.append(np.full(len(below), number))
        progress.advance()
    return Coverage(np.concatenate(ranks), np.concatenate(data_sets))


def published(observations: Observations, simulated: Numbers, stream: Stream) -> Numbers:
    """Return simulated summaries (n, n_targets) as studies would publish them: with errors and biases."""
    errors = stream.child("errors").normals(*simulated.shape)
    return np.asarray(simulated + np.sqrt(observations.variance) * errors)
