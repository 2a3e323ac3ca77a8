"""What an estimator is asked for, and what it returns, for every replicate of a trial at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.special import ndtr, ndtri, stdtr, stdtrit
from calor.trial.analysis.data import Flags

Data = TypeVar("Data", contravariant=True)

ROUNDING = 1e-12
"""A residual spread below this fraction of the outcomes themselves is rounding, so the data do not vary."""

ROUNDING_OF_SUMS = 1e-7
"""The same where residuals come from differences of sums of squares, which lose half the digits."""


class Direction(StrEnum):
    """Which contrast counts as benefit in the one-sided test: `less` (pain falls) or `greater`."""

    LESS = "less"
    GREATER = "greater"


@dataclass(frozen=True)
class Contrast:
    """What is estimated: an active arm minus a control arm, and how it is tested.

    Arguments: the two arms, the direction of the one-sided alternative, and the two-sided confidence level
    of the interval. Raises InputError where the arms are equal or the level is not between 0 and 1.
    """

    active: int = 1
    control: int = 0
    direction: Direction = Direction.LESS
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.active == self.control or min(self.active, self.control) < 0:
            raise InputError.of(
                f"is {self.active} minus {self.control}", key="contrast", allowed="two different arms, from 0"
            )
        if not 0 < self.confidence < 1:
            raise InputError.of(
                f"is {self.confidence}", key="confidence", allowed="above 0 and below 1", hint="0.95 is usual"
            )


class Estimability(IntEnum):
    """Whether a replicate's data allow the estimate.

    `ESTIMATED`: yes. `TOO_FEW`: the contrast or its variance cannot be estimated (an arm without data, or
    no residual degrees of freedom); effect and standard error are NaN. `NO_VARIATION`: the residual variance
    is zero; the effect stands, its standard error is 0. `NOT_CONVERGED`: the iteration did not settle;
    effect and standard error are NaN. In all but the first the p values are 1, so that the replicate counts
    as not significant.
    """

    ESTIMATED = 0
    TOO_FEW = 1
    NO_VARIATION = 2
    NOT_CONVERGED = 3


@dataclass(frozen=True)
class Estimate:
    """The estimated contrast of every replicate, active minus control; every array is (n_replicates,).

    `lower` and `upper` bound the two-sided confidence interval at the contrast's level. The one-sided p value
    looks in `contrast.direction`. `degrees_of_freedom` is infinite where the inference is normal.
    """

    contrast: Contrast
    effect: Numbers
    standard_error: Numbers
    degrees_of_freedom: Numbers
    p_value_one_sided: Numbers
    p_value_two_sided: Numbers
    lower: Numbers
    upper: Numbers
    estimability: NDArray[np.int8]

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Which replicates have an estimate with a standard error above 0."""
        return np.asarray(self.estimability == Estimability.ESTIMATED)

    @property
    def z(self) -> Numbers:
        """The one-sided p value as a normal score, positive towards benefit: what boundaries are set on."""
        return np.asarray(-ndtri(self.p_value_one_sided), dtype=np.float64)

    def less_benefit(self, score: Numbers) -> Numbers:
        """Return the effect against which the estimate has a normal score of benefit, (n_replicates,).

        The score against no effect is z; against the estimate itself it is 0. The t distribution of the
        estimate is kept: effect - error T⁻¹(Φ(score)) towards less benefit.
        """
        tail = np.minimum(ndtr(-np.abs(score)), 0.5)
        distance = np.sign(score) * -_t_quantile_of(self.degrees_of_freedom, tail)
        towards = 1.0 if self.contrast.direction is Direction.LESS else -1.0
        return np.asarray(self.effect + towards * self.standard_error * distance)


class Estimator(Protocol[Data]):
    """A statistical analysis: the same contrast from the data of every replicate.

    `missing_data` says in a sentence what the analysis does with missing outcomes.
    """

    @property
    def missing_data(self) -> str:
        """What the analysis does with missing outcomes."""

    def estimate(self, data: Data, contrast: Contrast) -> Estimate:
        """Return the contrast with its inference for every replicate."""


def estimability_of(enough: Flags, varies: Flags) -> NDArray[np.int8]:
    """Return the estimability of each replicate from whether it has data enough and residuals that vary."""
    return np.select(
        [~enough, ~varies], [Estimability.TOO_FEW, Estimability.NO_VARIATION], Estimability.ESTIMATED
    ).astype(np.int8)


def t_estimate(
    contrast: Contrast,
    effect: Numbers,
    standard_error: Numbers,
    degrees_of_freedom: Numbers,
    estimability: NDArray[np.int8],
) -> Estimate:
    """Return the inference of a contrast whose error over its standard error follows Student's t.

    p_one = P(T <= effect / se) for the direction `less`; interval = effect ± t(1 - (1 - level)/2) se.
    Arguments: the contrast; effect, standard error and degrees of freedom (infinite: normal), each
    (n_replicates,); and which replicates can be estimated.
    """
    usable = estimability == Estimability.ESTIMATED
    constant = estimability == Estimability.NO_VARIATION
    standing = usable | constant
    degrees = np.where(usable, degrees_of_freedom, np.inf)
    statistic = np.divide(effect, standard_error, out=np.zeros_like(effect), where=usable)
    towards = statistic if contrast.direction is Direction.LESS else -statistic
    one_sided = np.where(usable, _t_probability(degrees, towards), 1.0)
    two_sided = np.where(usable, 2.0 * _t_probability(degrees, -np.abs(statistic)), 1.0)
    error = np.where(usable, standard_error, np.where(constant, 0.0, np.nan))
    half_width = _t_quantile(degrees, (1 + contrast.confidence) / 2) * error
    return Estimate(
        contrast=contrast,
        effect=np.where(standing, effect, np.nan),
        standard_error=error,
        degrees_of_freedom=np.where(standing, degrees_of_freedom, np.nan),
        p_value_one_sided=one_sided,
        p_value_two_sided=two_sided,
        lower=np.where(standing, effect - half_width, -np.inf),
        upper=np.where(standing, effect + half_width, np.inf),
        estimability=estimability,
    )


def chosen(first: Flags, one: Estimate, other: Estimate) -> Estimate:
    """Return one estimate for the flagged replicates (n_replicates,), and the other for the rest."""
    effect, error, degrees, estimability = (
        np.where(first, getattr(one, name), getattr(other, name))
        for name in ("effect", "standard_error", "degrees_of_freedom", "estimability")
    )
    return t_estimate(one.contrast, effect, error, degrees, estimability)


def _t_probability(degrees: Numbers, statistic: Numbers) -> Numbers:
    return np.asarray(stdtr(degrees, statistic), dtype=np.float64)


def _t_quantile_of(degrees: Numbers, probability: Numbers) -> Numbers:
    finite = np.isfinite(degrees)
    return np.where(finite, stdtrit(np.where(finite, degrees, 1.0), probability), ndtri(probability))


def _t_quantile(degrees: Numbers, probability: float) -> Numbers:
    finite = np.isfinite(degrees)
    quantile = np.full(degrees.shape, float(ndtri(probability)))
    quantile[finite] = stdtrit(degrees[finite], probability)
    return quantile
