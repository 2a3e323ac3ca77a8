"""How probable a result is in each world: a normal law a world, about its true expected statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.information.draws import Draws


def log_likelihood(means: Numbers, sampling: Numbers, results: Numbers) -> Numbers:
    """Return the log density of results (n, s) in worlds, (n, n_worlds), up to a constant.

    Arguments: true expected statistics (n_worlds, s); the sampling covariance of each world (n_worlds, s, s).
    Raises ValueError where a sampling covariance is not positive definite.
    """
    try:
        roots = np.linalg.cholesky(sampling)
    except np.linalg.LinAlgError:
        raise ValueError("a study's sampling covariance is not positive definite in some world") from None
    inverses = np.linalg.inv(roots)
    log_determinant = np.log(np.einsum("wss->ws", roots)).sum(axis=1)
    total = np.broadcast_to(-log_determinant, (len(results), len(means))).copy()
    for row in range(means.shape[1]):
        standard = results[:, : row + 1] @ inverses[:, row, : row + 1].T
        standard -= np.einsum("ws,ws->w", inverses[:, row, : row + 1], means[:, : row + 1])
        np.square(standard, out=standard)
        standard *= 0.5
        total -= standard
    return total


def posterior_weights(draws: Draws, log: Numbers, left_out: NDArray[np.int64] | None = None) -> Numbers:
    """Return the worlds' weights after results with log densities (n, n_worlds); every row sums to one.

    Where a world is left out of each row, (n,), the others of its rival carry its weight, so that no rival
    loses by it; a rival's only world stays.
    """
    if left_out is None:
        weights = np.exp(log - log.max(axis=1, keepdims=True)) * draws.weights
    else:
        rows, rival = np.arange(len(log)), draws.rival[left_out]
        before = draws.rival_weights[rival]
        rest = before - draws.weights[left_out]
        alone = rest <= 1e-9 * before
        log = log.copy()
        log[rows[~alone], left_out[~alone]] = -np.inf
        weights = np.exp(log - log.max(axis=1, keepdims=True)) * draws.weights
        scale = np.where(alone, 1.0, before / np.where(alone, 1.0, rest))
        for index in range(len(draws.rivals)):
            chosen, of_rival = rival == index, draws.rival == index
            weights[np.ix_(chosen, of_rival)] *= scale[chosen, None]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def effective_worlds(weights: Numbers) -> Numbers:
    """Return the effective number of worlds behind each row of weights, 1 / sum(weights^2), (n,)."""
    return np.asarray(1.0 / np.einsum("nw,nw->n", weights, weights))
