"""From what a trial observed to its estimates: the protocol's analysis of each active arm against control."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Assumption,
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
from calor.trial.conduct.observation import Observed
from calor.trial.protocol import Method, Prior, Protocol

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
        self.direction = Direction.LESS if protocol.endpoint.less_is_better else Direction.GREATER
        # The analysis data count arms from the control, 0, on: the actives follow in the protocol's order.
        order = (protocol.control_position, *protocol.active_positions)
        self.code_of_arm = np.argsort(np.array(order))

    @property
    def n_contrasts(self) -> int:
        """The number of active arms, each compared with the control."""
        return len(self.protocol.arms) - 1

    def estimate(self, observed: Observed, counts: Flags | None = None, first: int = 0) -> list[Estimate]:
        """Return the estimate of every active arm against control, (r,) each.

        Arguments: what was observed; which places count (r, n), without it all; and the number of the first
        replicate, which keys random imputations.
        """
        contrasts = [Contrast(code, 0, self.direction) for code in range(1, self.n_contrasts + 1)]
        arms = self.code_of_arm[np.array(self.protocol.sequences)[observed.sequences]]
        if counts is not None:
            arms = np.where(counts[:, :, None], arms, NOT_RANDOMISED)
        method = self.protocol.analysis.method
        if method.of_crossover:
            return self._all(OF_PERIODS[method], CrossoverData(observed.endpoint, arms), contrasts)
        strata = observed.strata if self.protocol.allocation.strata else None
        if method.of_visits or self.protocol.analysis.missing is not Assumption.MISSING_AT_RANDOM:
            data = LongitudinalData(observed.visits, arms[:, :, 0], observed.baseline, strata)
            return self._all(self._of_visits(first), data, contrasts)
        baseline = None if method in {Method.T_TEST, Method.RISK_DIFFERENCE} else observed.baseline
        one = ParallelData(observed.endpoint[:, :, 0], arms[:, :, 0], baseline, strata)
        return self._all(OF_ONE_VALUE[method], one, contrasts)

    def _of_visits(self, first: int) -> Estimator[LongitudinalData]:
        analysis = self.protocol.analysis
        if analysis.missing is Assumption.MISSING_AT_RANDOM:
            return OF_VISITS[analysis.method]
        return MultipleImputation(self.stream.child(first), analysis.missing)

    def _all(self, estimator: Estimator[Data], data: Data, contrasts: list[Contrast]) -> list[Estimate]:
        """Return every contrast of the data, updated by the protocol's prior where it has one."""
        prior = self.protocol.analysis.prior
        if prior is not None:
            estimator = Bayesian(belief_of(prior), estimator)
        return [estimator.estimate(data, contrast) for contrast in contrasts]

    def p_values(self, estimate: Estimate) -> NDArray[np.float64]:
        """Return the p values (r,) that the protocol's test looks at."""
        sided = self.protocol.analysis.sided
        return estimate.p_value_two_sided if sided == 2 else estimate.p_value_one_sided


def belief_of(prior: Prior) -> NormalPrior:
    """Return a protocol's prior as the distribution that the analysis takes."""
    if not prior.vague_weight:
        return NormalPrior.informative(prior.mean, prior.sd)
    return NormalPrior.robust(prior.mean, prior.sd, weight=1 - prior.vague_weight, vague_sd=prior.vague_sd)
