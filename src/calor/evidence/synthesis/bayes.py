"""Bayesian random-effects meta-analysis for few studies, by numerical integration without random numbers.

Model: y_i ~ N(mu, v_i + tau^2), mu ~ N(m0, s0^2), tau ~ half-normal(scale). Given tau, mu is normal, so the
posterior is a mixture of normals over one variable, tau, which is integrated by Gauss-Legendre panels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import CalorError
from calor.core.special import brentq, ndtr
from calor.evidence.effects.checks import finite, positive
from calor.evidence.synthesis.weighted import Data

NODES_PER_PANEL = 20
NEGLIGIBLE_LOG_DENSITY = 60.0
"""The integral stops where the density is below exp(-60) of its peak."""
AGREEMENT = 1e-12
"""Panels are halved until the integral changes by less than this."""


@dataclass(frozen=True)
class Posterior:
    """A posterior distribution in short: mean, standard deviation, median, central 95% interval."""

    mean: float
    sd: float
    median: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class SignedPosterior(Posterior):
    """The posterior of an effect, with the probability that it is below zero."""

    probability_below_zero: float


@dataclass(frozen=True)
class BayesianMetaAnalysis:
    """What a Bayesian meta-analysis found, with the priors it rests on.

    `effect` is the mean effect mu, `heterogeneity` is tau (a standard deviation), `prediction` the true
    effect of a new study. The prior standard deviation and scale have the unit of the effects.
    """

    effect: SignedPosterior
    heterogeneity: Posterior
    prediction: SignedPosterior
    log_marginal_likelihood: float
    prior_mean: float
    prior_sd: float
    tau_scale: float


def pool_bayesian(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    tau_scale: float,
    prior_sd: float,
    prior_mean: float = 0.0,
) -> BayesianMetaAnalysis:
    """Return the posterior of the mean effect, the heterogeneity and the effect of a new study.

    Equation: p(tau | y) ~ HN(tau; scale) N(y; m0 1, diag(v + tau^2) + s0^2 11'); given tau, mu is normal with
    precision A = 1/s0^2 + sum w and mean (m0/s0^2 + sum w y)/A, w = 1/(v + tau^2); a new effect adds tau^2.
    Arguments: k >= 1 estimates and variances; the half-normal's scale (0.5 is weakly informative for
    standardised mean differences and log odds ratios, other units need their own), the normal prior of mu.
    Raises InputError when a number is out of range.
    Source: Roever 2020, doi:10.18637/jss.v093.i06; Friede et al. 2017, doi:10.1002/jrsm.1217 (few studies).
    """
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    data = Data(y, v, np.ones((len(y), 1)))
    density = _Density(
        data,
        positive("tau_scale", tau_scale),
        finite("prior_mean", prior_mean),
        positive("prior_sd", prior_sd),
    )
    grid = _integration_grid(density)
    mean, variance = density.conditional(grid.nodes)
    return BayesianMetaAnalysis(
        effect=_mixture(grid.masses, mean, variance),
        heterogeneity=_heterogeneity(density, grid),
        prediction=_mixture(grid.masses, mean, variance + grid.nodes**2),
        log_marginal_likelihood=grid.log_total,
        prior_mean=prior_mean,
        prior_sd=prior_sd,
        tau_scale=tau_scale,
    )


@dataclass(frozen=True)
class PredictiveMixture:
    """The true effect of a new study as a mixture of normals: weights, means and SDs, (n,) each."""

    weights: Numbers
    means: Numbers
    sds: Numbers


def predict_new_study(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    tau_scale: float,
    prior_sd: float,
    prior_mean: float = 0.0,
    components: int,
) -> PredictiveMixture:
    """Return the law of a new study's effect as a mixture of normals, one for each share of tau's posterior.

    Given tau the effect is normal, and nearly the same over a small share of tau's posterior: the laws within
    each of so many equal shares are replaced by one of their mean and variance. Arguments and errors as those
    of `pool_bayesian`.
    """
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    density = _Density(
        Data(y, v, np.ones((len(y), 1))),
        positive("tau_scale", tau_scale),
        finite("prior_mean", prior_mean),
        positive("prior_sd", prior_sd),
    )
    grid = _integration_grid(density)
    mean, variance = density.conditional(grid.nodes)
    variance = variance + grid.nodes**2
    below = np.cumsum(grid.masses) - grid.masses / 2
    share = np.unique((below * components).astype(np.int64), return_inverse=True)[1]
    weights = np.asarray(np.bincount(share, grid.masses), dtype=np.float64)
    means = np.bincount(share, grid.masses * mean) / weights
    squares = np.bincount(share, grid.masses * (variance + (mean - means[share]) ** 2)) / weights
    return PredictiveMixture(weights, means, np.sqrt(squares))


@dataclass(frozen=True)
class _Density:
    """The joint density of the effects and tau, with mu integrated out in closed form."""

    data: Data
    tau_scale: float
    prior_mean: float
    prior_sd: float

    def conditional(self, tau: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean and variance of mu given each tau (n,)."""
        weights = self._weights(tau)
        precision = 1.0 / self.prior_sd**2 + np.sum(weights, axis=1)
        shift = np.sum(weights * (self.data.estimates - self.prior_mean), axis=1) / precision
        return self.prior_mean + shift, 1.0 / precision

    def logarithm(self, tau: Numbers) -> Numbers:
        """Return the log of prior(tau) x marginal likelihood at each tau (n,)."""
        weights = self._weights(tau)
        total = np.sum(weights, axis=1)
        residuals = self.data.estimates - self.prior_mean
        centre = np.sum(weights * residuals, axis=1) / total
        widening = 1.0 + self.prior_sd**2 * total
        quadratic = (
            np.sum(weights * (residuals - centre[:, None]) ** 2, axis=1) + total * centre**2 / widening
        )
        log_determinant = np.log(widening) - np.sum(np.log(weights), axis=1)
        log_prior = (
            0.5 * math.log(2.0 / math.pi) - math.log(self.tau_scale) - 0.5 * (tau / self.tau_scale) ** 2
        )
        constant = -0.5 * self.data.studies * math.log(2.0 * math.pi)
        return np.asarray(constant - 0.5 * (log_determinant + quadratic) + log_prior)

    def _weights(self, tau: Numbers) -> Numbers:
        return np.asarray(1.0 / (self.data.variances + tau[:, None] ** 2))


