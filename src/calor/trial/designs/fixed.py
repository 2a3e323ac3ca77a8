"""Parallel arms, crossovers and N-of-1 series of a fixed size, analysed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.study import Crossover, NOf1, Parallel, RandomisedWithdrawal
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.estimation import Analyst


@dataclass(frozen=True)
class FixedConductor:
    """Enrols everybody, then tests each contrast at the familywise level, or one against its margin."""

    observer: Observer
    analyst: Analyst
    design: Parallel | Crossover | NOf1 | RandomisedWithdrawal

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        estimates = self.analyst.estimate(observed)
        nobody = np.zeros(len(numbers), dtype=bool)
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=estimates,
            rejected=self.analyst.rejected(observed, estimates),
            look=np.zeros(len(numbers), dtype=np.int64),
            futile=nobody,
            enriched=nobody,
        )


CONDUCTORS = dict.fromkeys((Parallel, Crossover, NOf1, RandomisedWithdrawal), FixedConductor)
