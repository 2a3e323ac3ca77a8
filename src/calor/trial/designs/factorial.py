"""Factorial: both main effects and the interaction, from one model of all four arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.study import Factorial
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.estimation import Analyst


@dataclass(frozen=True)
class FactorialConductor:
    """Enrols everybody, then tests the hypotheses of the family; what is only described is never claimed."""

    observer: Observer
    analyst: Analyst
    design: Factorial

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        estimates = self.analyst.combinations(observed)
        tested = np.array(self.observer.plan.layout.tested)
        rejected = np.zeros((len(numbers), len(tested)), dtype=bool)
        family = [estimate for estimate, one in zip(estimates, tested, strict=True) if one]
        rejected[:, tested] = self.analyst.rejected(observed, family)
        nobody = np.zeros(len(numbers), dtype=bool)
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=estimates,
            rejected=rejected,
            look=np.zeros(len(numbers), dtype=np.int64),
            futile=nobody,
            enriched=nobody,
        )


CONDUCTORS = {Factorial: FactorialConductor}
