"""Several arms with looks: each look tests the arms that are left, drops some, and may end the trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.study import MultiArmMultiStage
from calor.trial.analysis import Estimate
from calor.trial.conduct.observation import Observed, Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags, Outcome
from calor.trial.designs.estimation import Analyst
from calor.trial.designs.group_sequential import at_look
from calor.trial.designs.open_arms import best_of, enrolled_until, with_bounds
from calor.trial.protocols.looks import looks_of, share_to_control
from calor.trial.theory import ManyArmPlan, SequentialPlan, many_arm_boundaries


@dataclass(frozen=True)
class ArmStates:
    """What has become of the arms: which are open, which were found to benefit, the last look of each
    (r, n_arms); and the look at which the trial ended, -1 while it goes on (r,)."""

    open: Flags
    rejected: Flags
    last_look: Positions
    end: Positions


@dataclass(frozen=True)
class MultiArmConductor:
    """Looks after fractions of the patients, at all arms that are left.

    At a look the analysis takes whoever is in by then. Step-down closed test: the best arm meets the critical
    value for all arms, the next one that for the others, and so on; an arm that was dropped counts among the
    others. That is the closed test of all intersections, since the critical values rise with the number of
    arms. The interval of an arm is that of the look at which it ended, ± the critical value for all arms at
    the interval's own level.
    """

    observer: Observer
    analyst: Analyst
    design: MultiArmMultiStage

    @cached_property
    def sizes(self) -> Positions:
        """The number of patients at each look."""
        return np.round(np.array(self.design.looks) * self.observer.plan.enrolment.patients).astype(np.int64)

    @cached_property
    def critical_values(self) -> Numbers:
        """What the best of m arms must reach at each look, (n_arms, n_looks), m from 1 on."""
        looks = looks_of(self.design, self.analyst.asked)
        found = [self._boundaries(looks, count) for count in range(1, self.analyst.n_contrasts + 1)]
        return np.maximum.accumulate(np.array(found), axis=0)

    @cached_property
    def simultaneous(self) -> Numbers:
        """The critical values for all arms at the level of one side of the interval, (n_looks,)."""
        level = (1 - self.analyst.contrasts[0].confidence) / 2
        looks = replace(looks_of(self.design, self.analyst.asked), alpha=level)
        return np.array(self._boundaries(looks, self.analyst.n_contrasts))

    def _boundaries(self, looks: SequentialPlan, count: int) -> tuple[float, ...]:
        plan = self.observer.plan
        ratio = share_to_control(plan.enrolment.shares, plan.layout.control)
        return many_arm_boundaries(ManyArmPlan(looks, count, ratio))

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        arms = self.start(len(numbers))
        looks: list[list[Estimate]] = []
        for look, size in enumerate(self.sizes):
            looks.append(self.analyst.estimate(observed, self._in_by(observed, arms, int(size))))
            arms = self.after(arms, look, looks[-1])
        return Outcome(
            observed=observed,
            enrolled=self._enrolled(observed, arms),
            estimates=[
                with_bounds(at_look([found[arm] for found in looks], ended), score, score)
                for arm, ended in enumerate(arms.last_look.T)
                for score in [self.simultaneous[ended]]
            ],
            rejected=arms.rejected,
            look=arms.end,
            futile=~arms.rejected.any(axis=1) & (arms.end < len(self.sizes) - 1),
            enriched=np.zeros(len(numbers), dtype=bool),
        )

    def start(self, replicates: int) -> ArmStates:
        """Return the arms before the first look of some replicates."""
        shape = (replicates, self.analyst.n_contrasts)
        return ArmStates(
            open=np.ones(shape, dtype=bool),
            rejected=np.zeros(shape, dtype=bool),
            last_look=np.zeros(shape, dtype=np.int64),
            end=np.full(replicates, -1, dtype=np.int64),
        )

    def after(self, arms: ArmStates, look: int, estimates: list[Estimate]) -> ArmStates:
        """Return what has become of the arms after a look."""
        z = np.column_stack([estimate.z for estimate in estimates])
        rejected = arms.rejected | self._found_to_benefit(np.where(arms.open, z, -np.inf), arms, look)
        going = arms.open & ~rejected
        last = look == len(self.sizes) - 1
        if not last and self.design.futility is not None:
            going = going & (z >= self.design.futility[look])
        if not last and self.design.keep is not None:
            going = going & best_of(np.where(going, z, -np.inf), self.design.keep[look])
        over = np.asarray(last | ~going.any(axis=1))
        if self.design.stop == "first-success":
            over = over | rejected.any(axis=1)
        going = going & ~over[:, None]
        return ArmStates(
            open=going,
            rejected=rejected,
            last_look=np.where(arms.open, look, arms.last_look),
            end=np.where(over & (arms.end < 0), look, arms.end),
        )

    def _found_to_benefit(self, z: Numbers, arms: ArmStates, look: int) -> Flags:
        """Return which arms the step-down test finds to benefit at a look, (r, n_arms)."""
        found = np.zeros(z.shape, dtype=bool)
        left = z.shape[1] - arms.rejected.sum(axis=1)
        rank = np.argsort(np.argsort(-z, axis=1, kind="stable"), axis=1, kind="stable")
        passed = np.ones(len(z), dtype=bool)
        for place in range(z.shape[1]):
            here = rank == place
            best = np.where(here, z, -np.inf).max(axis=1)
            needed = self.critical_values[np.maximum(left - 1 - place, 0), look]
            passed = passed & (left > place) & (best >= needed)
            found |= here & passed[:, None]
        return found

    def _in_by(self, observed: Observed, arms: ArmStates, size: int) -> Flags:
        """Return whose data a look of some size has: those of arms until they ended, (r, n)."""
        until = np.where(arms.open, size, self.sizes[arms.last_look])
        return enrolled_until(self._arms(observed), until, np.full(len(until), size))

    def _enrolled(self, observed: Observed, arms: ArmStates) -> Flags:
        """Return who is enrolled, those too who come while the data of an arm's last look mature, (r, n)."""
        enrolment = self.observer.plan.enrolment
        whole = np.minimum(self.sizes + enrolment.overrun, enrolment.patients)
        return enrolled_until(self._arms(observed), whole[arms.last_look], whole[arms.end])

    def _arms(self, observed: Observed) -> NDArray[np.int64]:
        """Return the arm of each place as the analysis counts them, control 0, (r, n)."""
        return self.analyst.code_of_arm[observed.sequences][:, :, 0]


CONDUCTORS = {MultiArmMultiStage: MultiArmConductor}
