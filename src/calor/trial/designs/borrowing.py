"""A control arm that borrows: a robust predictive prior on its mean, updated by the trial's own patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Borrowing
from calor.trial.analysis import Direction, Estimate
from calor.trial.analysis.ancova import fit_arms
from calor.trial.analysis.map_prior import Difference, MixturePrior, difference_to
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags, Outcome
from calor.trial.designs.estimation import Analyst
from calor.trial.protocols.history import robust_prior_of

CONTROL_AND_ACTIVE = 2


@dataclass(frozen=True)
class BorrowingConductor:
    """Enrols everybody, then updates the prior of the control's mean by the means at equal baseline.

    The errors of the means are those of the ANCOVA. `centre`, one value a cell of the bank,
    moves the prior so that its mean is there: how the error under conflict is found. Without it the prior
    stands.
    """

    observer: Observer
    analyst: Analyst
    design: Borrowing
    centre: Numbers | None = None

    @cached_property
    def prior(self) -> MixturePrior:
        """The prior of the control's mean, its vague component last."""
        return robust_prior_of(self.design)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        (plain,) = self.analyst.estimate(observed)
        fit = fit_arms(self.analyst.of_endpoint(observed), CONTROL_AND_ACTIVE)
        usable = plain.estimated
        means = np.where(usable[:, None], fit.coefficients[:, :CONTROL_AND_ACTIVE], 0.0)
        covariance = fit.residual_variance[:, None, None] * fit.inverse[:, :2, :2]
        covariance = np.where(usable[:, None, None], covariance, np.eye(CONTROL_AND_ACTIVE))
        shift = np.zeros(len(numbers))
        if self.centre is not None:
            shift = self.centre[observed.cells] - self.prior.mean
        degrees = np.where(usable, fit.degrees_of_freedom, 1.0)
        found = difference_to(self.prior, means, covariance, degrees, shift)
        estimate = _estimate(plain, found, usable)
        nobody = np.zeros(len(numbers), dtype=bool)
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=[estimate],
            rejected=(usable & (estimate.p_value_one_sided < self.analyst.asked.alpha))[:, None],
            look=np.zeros(len(numbers), dtype=np.int64),
            futile=nobody,
            enriched=nobody,
            alternatives=([plain],),
            own_numbers=(np.where(usable, 1.0 - found.weights[:, -1], np.nan),),
        )


def _estimate(plain: Estimate, found: Difference, usable: Flags) -> Estimate:
    """Return the posterior of the difference; a replicate without an estimate keeps its own."""
    below = found.below(np.zeros(len(usable)))
    above = 1.0 - below
    no_benefit = above if plain.contrast.direction is Direction.LESS else below
    tail = (1 - plain.contrast.confidence) / 2
    columns = {
        "effect": found.mean,
        "standard_error": found.sd,
        "p_value_one_sided": no_benefit,
        "p_value_two_sided": np.minimum(1.0, 2 * np.minimum(below, above)),
        "lower": found.quantile(tail),
        "upper": found.quantile(1 - tail),
    }
    return replace(
        plain, **{name: np.where(usable, value, getattr(plain, name)) for name, value in columns.items()}
    )


CONDUCTORS = {Borrowing: BorrowingConductor}
