"""What a prediction rests on: how it would move without a study, or with a firmer prior or likelihood.

Nothing is fitted again: the draws are weighted anew. A weighting that the draws cannot bear says so by its
effective size.
Source of power scaling: Kallioinen et al. (2024), Detecting and diagnosing prior and likelihood sensitivity
with power-scaling, Stat Comput 34:57.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.calibration.weights import smooth_tail
from calor.core.arrays import Numbers
from calor.core.special import logsumexp

FEWEST_EFFECTIVE = 20
"""With fewer effective draws a reweighted mean says nothing."""


@dataclass(frozen=True)
class Reweighted:
    """A prediction without one study: the change of its mean, and the effective number of draws.

    The change is None where the draws cannot tell: the study narrows the posterior too much to be taken out
    of its draws.
    """

    study: str
    change: float | None
    effective_size: float


def without_each_study(
    prediction: Numbers, shares: Numbers, log_likelihoods: Numbers, studies: tuple[str, ...]
) -> list[Reweighted]:
    """Return how a prediction's mean changes with each study left out.

    w' = w / likelihood of the study's targets, the tail of w' smoothed.

    Arguments: the prediction at each draw (n_draws,), the draws' weights (n_draws,), the log likelihood of
    each target at each draw (n_draws, n_targets), and each target's study.
    """
    with_all = float(shares @ prediction)
    found = []
    for study in dict.fromkeys(studies):
        own = np.array([each == study for each in studies])
        with np.errstate(divide="ignore"):
            log_weights = np.log(shares) - log_likelihoods[:, own].sum(axis=1)
        smoothed, _ = smooth_tail(log_weights)
        weights = np.exp(smoothed - logsumexp(smoothed))
        effective = float(1 / (weights**2).sum())
        change = float(weights @ prediction) - with_all if effective >= FEWEST_EFFECTIVE else None
        found.append(Reweighted(study, change, effective))
    return found


def power_scaling(prediction: Numbers, shares: Numbers, log_part: Numbers) -> float:
    """Return how a prediction's mean moves, in its own SDs, when a part of the posterior is taken to a power.

    d mean / d log2(power) at 1 = ln 2 Cov(prediction, log part), over the posterior SD of the prediction.

    Arguments: the prediction at each draw (n_draws,), the draws' weights (n_draws,), and the log density of
    the part (the prior, or the likelihood) at each draw (n_draws,).
    """
    mean = shares @ prediction
    spread = np.sqrt(shares @ (prediction - mean) ** 2)
    covariance = shares @ ((prediction - mean) * (log_part - shares @ log_part))
    return float(np.log(2) * covariance / spread) if spread > 0 else 0.0