@dataclass(frozen=True)
class _Grid:
    """Nodes over tau with the posterior mass each carries (summing to one), and the log of the integral."""

    edges: Numbers
    nodes: Numbers
    masses: Numbers
    log_total: float


def _integration_grid(density: _Density) -> _Grid:
    """Return nodes so fine that halving the panels changes the integral by less than the agreement asked."""
    smallest = 0.01 * min(density.tau_scale, math.sqrt(float(np.min(density.data.variances))))
    upper = _negligible_beyond(density, smallest)
    panels = 64
    grid = _grid_on(density, np.concatenate([[0.0], np.geomspace(smallest, upper, panels)]))
    while panels < 65536:
        panels *= 2
        finer = _grid_on(density, np.concatenate([[0.0], np.geomspace(smallest, upper, panels)]))
        if abs(finer.log_total - grid.log_total) < AGREEMENT * max(1.0, abs(finer.log_total)):
            return finer
        grid = finer
    raise CalorError("the integral over the heterogeneity did not settle; please report this as a bug")


def _negligible_beyond(density: _Density, smallest: float) -> float:
    """Return a tau beyond which the posterior density is negligible."""
    upper = 10.0 * density.tau_scale
    while True:
        values = density.logarithm(np.concatenate([[0.0], np.geomspace(smallest, upper, 400)]))
        if values[-1] < np.max(values) - NEGLIGIBLE_LOG_DENSITY:
            return upper
        upper *= 1.5


def _grid_on(density: _Density, edges: Numbers) -> _Grid:
    nodes, widths = _panel_nodes(edges)
    logs = density.logarithm(nodes)
    peak = float(np.max(logs))
    masses = widths * np.exp(logs - peak)
    total = float(np.sum(masses))
    return _Grid(edges, nodes, masses / total, peak + math.log(total))


def _panel_nodes(edges: Numbers) -> tuple[Numbers, Numbers]:
    """Return Gauss-Legendre nodes and weights on every panel between consecutive edges."""
    points, weights = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
    half = np.diff(edges)[:, None] / 2.0
    centres = (edges[:-1, None] + edges[1:, None]) / 2.0
    return (centres + half * points).ravel(), (half * weights).ravel()


def _mixture(masses: Numbers, mean: Numbers, variance: Numbers) -> SignedPosterior:
    """Return the summary of a mixture of normals."""
    deviation = np.sqrt(variance)
    centre = float(np.sum(masses * mean))
    spread = math.sqrt(float(np.sum(masses * (variance + (mean - centre) ** 2))))

    def below(value: float) -> float:
        return float(np.sum(masses * ndtr((value - mean) / deviation)))

    low, high = centre - 20.0 * spread, centre + 20.0 * spread
    lower, median, upper = (_quantile(below, share, low, high) for share in (0.025, 0.5, 0.975))
    return SignedPosterior(centre, spread, median, (lower, upper), below(0.0))


def _heterogeneity(density: _Density, grid: _Grid) -> Posterior:
    """Return the summary of tau's posterior."""
    centre = float(np.sum(grid.masses * grid.nodes))
    spread = math.sqrt(float(np.sum(grid.masses * (grid.nodes - centre) ** 2)))

    before_panel = np.concatenate([[0.0], np.cumsum(grid.masses.reshape(-1, NODES_PER_PANEL).sum(axis=1))])

    def below(value: float) -> float:
        panel = max(0, int(np.searchsorted(grid.edges, value)) - 1)
        nodes, widths = _panel_nodes(np.array([grid.edges[panel], value]))
        inside = np.sum(widths * np.exp(density.logarithm(nodes) - grid.log_total))
        return float(before_panel[panel] + inside)

    lower, median, upper = (
        _quantile(below, share, 0.0, float(grid.edges[-1])) for share in (0.025, 0.5, 0.975)
    )
    return Posterior(centre, spread, median, (lower, upper))


def _quantile(below: Callable[[float], float], share: float, low: float, high: float) -> float:
    """Return the value below which a share of the distribution lies."""
    return float(brentq(lambda value: below(value) - share, low, high, xtol=1e-300, rtol=1e-12))
