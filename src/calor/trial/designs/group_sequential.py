"""Group-sequential: the data so far are analysed at each look, and the trial stops when a bound is passed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from calor.study import GroupSequential
from calor.trial.analysis import Direction, Estimate, decide
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Outcome, first_places
from calor.trial.designs.estimation import Analyst
from calor.trial.protocols.looks import looks_of
from calor.trial.theory import Boundaries, SequentialPlan, StagewiseOrdering, boundaries


@dataclass(frozen=True)
class GroupSequentialConductor:
    """Looks after fractions of the patients; futility bounds are not binding.

    At look k the analysis takes the first n_k patients; its one-sided p value as a normal score meets the
    critical value of the plan. The estimate is median-unbiased, with p value and interval by the stage-wise
    ordering. The bound on the side of no benefit holds whether or not futility is followed, as the test
    does; the estimate and the other bound hold for a trial that follows it, as this one does.
    """

    observer: Observer
    analyst: Analyst
    design: GroupSequential

    @property
    def bounds(self) -> Boundaries:
        """The boundaries of the test."""
        return self.orderings[0].bounds

    @cached_property
    def orderings(self) -> tuple[StagewiseOrdering, StagewiseOrdering]:
        """The ordering of the test, and that of a trial that follows its futility bounds."""
        return _orderings(looks_of(self.design, self.analyst.asked), self.design.futility)

    @cached_property
    def sizes(self) -> Positions:
        """The number of patients at each look."""
        return np.round(np.array(self.design.looks) * self.observer.plan.enrolment.patients).astype(np.int64)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        looks = [self.analyst.estimate(observed, first_places(observed, int(size)))[0] for size in self.sizes]
        decision = decide(
            np.column_stack([estimate.z for estimate in looks]),
            self.bounds.critical_values,
            sided=self.analyst.asked.sided,
            futility=np.array(self.design.futility) if self.design.futility else None,
        )
        last = at_look(looks, decision.look)
        enrolment = self.observer.plan.enrolment
        enrolled = np.minimum(self.sizes[decision.look] + enrolment.overrun, enrolment.patients)
        return Outcome(
            observed=observed,
            enrolled=first_places(observed, enrolled),
            estimates=[self._adjusted(last, decision.look)],
            rejected=decision.rejected[:, None],
            look=decision.look,
            futile=decision.futile,
            enriched=np.zeros(len(numbers), dtype=bool),
            alternatives=([last],),
        )

    def _adjusted(self, plain: Estimate, look: Positions) -> Estimate:
        """Return the median-unbiased estimate, p values and interval of trials that ended at their looks."""
        of_test, as_followed = self.orderings
        level = (1 - plain.contrast.confidence) / 2
        asked = ((of_test, level), (as_followed, 0.5), (as_followed, 1 - level))
        scores = np.full((len(asked), len(look)), np.nan)
        p_value = plain.p_value_one_sided.copy()
        for number, information in enumerate(self.design.looks):
            here = np.flatnonzero((look == number) & plain.estimated)
            z = plain.z[here]
            for row, (ordering, probability) in zip(scores, asked, strict=True):
                row[here] = z - ordering.drift(number, z, probability) * np.sqrt(information)
            p_value[here] = of_test.tail(number, z, np.zeros(len(here)))
        least, middle, most = (plain.less_benefit(score) for score in scores)
        less_is_better = plain.contrast.direction is Direction.LESS
        return replace(
            plain,
            effect=np.where(plain.estimated, middle, plain.effect),
            p_value_one_sided=p_value,
            p_value_two_sided=np.where(plain.estimated, 2 * np.minimum(p_value, 1 - p_value), 1.0),
            lower=np.where(plain.estimated, most if less_is_better else least, plain.lower),
            upper=np.where(plain.estimated, least if less_is_better else most, plain.upper),
        )


@lru_cache(maxsize=16)
def _orderings(
    plan: SequentialPlan, futility: tuple[float, ...] | None
) -> tuple[StagewiseOrdering, StagewiseOrdering]:
    """Return the ordering of a test, and that of a trial that follows its futility bounds.

    Kept from one bank of a protocol to the next: they take seconds and depend on no data.
    """
    bounds = boundaries(plan)
    of_test = StagewiseOrdering(bounds)
    if futility is None:
        return of_test, of_test
    return of_test, StagewiseOrdering(bounds, np.array([*futility, -np.inf]))


def at_look(looks: list[Estimate], look: Positions) -> Estimate:
    """Return each replicate's estimate at its own look, (r,)."""
    columns = {
        name: np.choose(look, [getattr(estimate, name) for estimate in looks])
        for name in vars(looks[0])
        if name != "contrast"
    }
    return Estimate(contrast=looks[0].contrast, **columns)


CONDUCTORS = {GroupSequential: GroupSequentialConductor}
