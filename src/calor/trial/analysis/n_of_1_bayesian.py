"""An N-of-1 series as a Bayesian hierarchy: how much patients differ is averaged over, not estimated.

The model is that of `n_of_1.py`. Flat priors on the mean effect, on the order within cycles and on log σ; on
the SD of the effect between patients, √λ σ, a half-Cauchy prior whose median is the error of a patient's own
estimate, σ / √c after c cycles: tan(θ) = √(cλ) with θ uniform on (0, π / 2). Given λ the mean effect follows
Student's t about its generalised least-squares estimate, and p(λ | d) ∝ p(λ) Π_i (1 + m_i λ)^(-1/2)
|X'V⁻¹X|^(-1/2) S(λ)^(-ν/2); so the posterior is a mixture of t distributions over a grid of θ.
Source: Gelman (2006), Bayesian Analysis 1:515-33; Polson and Scott (2012), Bayesian Analysis 7:887-902.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import stdtr, stdtrit
from calor.trial.analysis.compound_symmetry import SymmetricFit
from calor.trial.analysis.data import CrossoverData
from calor.trial.analysis.estimate import (
    ROUNDING_OF_SUMS,
    Contrast,
    Direction,
    Estimability,
    Estimate,
    estimability_of,
)
from calor.trial.analysis.individuals import IndividualEffects
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.n_of_1 import NOf1Mixed, differences, fit_of, individuals_at, of_cycles
from calor.trial.analysis.symmetric_model import SymmetricModel

GRID = 32
"""Values of θ at which the posterior is evaluated: the middles of as many equal steps from 0 to π / 2."""

BISECTIONS = 40
FAR = 1e-6
"""The tail of each component within which a quantile of the mixture is sought."""

FEWEST_DEGREES = 2
"""With no more degrees of freedom than these a t distribution has no variance."""


@dataclass(frozen=True)
class NOf1Bayesian:
    """The posterior of the mean effect and of each patient's effect in an N-of-1 series.

    `effect` is the posterior mean, `standard_error` the posterior standard deviation, `p_value_one_sided` the
    posterior probability of no benefit, `p_value_two_sided` twice the smaller tail; the interval holds equal
    tails.
    """

    missing_data: ClassVar[str] = "cycles without an outcome in both periods are left out"

    def estimate(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the posterior of the mean effect for every replicate."""
        model = differences(data, contrast)
        mixture = _posterior(model)
        largest = np.nanmax(np.abs(np.where(model.seen, model.outcome, 0.0)), axis=(1, 2))
        enough = model.enough & (model.degrees_left > FEWEST_DEGREES)
        varies = np.where(enough, mixture.smallest_sd > ROUNDING_OF_SUMS * largest, True)
        estimability = estimability_of(enough, varies)
        usable = estimability == Estimability.ESTIMATED
        known = mixture.where(usable)
        effect, error, lower, upper = (np.full(len(usable), np.nan) for _ in range(4))
        one_sided, two_sided = np.ones(len(usable)), np.ones(len(usable))
        effect[usable], error[usable] = known.mean_and_sd()
        nothing = np.zeros(int(usable.sum()))
        below, above = known.below(nothing), known.below(nothing, -1.0)
        one_sided[usable] = above if contrast.direction is Direction.LESS else below
        two_sided[usable] = np.minimum(2 * np.minimum(below, above), 1.0)
        tail = (1 - contrast.confidence) / 2
        lower[usable], upper[usable] = known.quantile(tail), known.quantile(1 - tail)
        constant = estimability == Estimability.NO_VARIATION
        effect[constant] = mixture.where(constant).centre[:, 0]
        lower[constant] = upper[constant] = effect[constant]
        error[constant] = 0.0
        return Estimate(
            contrast=contrast,
            effect=effect,
            standard_error=error,
            degrees_of_freedom=np.where(usable | constant, np.inf, np.nan),
            p_value_one_sided=one_sided,
            p_value_two_sided=two_sided,
            lower=np.where(usable | constant, lower, -np.inf),
            upper=np.where(usable | constant, upper, np.inf),
            estimability=estimability,
        )

    def individuals(self, data: CrossoverData, contrast: Contrast) -> IndividualEffects:
        """Return each patient's own difference, and the posterior mean and SD of the patient's effect."""
        model = differences(data, contrast)
        weights = _posterior(model).weight
        shape = model.outcome.shape[:2]
        mean, square = np.zeros(shape), np.zeros(shape)
        spread = model.degrees_left / np.maximum(model.degrees_left - FEWEST_DEGREES, 1e-9)
        for place, fit in enumerate(_fits(model)):
            found = individuals_at(model, fit)
            weight = weights[:, place, None]
            mean += weight * found.shrunken
            square += weight * (found.shrunken_error**2 * spread[:, None] + found.shrunken**2)
        plain = NOf1Mixed().individuals(data, contrast)
        return replace(plain, shrunken=mean, shrunken_error=np.sqrt(square - mean**2))


