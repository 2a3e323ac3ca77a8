"""The likelihood of one target at a simulated summary, by what is known of the target.

A printed number y: y ~ N(f, v). A trial known only as not significant: its estimate d' ~ N(f, v) lay within
1.96 standard errors of 0, P(|d'| < 1.96 SE) = Phi((1.96 SE - f) / s) - Phi((-1.96 SE - f) / s), s^2 = v.
v is the sum of the squared standard error, the squared SD of the study's bias and the Monte Carlo variance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

Numbers = NDArray[np.float64]

SIGNIFICANT = 1.96
"""Standard errors from 0 at which a two-sided test at 5 % begins to reject."""


def log_normal_density(observed: Numbers, simulated: Numbers, variance: Numbers) -> Numbers:
    """Return log N(observed; simulated, variance), arrays of one shape or broadcast."""
    return np.asarray(-0.5 * ((observed - simulated) ** 2 / variance + np.log(2 * np.pi * variance)))


def log_chance_nonsignificant(simulated: Numbers, standard_error: Numbers, variance: Numbers) -> Numbers:
    """Return log P(|d'| < 1.96 SE) for d' ~ N(simulated, variance), arrays of one shape or broadcast.

    By symmetry for |f|, and with log Phi(b) + log(1 - Phi(a) / Phi(b)), which keeps its digits in the tail.
    """
    spread = np.sqrt(variance)
    limit, away = SIGNIFICANT * standard_error, np.abs(simulated)
    upper, lower = log_ndtr((limit - away) / spread), log_ndtr((-limit - away) / spread)
    return np.asarray(upper + np.log1p(-np.exp(lower - upper)))
