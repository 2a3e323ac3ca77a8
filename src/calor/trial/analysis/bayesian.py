"""A normal prior on the effect, single or a robust mixture, updated by the estimate of any analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.special import ndtr, ndtri
from calor.trial.analysis.estimate import Contrast, Direction, Estimability, Estimate, Estimator

Data = TypeVar("Data")


@dataclass(frozen=True)
class PriorComponent:
    """One normal component of a prior on the effect: its weight, mean and standard deviation."""

    weight: float
    mean: float
    sd: float


@dataclass(frozen=True)
class NormalPrior:
    """A prior on the effect: a mixture of normal distributions whose weights sum to 1.

    One component is an informative prior; a second, wide one makes it robust to conflict with the data.
    Raises InputError where a weight or a standard deviation is not above 0 or the weights do not sum to 1.
    Source: Schmidli et al. (2014), Biometrics 70:1023-32.
    """

    components: tuple[PriorComponent, ...]

    def __post_init__(self) -> None:
        if not self.components or abs(sum(part.weight for part in self.components) - 1) > 1e-9:
            raise InputError.of("do not sum to 1", key="prior weights", allowed="weights that sum to 1")
        for part in self.components:
            if not (part.weight > 0 and part.sd > 0 and np.isfinite([part.mean, part.sd]).all()):
                raise InputError.of(
                    f"has weight {part.weight:g}, mean {part.mean:g}, sd {part.sd:g}", key="prior",
                    allowed="weight and sd above 0, finite mean",
                )  # fmt: skip

    @classmethod
    def informative(cls, mean: float, sd: float) -> NormalPrior:
        """Return a single normal prior."""
        return cls((PriorComponent(1.0, mean, sd),))

    @classmethod
    def robust(cls, mean: float, sd: float, *, weight: float, vague_sd: float) -> NormalPrior:
        """Return an informative component of a weight, and a vague one around 0 for the rest."""
        return cls((PriorComponent(weight, mean, sd), PriorComponent(1 - weight, 0.0, vague_sd)))


@dataclass(frozen=True)
class Bayesian(Generic[Data]):
    """The posterior of the effect from a prior and the normal likelihood of another analysis's estimate.

    With estimate d and standard error s, component k has posterior precision 1/s² + 1/τ_k², mean (d/s² +
    m_k/τ_k²) / precision, and weight ∝ w_k N(d; m_k, s² + τ_k²). In the answer, `effect` is the posterior
    mean, `standard_error` the posterior standard deviation, `p_value_one_sided` the posterior probability of
    no benefit, `p_value_two_sided` twice the smaller tail, and the interval holds equal tails. These are
    posterior probabilities: their frequency properties depend on the prior.
    Arguments: the prior and the analysis that gives the estimate.
    """

    prior: NormalPrior
    analysis: Estimator[Data]

    @property
    def missing_data(self) -> str:
        """What the analysis below does with missing outcomes."""
        return self.analysis.missing_data

    def estimate(self, data: Data, contrast: Contrast) -> Estimate:
        """Return the posterior for every replicate; one without an estimate keeps its estimability."""
        given = self.analysis.estimate(data, contrast)
        usable = given.estimated
        mixture = _posterior(
            self.prior, np.where(usable, given.effect, 0.0), np.where(usable, given.standard_error, 1.0)
        )
        below, above = mixture.tails(np.zeros(len(usable)))
        no_benefit = above if contrast.direction is Direction.LESS else below
        tail = (1 - contrast.confidence) / 2
        effect, error = mixture.mean_and_sd()
        constant = given.estimability == Estimability.NO_VARIATION
        return Estimate(
            contrast=contrast,
            effect=np.where(usable, effect, given.effect),
            standard_error=np.where(usable, error, given.standard_error),
            degrees_of_freedom=np.where(usable | constant, np.inf, np.nan),
            p_value_one_sided=np.where(usable, no_benefit, 1.0),
            p_value_two_sided=np.where(usable, np.minimum(1.0, 2 * np.minimum(below, above)), 1.0),
            lower=np.where(usable, mixture.quantile(tail), given.lower),
            upper=np.where(usable, mixture.quantile(1 - tail), given.upper),
            estimability=given.estimability,
        )


@dataclass(frozen=True)
class _Mixture:
    """A normal mixture per replicate; arrays are (n_replicates, n_components)."""

    weight: Numbers
    mean: Numbers
    sd: Numbers

    def mean_and_sd(self) -> tuple[Numbers, Numbers]:
        mean = (self.weight * self.mean).sum(axis=1)
        second = (self.weight * (self.sd**2 + (self.mean - mean[:, None]) ** 2)).sum(axis=1)
        return mean, np.sqrt(second)

    def tails(self, value: Numbers) -> tuple[Numbers, Numbers]:
        """Return the probabilities below and above a value."""
        distance = (value[:, None] - self.mean) / self.sd
        below = np.asarray((self.weight * ndtr(distance)).sum(axis=1))
        return below, np.asarray((self.weight * ndtr(-distance)).sum(axis=1))

    def quantile(self, probability: float) -> Numbers:
        """Return the quantile by bisection between those of the components."""
        each = self.mean + float(ndtri(probability)) * self.sd
        low, high = each.min(axis=1), each.max(axis=1)
        for _ in range(80):
            middle = (low + high) / 2
            under = self.tails(middle)[0] < probability
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)


def _posterior(prior: NormalPrior, effect: Numbers, error: Numbers) -> _Mixture:
    means = np.array([part.mean for part in prior.components])
    variances = np.array([part.sd**2 for part in prior.components])
    log_weights = np.log([part.weight for part in prior.components])
    likelihood = error[:, None] ** -2.0
    precision = likelihood + 1 / variances
    mean = (effect[:, None] * likelihood + means / variances) / precision
    marginal = error[:, None] ** 2 + variances
    log_weights = log_weights - 0.5 * (np.log(marginal) + (effect[:, None] - means) ** 2 / marginal)
    weight = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return _Mixture(weight / weight.sum(axis=1, keepdims=True), mean, precision**-0.5)
