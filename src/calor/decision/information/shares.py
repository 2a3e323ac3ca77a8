"""How much of the uncertainty about a quantity a study would remove, under a linear relation of normal laws.

    share = c' (C + V)^-1 c / Var(Q)

c: covariance of the quantity with the expected statistics, C: their covariance, V: mean sampling covariance,
all between halves of the people (`moments`). For one statistic, Cov(Q_A, m_B)^2 / [Cov(Q_A, Q_B) (Cov(m_A,
m_B) + v)].
"""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import Moments, moments_under, with_resamples
from calor.decision.information.resampling import Resamples

_SEEN_AT_ALL = 1e-9
"""Expected statistics that differ by less than this share of a study's scatter are the same."""


@one_thread()
def share_of_variance(draws: Draws, study: Study, resamples: Resamples) -> Estimate:
    """Return the expected share of the variance of the quantity that a study would remove.

    Arguments: the draws, the study, and resamples for the error. A study that sees the same in every world
    removes exactly nothing. The raw value may lie below 0 or above 1 where the bank is small.
    """
    if draws.certain or says_nothing(study):
        return Estimate.of(0.0, np.zeros(resamples.count))
    shares = shares_of(moments_under(with_resamples(draws, resamples), draws.quantity[:, :, None], study))
    return Estimate.of(shares[0], shares[1:], 0.0, 1.0)


def shares_of(moments: Moments) -> Numbers:
    """Return the share of the first target's variance that is removed under each row of weights, (n,)."""
    removed = np.einsum("ns,ns->n", moments.slopes[:, 0], moments.between[:, 0])
    variance = moments.targets[:, 0, 0]
    return np.asarray(np.where(variance > 0, removed / np.where(variance > 0, variance, 1.0), 0.0))


def mutual_information(share: Estimate) -> Estimate:
    """Return the mutual information (nats) that belongs to a share under normal laws, -log(1 - share) / 2."""

    def nats(removed: Numbers) -> Numbers:
        return np.asarray(-0.5 * np.log1p(-np.clip(removed, 0.0, 1.0 - 1e-12)))

    return Estimate.of(float(nats(np.array(share.value))), nats(share.resampled), 0.0)


def says_nothing(study: Study) -> bool:
    """Return whether what a study would see is the same in every world: it teaches nothing, by structure."""
    scatter = np.sqrt(np.einsum("wss->ws", study.sampling).max(axis=0))
    spread = np.ptp(study.means, axis=(0, 1))
    size = np.abs(study.means).max(axis=(0, 1))
    return bool(np.all(spread <= _SEEN_AT_ALL * np.maximum(scatter, size * 1e-3)))
