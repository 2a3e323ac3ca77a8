"""What replicates of a stage observe: rosters, events and measurements put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.trial.bank.bank import Bank
from calor.trial.conduct.events import events_of
from calor.trial.conduct.measurement import Measurement
from calor.trial.conduct.roster import Positions, Roster, RosterMaker, Stage
from calor.trial.protocols.plan import Plan


@dataclass(frozen=True)
class Observed:
    """What some replicates observed of the places of a stage, in the order of arrival.

    Arguments: the number of each replicate and its cell (r,); and for each place the sequence, stratum,
    whether the patient is in the subgroup, measured baseline (r, n), the endpoint of each period (r, n,
    n_periods) and the value at each visit (r, n, n_visits), NaN where missing; study times of stopping,
    rescue and loss (r, n); and the site.
    """

    numbers: Positions
    cells: Positions
    people: Positions
    sequences: Positions
    strata: Positions
    in_subgroup: NDArray[np.bool_]
    baseline: Numbers
    endpoint: Numbers
    visits: Numbers
    stopped: Numbers
    rescued: Numbers
    lost: Numbers
    sites: Positions

    def with_stage(self, later: Observed) -> Observed:
        """Return the places of this stage and then those of a later one of the same replicates."""
        columns = {
            name: np.concatenate([mine, getattr(later, name)], axis=1)
            for name, mine in vars(self).items()
            if name not in {"numbers", "cells"}
        }
        return Observed(numbers=self.numbers, cells=self.cells, **columns)


class Observer:
    """Observes replicates of a trial drawn from a bank."""

    def __init__(self, plan: Plan, bank: Bank, seed: int, rival_weights: Numbers) -> None:
        self.plan = plan
        self.bank = bank
        self.stream = Stream(seed).child("replicate")
        self.rosters = RosterMaker(plan.enrolment, bank, self.stream, rival_weights)
        self.measurement = Measurement(plan.assessments, bank)

    def observe(self, numbers: Positions, stage: Stage | None = None) -> Observed:
        """Return what the replicates with some numbers (r,) observe in a stage (None: the whole trial)."""
        stage = stage or Stage("whole", self.plan.enrolment.places)
        return self.of_roster(numbers, self.rosters.draw(numbers, stage), stage)

    def of_roster(self, numbers: Positions, roster: Roster, stage: Stage) -> Observed:
        """Return what the replicates with some numbers (r,) observe of a roster of a stage."""
        stream = self.stream.child(stage.name)
        shape = roster.sequences.shape
        endpoint = np.empty((*shape, len(self.plan.layout.asked)))
        visits = np.empty((*shape, len(self.plan.assessments.visit_windows)))
        stopped, rescued, lost = (np.empty(shape) for _ in range(3))
        in_common = self._in_common(numbers, roster.sites, stream)
        for sequence, name in enumerate(self.plan.layout.names):
            member = roster.sequences == sequence
            people, keys, own = roster.people[member], roster.keys[member], stream.child(name)
            events = events_of(self.plan.events, self.bank, sequence, people, keys, own)
            measured = self.measurement.measure(sequence, people, keys, events, own)
            shift = in_common[member][:, None]
            endpoint[member], visits[member] = measured.endpoint + shift, measured.visits + shift
            stopped[member], rescued[member], lost[member] = events.stopped, events.rescued, events.lost
        return Observed(
            numbers=numbers,
            cells=roster.cells,
            people=roster.people,
            sequences=roster.sequences,
            strata=roster.strata,
            in_subgroup=self.rosters.in_subgroup[roster.people],
            baseline=self.bank.baseline[roster.people],
            endpoint=endpoint,
            visits=visits,
            stopped=stopped,
            rescued=rescued,
            lost=lost,
            sites=roster.sites,
        )

    def _in_common(self, numbers: Positions, sites: Positions, stream: Stream) -> Numbers:
        """Return what the outcome of each place shares with those of its site, (r, n)."""
        asked = self.plan.enrolment.sites
        if asked is None or not asked.level_sd:
            return np.zeros(sites.shape)
        levels = asked.level_sd * stream.child("site level").normals(numbers, asked.count)
        return np.take_along_axis(levels, sites, axis=1)
