"""Group-sequential: the data so far are analysed at each look, and the trial stops when a bound is passed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calor.trial.analysis import Estimate, decide
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Numbers, Outcome, first_places, overrun
from calor.trial.estimation import Analyst
from calor.trial.protocol import GroupSequential
from calor.trial.theory import SequentialPlan, boundaries


@dataclass(frozen=True)
class GroupSequentialConductor:
    """Looks after fractions of the patients; futility bounds are not binding.

    At look k the analysis takes the first n_k patients; its one-sided p value as a normal score meets the
    critical value of the plan. The estimate is the plain one at the last look, with its plain interval.
    """

    observer: Observer
    analyst: Analyst
    design: GroupSequential

    @cached_property
    def critical_values(self) -> Numbers:
        """The critical value at each look."""
        analysis = self.observer.protocol.analysis
        plan = SequentialPlan(
            self.design.spending, self.design.looks, analysis.alpha, analysis.sided, self.design.parameter
        )
        return boundaries(plan).critical_values

    @cached_property
    def sizes(self) -> Positions:
        """The number of patients at each look."""
        return np.round(np.array(self.design.looks) * self.observer.protocol.patients).astype(np.int64)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        looks = [
            self.analyst.estimate(observed, first_places(observed, int(size)), int(numbers[0]))[0]
            for size in self.sizes
        ]
        decision = decide(
            np.column_stack([estimate.z for estimate in looks]),
            self.critical_values,
            sided=self.observer.protocol.analysis.sided,
            futility=np.array(self.design.futility) if self.design.futility else None,
        )
        most = self.observer.protocol.patients
        enrolled = np.minimum(self.sizes[decision.look] + overrun(self.observer), most)
        return Outcome(
            observed=observed,
            enrolled=first_places(observed, enrolled),
            estimates=[at_look(looks, decision.look)],
            rejected=decision.rejected[:, None],
            look=decision.look,
            futile=decision.futile,
            enriched=np.zeros(len(numbers), dtype=bool),
        )


def at_look(looks: list[Estimate], look: Positions) -> Estimate:
    """Return each replicate's estimate at its own look, (r,)."""
    columns = {
        name: np.choose(look, [getattr(estimate, name) for estimate in looks])
        for name in vars(looks[0])
        if name != "contrast"
    }
    return Estimate(contrast=looks[0].contrast, **columns)
