"""Simulated results of one trial under each rival, with the effect and with the drugs' mechanism off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import UnsupportedError
from calor.core.progress import Progress, StopOnly
from calor.evidence.vocabulary import Direction
from calor.model.rivals import Rival
from calor.trial.bank.bank import Bank
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import Replicates
from calor.trial.forecast.kinds import Of
from calor.trial.forecast.scores import Forecast, Shares
from calor.trial.protocols.plan import Plan
from calor.trial.runs.stages import replicate


@dataclass(frozen=True)
class RivalTrials:
    """Trials simulated under one rival, and the same trials with the mechanism off.

    Arguments: the rival, its weight among those under which the trial can run, and the replicates of both.
    """

    rival: Rival
    weight: float
    with_effect: Replicates
    without: Replicates


@dataclass(frozen=True)
class Trials:
    """Everything that was simulated of one trial: its bank, and its trials under each rival."""

    plan: Plan
    bank: Bank
    by_rival: tuple[RivalTrials, ...]

    def forecast(self, of: Of, *, effect: bool = True, only: RivalTrials | None = None) -> Forecast:
        """Return the distribution of a figure over trials, under one rival or averaged over all."""
        parts = self._parts(effect=effect, only=only)
        values = np.concatenate([self._figure(of, replicates) for replicates, _ in parts])
        weights = np.concatenate([weight for _, weight in parts])
        worlds = np.concatenate([self._worlds(replicates) for replicates, _ in parts])
        known = np.isfinite(values)
        return Forecast(
            values[known],
            weights[known],
            worlds[known],
            self._limits(of),
            of is Of.SIZE_OF_CONTRAST,
            self._narrowest,
        )

    def shares(self, direction: Direction, *, effect: bool = True, only: RivalTrials | None = None) -> Shares:
        """Return which trials show a direction of the primary contrast at the protocol's level."""
        parts = self._parts(effect=effect, only=only)
        shown = np.concatenate([_shows(direction, self.plan, replicates) for replicates, _ in parts])
        weights = np.concatenate([weight for _, weight in parts])
        worlds = np.concatenate([self._worlds(replicates) for replicates, _ in parts])
        return Shares(shown, weights, worlds)

    def _parts(self, *, effect: bool, only: RivalTrials | None) -> list[tuple[Replicates, Numbers]]:
        """Return replicates with the weight of each, which sum to 1 over all parts."""
        chosen: Sequence[RivalTrials] = [only] if only else self.by_rival
        parts = []
        for each in chosen:
            replicates = each.with_effect if effect else each.without
            weight = 1.0 if only else each.weight
            parts.append((replicates, np.full(len(replicates), weight / len(replicates))))
        return parts

    def _worlds(self, replicates: Replicates) -> NDArray[np.int64]:
        return np.array([self.bank.cells[cell].world for cell in replicates.cells])

    def _limits(self, of: Of) -> tuple[float, float]:
        """Return the lowest and highest result that the scale allows: a share, or all points of the scale."""
        endpoint = self.plan.assessments.endpoint
        top = 1.0 if endpoint.responder else endpoint.variable.row.span
        if np.isinf(top):
            raise UnsupportedError.of(
                f"a forecast of {endpoint.variable} cannot be scored: its scale has no end",
                key="endpoint.variable",
            )
        signed = of is Of.CONTRAST or (of is not Of.SIZE_OF_CONTRAST and endpoint.scale == "change")
        return (-top if signed else 0.0), top

    @property
    def _narrowest(self) -> float:
        """Half the step of a share of one arm's patients; of a mean, next to nothing."""
        if self.plan.assessments.endpoint.responder is None:
            return 1e-3
        return 0.5 * len(self.plan.layout.arms) / self.plan.enrolment.patients

    def _figure(self, of: Of, replicates: Replicates) -> Numbers:
        if of is Of.CONTROL:
            return replicates.endpoint_mean[:, self.plan.layout.control]
        if of is Of.ACTIVE:
            return replicates.endpoint_mean[:, self.plan.layout.actives[0]]
        if of is Of.LEVEL:
            total = (replicates.endpoint_mean * replicates.randomised).sum(axis=1)
            return np.asarray(total / replicates.randomised.sum(axis=1))
        return np.abs(replicates.effect) if of is Of.SIZE_OF_CONTRAST else replicates.effect


def _shows(direction: Direction, plan: Plan, replicates: Replicates) -> NDArray[np.bool_]:
    lower = replicates.effect < 0
    beneficial = lower if plan.analysis.less_is_better else ~lower
    return {
        Direction.NONE: ~replicates.significant,
        Direction.FAVOURS_ACTIVE: replicates.significant & beneficial,
        Direction.FAVOURS_CONTROL: replicates.significant & ~beneficial,
    }[direction]


def simulate_trials(ready: Prepared, progress: Progress) -> Trials:
    """Return trials of a prepared trial: as many replicates under every rival, whatever its weight."""
    found = sorted({cell.rival for cell in ready.bank.cells})
    total = ready.weights[found].sum()
    progress.start(f"trials of {ready.protocol.id}", 2 * len(found))
    by_rival = []
    for index in found:
        pair = []
        for each in (ready.under(index), ready.under(index).mechanism_off()):
            pair.append(replicate(each, StopOnly(progress)))
            progress.advance()
        by_rival.append(RivalTrials(ready.rivals[index], float(ready.weights[index] / total), *pair))
    return Trials(ready.plan, ready.bank, tuple(by_rival))
