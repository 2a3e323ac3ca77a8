"""A normal mixture as the prior of a control arm's mean: what it is worth in patients, and its posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import logsumexp, ndtr, stdtr, stdtrit

REACH = 12.0
"""Standard deviations of each component over which the density is followed."""

STEPS = 49
"""Edges of the panels about each component."""

NODES_PER_PANEL = 6

BISECTIONS = 60
"""Halvings of a prior's range."""

BISECTIONS_OF_POSTERIOR = 34
"""Halvings of the range between the components' quantiles, which leave less than 1e-9 of it."""


@dataclass(frozen=True)
class MixturePrior:
    """A mixture of normals, (n_components,) each: weights that sum to 1, means and SDs."""

    weights: Numbers
    means: Numbers
    sds: Numbers

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return float(np.sqrt(self.weights @ (self.sds**2 + (self.means - self.mean) ** 2)))

    def quantile(self, probability: float) -> float:
        """Return the quantile of a probability."""
        low = float((self.means - 40 * self.sds).min())
        high = float((self.means + 40 * self.sds).max())
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = float(self.weights @ ndtr((middle - self.means) / self.sds))
            low, high = (middle, high) if below < probability else (low, middle)
        return (low + high) / 2

    def robust(self, weight: float, sd: float) -> MixturePrior:
        """Return the mixture with one more component, last, of a weight and SD about the same mean."""
        return MixturePrior(
            np.append(self.weights * (1 - weight), weight),
            np.append(self.means, self.mean),
            np.append(self.sds, sd),
        )

    def effective_patients(self, sd: float) -> float:
        """Return the expected local information ratio: how many patients of an SD the prior is worth.

        ELIR = sd² E[-d²/dθ² log p(θ)], the mean over the prior itself, which is sd² E[(d/dθ log p)²].
        Source: Neuenschwander et al. (2020), Biometrics 76:578-87.
        """
        around = np.linspace(-REACH, REACH, STEPS)
        edges = np.unique(self.means[:, None] + self.sds[:, None] * around)
        nodes, shares = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
        half = np.diff(edges)[:, None] / 2
        places = (edges[:-1, None] + half * (1 + nodes)).ravel()
        distance = (places[:, None] - self.means) / self.sds
        logs = np.log(self.weights / self.sds / np.sqrt(2 * np.pi)) - distance**2 / 2
        total = logsumexp(logs, axis=1)
        slope = (np.exp(logs - total[:, None]) * distance / self.sds).sum(axis=1)
        return float(sd**2 * (half * shares).ravel() @ (np.exp(total) * slope**2))


@dataclass(frozen=True)
class Difference:
    """The posterior of active minus control in each replicate, a mixture of t laws: (r, n_components) each.

    `weights` are those of the prior's components after the data, `sds` the scales, and `degrees` the degrees
    of freedom of the variance (r,), infinite where it is known.
    """

    weights: Numbers
    means: Numbers
    sds: Numbers
    degrees: Numbers

    @property
    def mean(self) -> Numbers:
        """The posterior mean, (r,)."""
        return np.asarray((self.weights * self.means).sum(axis=1))

    @property
    def sd(self) -> Numbers:
        """The posterior standard deviation were the variance known, (r,)."""
        second = self.sds**2 + (self.means - self.mean[:, None]) ** 2
        return np.asarray(np.sqrt((self.weights * second).sum(axis=1)))

    def below(self, value: Numbers) -> Numbers:
        """Return the posterior probability below a value, (r,)."""
        distance = (value[:, None] - self.means) / self.sds
        return np.asarray((self.weights * stdtr(self._degrees, distance)).sum(axis=1))

    @property
    def _degrees(self) -> Numbers:
        # Beyond some degrees of freedom the t law is normal to every digit that counts.
        return np.minimum(self.degrees, 1e9)[:, None]

    def quantile(self, probability: float) -> Numbers:
        """Return the quantile of a probability, (r,)."""
        each = self.means + stdtrit(self._degrees, probability) * self.sds
        low, high = each.min(axis=1), each.max(axis=1)
        for _ in range(BISECTIONS_OF_POSTERIOR):
            middle = (low + high) / 2
            under = self.below(middle) < probability
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)


def difference_to(
    prior: MixturePrior, means: Numbers, covariance: Numbers, degrees: Numbers, shift: Numbers
) -> Difference:
    """Return the posterior of the active arm's mean minus the control's, whose prior is a mixture.

    With m and V the estimates of (control, active), v the control's variance, c their covariance and
    b = c / v - 1: given the control's mean θ, the difference is normal about m_1 - m_0 + b (θ - m_0) with
    variance V_11 - c² / v. θ has for each component precision 1 / v + 1 / s², weight ∝ w N(m_0; μ, v + s²).
    An estimated variance widens each normal to a t law of its degrees of freedom, as without a prior.
    Arguments: the prior; estimates (r, 2), covariance (r, 2, 2) and its degrees of freedom (r,); and by how
    much the prior is moved (r,).
    """
    control, active = means.T
    variance = covariance[:, 0, 0][:, None]
    between = covariance[:, 0, 1][:, None]
    places = prior.means + shift[:, None]
    marginal = variance + prior.sds**2
    logs = np.log(prior.weights) - 0.5 * (np.log(marginal) + (control[:, None] - places) ** 2 / marginal)
    weights = np.exp(logs - logsumexp(logs, axis=1)[:, None])
    precision = 1 / variance + 1 / prior.sds**2
    towards = (control[:, None] / variance + places / prior.sds**2) / precision - control[:, None]
    slope = between / variance - 1
    rest = np.maximum(covariance[:, 1, 1][:, None] - between**2 / variance, 0.0)
    return Difference(
        weights,
        (active - control)[:, None] + slope * towards,
        np.sqrt(rest + slope**2 / precision),
        degrees,
    )
