"""The effect of one comparison: what was measured, the estimate and its sampling variance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from calor.core.errors import InputError
from calor.evidence.effects.checks import finite, positive
from calor.evidence.effects.spread import critical_value


class Measure(StrEnum):
    """What an effect measures; ratios are on the natural logarithm's scale."""

    MEAN_DIFFERENCE = "mean difference"
    STANDARDISED_MEAN_DIFFERENCE = "standardised mean difference"
    LOG_ODDS_RATIO = "log odds ratio"
    LOG_RISK_RATIO = "log risk ratio"
    RISK_DIFFERENCE = "risk difference"


@dataclass(frozen=True)
class Effect:
    """An effect, active minus control, with its sampling variance.

    Arguments: the study's label, the estimate in the unit of the measure, the variance in its square (> 0),
    and the measure. Raises InputError when a number is not finite or the variance is not positive.
    """

    study: str
    estimate: float
    variance: float
    measure: Measure

    def __post_init__(self) -> None:
        finite("estimate", self.estimate)
        positive("variance", self.variance)

    @property
    def standard_error(self) -> float:
        """The square root of the sampling variance."""
        return math.sqrt(self.variance)

    def interval(self, level: float = 0.95, degrees_of_freedom: float | None = None) -> tuple[float, float]:
        """Return the confidence interval, normal unless degrees of freedom of a t are given."""
        half_width = critical_value(level, degrees_of_freedom) * self.standard_error
        return self.estimate - half_width, self.estimate + half_width


def same_measure(effects: list[Effect]) -> Measure:
    """Return the measure that all effects share. Raises InputError when they do not share one."""
    measures = list(dict.fromkeys(effect.measure for effect in effects))
    if len(measures) != 1:
        named = ", ".join(f"{effect.study} ({effect.measure})" for effect in effects)
        raise InputError.of(
            f"effects of different measures cannot be pooled: {named}" if effects else "there is no effect",
            key="measure",
            allowed="one measure for all studies",
            hint="convert them, or pool each measure on its own",
        )
    return measures[0]
