"""From what a trial observed to its estimates: the protocol's analysis of each active arm against control."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.study import Method, Prior, Protocol
from calor.trial.analysis import (
    Ancova,
    Bayesian,
    Clda,
    Contrast,
    CrossoverData,
    CrossoverMixed,
    CrossoverT,
    Direction,
    Estimate,
    Estimator,
    Logistic,
    LongitudinalData,
    Mmrm,
    MultipleImputation,
    NormalPrior,
    ParallelData,
    RiskDifference,
    TwoSampleT,
)
from calor.trial.analysis.data import NOT_RANDOMISED
from calor.trial.analysis.win_ratio import HierarchicalData, WinRatio
from calor.trial.conduct.observation import Observed
from calor.trial.designs.wins import win_levels

Flags = NDArray[np.bool_]
Data = TypeVar("Data")

OF_ONE_VALUE: dict[Method, Estimator[ParallelData]] = {
    Method.ANCOVA: Ancova(),
    Method.T_TEST: TwoSampleT(),
    Method.RISK_DIFFERENCE: RiskDifference(),
    Method.LOGISTIC: Logistic(),
}
OF_VISITS: dict[Method, Estimator[LongitudinalData]] = {Method.MMRM: Mmrm(), Method.CLDA: Clda()}
OF_PERIODS: dict[Method, Estimator[CrossoverData]] = {
    Method.CROSSOVER: CrossoverT(),
    Method.CROSSOVER_MIXED: CrossoverMixed(),
}


class Analyst:
    """Analyses what replicates of a protocol observed."""

    def __init__(self, protocol: Protocol, seed: int) -> None:
        self.protocol = protocol
        self.stream = Stream(seed).child("imputation")
        self.direction = Direction.LESS if protocol.less_is_better else Direction.GREATER
        # The analysis data count arms from the control, 0, on: the actives follow in the protocol's order.
        order = (protocol.control_position, *protocol.active_positions)
        self.code_of_arm = np.argsort(np.array(order))

    @property
    def n_contrasts(self) -> int:
        """The number of active arms, each compared with the control."""
        return len(self.protocol.arms) - 1

    def estimate(self, observed: Observed, counts: Flags | None = None) -> list[Estimate]:
        """Return the estimate of every active arm against control, (r,) each.

        Arguments: what was observed, and which places count (r, n), without it all.
        """
        method = self.protocol.analysis.method
        if self.protocol.analysis.imputes:
            return self._all(self.imputation, self.of_visits(observed, counts))
        if method.of_visits:
            return self._all(OF_VISITS[method], self.of_visits(observed, counts))
        arms = self._arms(observed, counts)
        if method is Method.WIN_RATIO:
            levels = win_levels(
                self.protocol, observed.endpoint[:, :, 0], observed.stopped, observed.rescued, observed.lost
            )
            return self._all(WinRatio(), HierarchicalData(levels, arms[:, :, 0]))
        if method.of_crossover:
            return self._all(OF_PERIODS[method], CrossoverData(observed.endpoint, arms))
        baseline = None if method in {Method.T_TEST, Method.RISK_DIFFERENCE} else observed.baseline
        data = ParallelData(observed.endpoint[:, :, 0], arms[:, :, 0], baseline, self._strata(observed))
        return self._all(OF_ONE_VALUE[method], data)

    @property
    def contrasts(self) -> list[Contrast]:
        """Every active arm against control, the primary contrast first."""
        return [Contrast(code, 0, self.direction) for code in range(1, self.n_contrasts + 1)]

    def of_visits(self, observed: Observed, counts: Flags | None = None) -> LongitudinalData:
        """Return the visits of parallel arms as the analyses read them."""
        arms = self._arms(observed, counts)[:, :, 0]
        return LongitudinalData(
            observed.visits, arms, observed.baseline, self._strata(observed), observed.numbers
        )

    @property
    def imputation(self) -> MultipleImputation:
        """The protocol's analysis after imputation, whose random numbers the replicates' numbers key."""
        analysis = self.protocol.analysis
        return MultipleImputation(self.stream, analysis.missing, delta=analysis.delta)

    def _arms(self, observed: Observed, counts: Flags | None) -> NDArray[np.int64]:
        """Return the arm of each place and period, (r, n, n_periods); -1 for places that do not count."""
        arms = self.code_of_arm[np.array(self.protocol.sequences)[observed.sequences]]
        return arms if counts is None else np.where(counts[:, :, None], arms, NOT_RANDOMISED)

    def _strata(self, observed: Observed) -> NDArray[np.int64] | None:
        return observed.strata if self.protocol.allocation.strata else None

    def _all(self, estimator: Estimator[Data], data: Data) -> list[Estimate]:
        """Return every contrast of the data, updated by the protocol's prior where it has one."""
        prior = self.protocol.analysis.prior
        if prior is not None:
            estimator = Bayesian(belief_of(prior), estimator)
        return [estimator.estimate(data, contrast) for contrast in self.contrasts]

    def p_values(self, estimate: Estimate) -> Numbers:
        """Return the p values (r,) that the protocol's test looks at."""
        sided = self.protocol.analysis.sided
        return estimate.p_value_two_sided if sided == 2 else estimate.p_value_one_sided


def belief_of(prior: Prior) -> NormalPrior:
    """Return a protocol's prior as the distribution that the analysis takes."""
    if not prior.vague_weight:
        return NormalPrior.informative(prior.mean, prior.sd)
    return NormalPrior.robust(prior.mean, prior.sd, weight=1 - prior.vague_weight, vague_sd=prior.vague_sd)