def _fits(model: SymmetricModel) -> Iterator[SymmetricFit]:
    """Yield the fit at each value of θ, from next to no difference between patients to nothing but it."""
    n_replicates, _, n_cycles = model.outcome.shape
    for angle in (np.arange(GRID) + 0.5) / GRID * np.pi / 2:
        yield fit_of(model, np.full(n_replicates, np.tan(angle) ** 2 / n_cycles))


@dataclass(frozen=True)
class _MixtureOfT:
    """The posterior of the mean effect: weight, centre and scale of each component, (n_replicates, GRID).

    `degrees` are the degrees of freedom of all components and `smallest_sd` the residual SD where patients
    differ most, the smallest of the grid (n_replicates,).
    """

    weight: Numbers
    centre: Numbers
    scale: Numbers
    degrees: Numbers
    smallest_sd: Numbers

    def where(self, which: Numbers) -> _MixtureOfT:
        return _MixtureOfT(**{name: values[which] for name, values in vars(self).items()})

    def mean_and_sd(self) -> tuple[Numbers, Numbers]:
        mean = (self.weight * self.centre).sum(axis=1)
        spread = self.scale**2 * (self.degrees / (self.degrees - FEWEST_DEGREES))[:, None]
        variance = (self.weight * (spread + (self.centre - mean[:, None]) ** 2)).sum(axis=1)
        return mean, np.sqrt(variance)

    def below(self, value: Numbers, sign: float = 1.0) -> Numbers:
        """Return the probability below a value (n_replicates,), or with a sign of -1 above it."""
        distance = sign * (value[:, None] - self.centre) / self.scale
        found = (self.weight * stdtr(self.degrees[:, None], distance)).sum(axis=1)
        return np.asarray(np.minimum(found, 1.0))

    def quantile(self, probability: float) -> Numbers:
        """Return a quantile, by bisection."""
        reach = -stdtrit(self.degrees, FAR)[:, None] * self.scale
        low, high = (self.centre - reach).min(axis=1), (self.centre + reach).max(axis=1)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            under = self.below(middle) < probability
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)


def _posterior(model: SymmetricModel) -> _MixtureOfT:
    sums, degrees = model.sums, model.degrees_left.astype(np.float64)
    logs, centres, scales, smallest = [], [], [], np.full(len(degrees), np.nan)
    for fit in _fits(model):
        varies = model.enough & (np.nan_to_num(fit.residual_variance) > 0)
        variance = np.where(varies, fit.residual_variance, 1.0)
        unit = np.where(varies[:, None, None], fit.covariance / variance[:, None, None], 0.0)
        unit = unit + np.einsum("ri,ij->rij", ~(model.kept & varies[:, None]), np.eye(unit.shape[1]))
        growth = 1 + sums.times * fit.ratio[:, None]
        of_patients = (sums.count * np.log(growth)).sum(axis=1)
        of_coefficients = np.linalg.slogdet(unit)[1]
        logs.append(0.5 * (of_coefficients - of_patients - degrees * np.log(variance)))
        centres.append(fit.coefficients[:, -1] * model.scale)
        scales.append(np.sqrt(fit.covariance[:, -1, -1]) * model.scale)
        smallest = np.fmin(smallest, np.sqrt(fit.residual_variance))
    log = np.stack(logs, axis=1)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return _MixtureOfT(
        weight / weight.sum(axis=1, keepdims=True),
        np.stack(centres, axis=1),
        np.stack(scales, axis=1),
        degrees,
        smallest,
    )


METHODS = (
    Method(
        name="n-of-1-bayesian",
        estimator=NOf1Bayesian(),
        reads=Reads.PERIODS,
        takes_prior=False,
        rules=of_cycles,
        individuals=NOf1Bayesian().individuals,
    ),
)
