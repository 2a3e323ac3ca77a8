"""Response-adaptive randomisation: blocks whose shares follow what is seen, tested once at the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.study import ResponseAdaptive
from calor.trial.analysis import Estimate, adjusted_p_values
from calor.trial.conduct.observation import Observed, Observer
from calor.trial.conduct.roster import Positions, Stage
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.estimation import CONFIDENCE, Analyst
from calor.trial.designs.moving_shares import Allocated, Allocator, Draws, Queues, ShareRule, rising
from calor.trial.designs.moving_shares_level import calibrated_level


@dataclass(frozen=True)
class ResponseAdaptiveConductor:
    """Allocates block by block, and tests every active arm at the end with the blocks as strata.

    Whoever is next in an arm's queue is the person that a trial of fixed shares would seat there, so shares
    that never move give the trial of parallel arms. `trend`: by how much the outcomes of the last patient lie
    above those of the first, whatever the arm, in units of the endpoint; `in_blocks`: whether the test takes
    the blocks for strata and has the calibrated level, as the design says, or neither.
    """

    observer: Observer
    analyst: Analyst
    design: ResponseAdaptive
    trend: float = 0.0
    in_blocks: bool = True

    @cached_property
    def allocator(self) -> Allocator:
        """What allocates the patients."""
        return Allocator(
            rule=ShareRule(self.design.exponent, self.design.least_share),
            blocks=self.design.blocks_of(self.observer.plan.protocol),
            contrasts=tuple(self.analyst.contrasts),
            filled_in_order=tuple(self._codes.tolist()),
        )

    @property
    def _codes(self) -> Positions:
        """The arm of each sequence as the analysis counts them, control 0, (n_sequences,)."""
        return self.analyst.code_of_arm[:, 0]

    def level(self, level: float) -> float:
        """Return the calibrated level at which the familywise error is at most some level."""
        return calibrated_level(self.allocator, self.analyst.asked.multiplicity, level)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self._observed(numbers)
        without = self.analyst.estimate(observed)
        estimates = self._in_blocks(observed) if self.in_blocks else without
        p_values = adjusted_p_values(
            np.column_stack([each.p_value_one_sided for each in estimates]), self.analyst.asked.multiplicity
        )
        alpha = self.analyst.asked.alpha
        later = observed.sequences[:, self.allocator.blocks[0].start :]
        on_control = (self._codes[later] == 0).mean(axis=1)
        nobody = np.zeros(len(numbers), dtype=bool)
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=estimates,
            rejected=p_values < (self.level(alpha) if self.in_blocks else alpha),
            look=np.zeros(len(numbers), dtype=np.int64),
            futile=nobody,
            enriched=nobody,
            alternatives=(without,),
            own_numbers=(
                (self._codes[observed.sequences] == 0).mean(axis=1),
                (on_control > 1 / self.allocator.n_arms + 1e-9).astype(np.float64),
            ),
        )

    def _in_blocks(self, observed: Observed) -> list[Estimate]:
        """Return the estimates with the blocks as strata, their intervals at the calibrated level."""
        confidence = 1 - 2 * self.level((1 - CONFIDENCE) / 2)
        asked = tuple(replace(contrast, confidence=confidence) for contrast in self.analyst.contrasts)
        return self.allocator.estimates(self.analyst.of_endpoint(observed), asked)

    def _observed(self, numbers: Positions) -> Observed:
        """Return what the replicates observe in the places of the trial."""
        rosters, whole = self.observer.rosters, Stage("whole", self.allocator.patients)
        first = Stage(whole.name, self.allocator.blocks[0].start)
        burn_in = rosters.allocated(numbers, first)
        codes = self._codes[burn_in]
        line = Stage(whole.name, self.allocator.longest_queue(codes))
        queued = self.observer.of_roster(numbers, rosters.queues(numbers, line), line)
        draws = Draws(
            burn_in=codes,
            order=rosters.order_keys(numbers, whole),
            rounding=rosters.rounding_keys(numbers, whole, len(self.allocator.blocks)),
        )
        added = rising(self.trend, whole.places)
        found = self.allocator.allocate(self._queues(queued, line.places), draws, added)
        return self._seated(queued, found, added, line.places)

    def _queues(self, queued: Observed, length: int) -> Queues:
        """Return the queues of the arms in the order of their codes."""
        shape = (len(queued.numbers), len(self._codes), length)
        order = np.argsort(self._codes)
        return Queues(
            outcome=queued.endpoint[:, :, 0].reshape(shape)[:, order],
            baseline=queued.baseline.reshape(shape)[:, order],
        )

    def _seated(self, queued: Observed, found: Allocated, added: Numbers, length: int) -> Observed:
        """Return what is observed of the patients in their places, each place's block as its stratum."""
        sequence = np.argsort(self._codes)[found.arms]
        place = sequence * length + found.ranks
        columns = {}
        for name, values in vars(queued).items():
            if name not in {"numbers", "cells"}:
                at = place.reshape(*place.shape, *(1,) * (values.ndim - 2))
                columns[name] = np.take_along_axis(values, at, axis=1)
        block = np.searchsorted(self.allocator.starts, np.arange(place.shape[1]), side="right") - 1
        columns["strata"] = np.broadcast_to(block, place.shape)
        columns["endpoint"] = columns["endpoint"] + added[None, :, None]
        return Observed(numbers=queued.numbers, cells=queued.cells, **columns)


CONDUCTORS = {ResponseAdaptive: ResponseAdaptiveConductor}
