"""Estimators of the heterogeneity variance tau2, and its Q-profile interval.

Every estimator is found to a relative 1e-12 by a bracketed root of its estimating equation, never by a fixed
number of steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calor.core.special import brentq, chdtri, gammaincinv
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.weighted import Data, Fit, fit

RELATIVE_TOLERANCE = 1e-12
GRID_POINTS = 41
"""Points at which the restricted likelihood is looked at to find its highest peak."""


def heterogeneity_variance(data: Data, method: Method) -> float:
    """Return tau2 >= 0, in the squared unit of the effects, for k > p; 0 for a common effect.

    Equation, with Q(t) the generalised Q at heterogeneity t and P the projection at it:
    DL: (Q(0) - (k - p)) / tr(P), PM: the root of Q(t) = k - p, REML: the root of y'PPy = tr(P) that maximises
    the restricted likelihood; each 0 where it would be negative.
    Source: DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2; Paule and Mandel 1982,
    doi:10.6028/jres.087.022; Viechtbauer 2005, doi:10.3102/10769986030003261.
    """
    if method is Method.FE:
        return 0.0
    if method is Method.DL:
        at_zero = fit(data, 0.0)
        return max(0.0, (at_zero.generalised_q - data.residual_freedom) / at_zero.trace_p)
    if method is Method.PM:
        return _root_of_q(data, float(data.residual_freedom))
    return _restricted_maximum(data)


def standard_error_of_tau2(data: Data, method: Method, tau2: float) -> float | None:
    """Return the standard error of REML's tau2 from the expected information; None for other estimators.

    Equation: sqrt(2 / tr(PP)) at the estimate.
    Source: Viechtbauer 2005, doi:10.3102/10769986030003261.
    """
    if method is not Method.REML:
        return None
    return float(np.sqrt(2.0 / fit(data, tau2).trace_pp))


def q_profile_interval(data: Data, level: float = 0.95) -> tuple[float, float]:
    """Return the Q-profile confidence interval of tau2 (k > p).

    Equation: the t with Q(t) equal to the upper and the lower (1 +- level)/2 quantile of chi2(k - p). A limit
    below zero is returned as zero; (0, 0) stands for the empty set, when the effects vary less than chance.
    Source: Viechtbauer 2007, doi:10.1002/sim.2514.
    """
    tail = (1.0 - level) / 2.0
    upper_quantile = float(chdtri(data.residual_freedom, tail))
    lower_quantile = float(2.0 * gammaincinv(data.residual_freedom / 2.0, tail))
    return _root_of_q(data, upper_quantile), _root_of_q(data, lower_quantile)


def typical_variance(data: Data) -> float:
    """Return the variance of a typical study: (k - p) / tr(P) at tau2 = 0.

    Source: Higgins and Thompson 2002, doi:10.1002/sim.1186.
    """
    return data.residual_freedom / fit(data, 0.0).trace_p


def _root_of_q(data: Data, target: float) -> float:
    """Return the t >= 0 with Q(t) = target, which decreases in t; 0 where Q(0) is already below it."""
    return _root(lambda tau2: fit(data, tau2).generalised_q - target, 0.0, _scale(data))


def _restricted_maximum(data: Data) -> float:
    """Return the tau2 at the highest peak of the restricted likelihood.

    The likelihood may have several peaks, so a grid finds the highest before the root is refined.
    """

    def score(tau2: float) -> float:
        at = fit(data, tau2)
        return at.y_pp_y - at.trace_p

    top = _scale(data)
    while score(top) > 0.0:
        top *= 4.0
    grid = np.concatenate([[0.0], np.geomspace(1e-6 * float(np.min(data.variances)), top, GRID_POINTS)])
    peak = int(
        np.argmax([restricted_log_likelihood(data, fit(data, float(tau2)), float(tau2)) for tau2 in grid])
    )
    lower = grid[max(0, peak - 1)] if score(float(grid[peak])) <= 0.0 else grid[peak]
    return _root(score, float(lower), float(grid[min(peak + 1, GRID_POINTS)]))


def restricted_log_likelihood(data: Data, at: Fit, tau2: float) -> float:
    """Return the restricted log-likelihood at a fit, up to a constant.

    Equation: -1/2 [sum log(v + tau2) + log|X'WX| + Q(tau2)].
    """
    return -0.5 * (float(np.sum(np.log(data.variances + tau2))) + at.log_determinant + at.generalised_q)


def _scale(data: Data) -> float:
    """Return a heterogeneity beyond which Q is small: the effects' spread plus the largest variance."""
    return float(np.ptp(data.estimates)) ** 2 + float(np.max(data.variances))


def _root(function: Callable[[float], float], lower: float, upper: float) -> float:
    """Return where a function falls from positive to negative; `lower` where it is not positive there."""
    if function(lower) <= 0.0:
        return lower
    while function(upper) > 0.0:
        upper *= 4.0
    return float(brentq(function, lower, upper, xtol=1e-300, rtol=RELATIVE_TOLERANCE, maxiter=1000))
