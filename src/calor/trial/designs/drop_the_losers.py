"""Drop-the-losers: the arms that look best after a first stage go on, and are tested at the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from calor.core.arrays import Numbers
from calor.study import DropTheLosers
from calor.trial.analysis import Direction, Estimate
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags, Outcome, first_places
from calor.trial.designs.estimation import Analyst
from calor.trial.designs.group_sequential import at_look
from calor.trial.designs.open_arms import best_of, enrolled_until, with_bounds
from calor.trial.protocols.looks import share_to_control
from calor.trial.theory import (
    ManyArmPlan,
    SequentialPlan,
    Spending,
    many_arm_boundaries,
    selection_critical_value,
)


@dataclass(frozen=True)
class DropTheLosersConductor:
    """Two stages: all arms, then those with the best estimates beside the control.

    An arm that goes on is found to benefit where its last z score reaches the critical value for the choice.
    The bound of least benefit of an arm that goes on is the test's; the other bound, and both of an arm that
    is dropped, are Dunnett's for all arms.
    """

    observer: Observer
    analyst: Analyst
    design: DropTheLosers

    @cached_property
    def critical_value(self) -> float:
        """What the last statistic must reach."""
        return self._critical(self.analyst.asked.alpha)

    def _critical(self, level: float) -> float:
        plan = self.observer.plan
        information = self.design.interim_patients / plan.enrolment.patients
        ratio = share_to_control(plan.enrolment.shares, plan.layout.control)
        return _critical_value(level, self.analyst.n_contrasts, self.design.keep, information, ratio)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        enrolment, first = self.observer.plan.enrolment, self.design.interim_patients
        arms = self.analyst.code_of_arm[observed.sequences][:, :, 0]
        everybody = np.full(len(numbers), enrolment.patients)
        at_interim = self.analyst.estimate(observed, first_places(observed, first))
        kept = best_of(np.column_stack([_benefit(estimate) for estimate in at_interim]), self.design.keep)
        analysed = enrolled_until(arms, np.where(kept, enrolment.patients, first), everybody)
        overrun = min(first + enrolment.overrun, enrolment.patients)
        enrolled = enrolled_until(arms, np.where(kept, enrolment.patients, overrun), everybody)
        at_end = self.analyst.estimate(observed, analysed)
        z = np.column_stack([estimate.z for estimate in at_end])
        return Outcome(
            observed=observed,
            enrolled=enrolled,
            estimates=[
                self._with_interval(at_look([early, late], goes_on.astype(np.int64)), goes_on)
                for early, late, goes_on in zip(at_interim, at_end, kept.T, strict=True)
            ],
            rejected=kept & (z >= self.critical_value),
            look=np.ones(len(numbers), dtype=np.int64),
            futile=np.zeros(len(numbers), dtype=bool),
            enriched=np.zeros(len(numbers), dtype=bool),
        )

    def _with_interval(self, plain: Estimate, goes_on: Flags) -> Estimate:
        """Return an estimate with the interval that pays for the choice."""
        of_choice, of_all = self._interval_scores
        towards_more = np.full(len(goes_on), of_all)
        return with_bounds(plain, np.where(goes_on, of_choice, of_all), towards_more)

    @cached_property
    def _interval_scores(self) -> tuple[float, float]:
        """What the choice and all arms together ask for at the level of one side of the interval."""
        level = (1 - self.analyst.contrasts[0].confidence) / 2
        plan = self.observer.plan
        once = SequentialPlan(Spending.POCOCK, (1.0,), level)
        ratio = share_to_control(plan.enrolment.shares, plan.layout.control)
        (of_all,) = many_arm_boundaries(ManyArmPlan(once, self.analyst.n_contrasts, ratio))
        return self._critical(level), of_all


def _benefit(estimate: Estimate) -> Numbers:
    """Return the estimated benefit of each replicate, -inf where there is none."""
    sign = -1.0 if estimate.contrast.direction is Direction.LESS else 1.0
    return np.where(estimate.estimated, sign * estimate.effect, -np.inf)


@lru_cache(maxsize=64)
def _critical_value(alpha: float, arms: int, kept: int, information: float, ratio: float) -> float:
    """Return the critical value; it takes a moment and depends on no data."""
    return selection_critical_value(alpha, arms, kept, information, ratio)


CONDUCTORS = {DropTheLosers: DropTheLosersConductor}
