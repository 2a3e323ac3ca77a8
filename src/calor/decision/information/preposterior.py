"""What would be believed after each result of a study: worlds reweighted by simulated results.

A result is drawn from worlds of every rival; the other worlds are weighted by how probable it is in them. No
relation is taken to be linear and no law of the quantity to be normal. Errors are of first order: a resample
changes a figure by the influence of each world, as the source of results and as a world that others compare
with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.core.streams import Stream
from calor.decision.information.bank_noise import true_means
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.likelihood import effective_worlds, log_likelihood, posterior_weights
from calor.decision.information.moments import averaged
from calor.decision.information.resampling import Resamples

RESULTS = 1000
"""Simulated results of a study: the error that they add to a probability stays below 0.01."""


@dataclass(frozen=True, kw_only=True)
class Preposterior:
    """Posterior weights of the worlds after simulated results of a study.

    Arguments: the study's name; the world that each result was drawn in (n_results,), which is left out of
    its row; the weight of each result (n_results,), sum one; the posterior weights (n_results, n_worlds); and
    the effective number of worlds behind each row (n_results,).
    """

    name: str
    source: NDArray[np.int64]
    importance: Numbers
    weights: Numbers
    effective: Numbers


@one_thread()
def preposterior(draws: Draws, study: Study, *, seed: int, results: int = RESULTS) -> Preposterior:
    """Return what would be believed after each of some simulated results of a study.

    Arguments: the draws, the study, the seed, and about how many results, in equal number from every rival.
    The noise of a result depends on the seed and its world alone, so it is common to all studies.
    """
    source, importance = _sources(draws, results)
    means = true_means(draws, draws.quantity[:, :, None], study)
    noise = Stream(seed, ("information", "results")).normals(source, study.statistics)
    seen = means[source] + np.einsum("nst,nt->ns", np.linalg.cholesky(study.sampling[source]), noise)
    log = log_likelihood(means, study.sampling, seen)
    weights = posterior_weights(draws, log, source)
    return Preposterior(
        name=study.name,
        source=source,
        importance=importance,
        weights=weights,
        effective=effective_worlds(weights),
    )


def expected(
    draws: Draws,
    after: Preposterior,
    resamples: Resamples,
    values: Numbers,
    influence: Numbers,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:
    """Return the expectation over results of a figure of the posterior.

    Arguments: the figure after each result (n_results,); its derivative by the relative weight of each world,
    summed over results (n_worlds,) (`through_others`); and the bounds of the figure.
    """
    raw = float(after.importance @ values)
    at_source = np.zeros(draws.worlds)
    rival = draws.rival[after.source]
    for index in range(len(draws.rivals)):
        chosen = rival == index
        if np.any(chosen):
            centre = after.importance[chosen] @ values[chosen] / after.importance[chosen].sum()
            at_source[after.source[chosen]] = after.importance[chosen] * (values[chosen] - centre)
    slope = np.where(
        draws.weights > 0, (at_source + influence) / np.where(draws.weights > 0, draws.weights, 1), 0
    )
    return Estimate.of(raw, raw + averaged(resamples.weights - draws.weights, slope), *bounds)


def through_others(after: Preposterior, derivative: Numbers) -> Numbers:
    """Return the influence (n_worlds,) of the worlds that results are compared with.

    Argument: the derivative of the figure after each result by a world's posterior weight, relative to that
    weight, (n_results, n_worlds) or what broadcasts to it.
    """
    return np.asarray(np.einsum("n,nw,nw->w", after.importance, after.weights, derivative))


def _sources(draws: Draws, results: int) -> tuple[NDArray[np.int64], Numbers]:
    """Return the worlds that results are drawn in, spread evenly over each rival, and the weight of each."""
    present = [index for index, weight in enumerate(draws.rival_weights) if weight > 0]
    each = max(1, -(-results // len(present)))
    chosen, importance = [], []
    for index in present:
        members = np.flatnonzero((draws.rival == index) & (draws.weights > 0))
        if len(members) > each:
            members = members[(np.arange(each) * len(members)) // each]
        weights = draws.weights[members]
        chosen.append(members)
        importance.append(draws.rival_weights[index] * weights / weights.sum())
    return np.concatenate(chosen), np.concatenate(importance)
