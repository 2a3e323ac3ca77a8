"""From what a trial observed to its estimates: the protocol's analysis of each active arm against control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.study import Claim, Margin, Prior
from calor.trial.analysis import (
    Bayesian,
    Contrast,
    CrossoverData,
    Estimate,
    Estimator,
    LongitudinalData,
    MultipleImputation,
    NormalPrior,
    ParallelData,
    adjusted_p_values,
)
from calor.trial.analysis.data import NOT_RANDOMISED, SiteData, TimesData
from calor.trial.analysis.method import Reads
from calor.trial.analysis.win_ratio import HierarchicalData
from calor.trial.conduct.observation import Observed
from calor.trial.designs.times import times_of
from calor.trial.designs.wins import win_levels
from calor.trial.protocols.plan import Plan

Flags = NDArray[np.bool_]
Data = TypeVar("Data")

CONFIDENCE = 0.95
"""The level of the interval that a trial reports."""


class Analyst:
    """Analyses what replicates of a trial observed."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.stream = Stream(seed).child("imputation")
        self.asked = plan.analysis.asked
        self.method = plan.analysis.method
        # The analysis data count arms from the control, 0, on: the actives follow in the protocol's order.
        order = (plan.layout.control, *plan.layout.actives)
        self.code_of_arm = np.argsort(np.array(order))[plan.layout.arm_asked]

    @property
    def n_contrasts(self) -> int:
        """The number of active arms, each compared with the control."""
        return len(self.plan.layout.actives)

    def estimate(
        self, observed: Observed, counts: Flags | None = None, confidence: float = CONFIDENCE
    ) -> list[Estimate]:
        """Return the estimate of every active arm against control, (r,) each.

        Arguments: what was observed; which places count (r, n), without it all; and the level of the
        interval.
        """
        if self.asked.imputes:
            return self._all(self.imputation, self.of_visits(observed, counts), confidence)
        read: dict[Reads, Callable[[Observed, Flags | None], Any]] = {
            Reads.ENDPOINT: self.of_endpoint,
            Reads.VISITS: self.of_visits,
            Reads.PERIODS: self.of_periods,
            Reads.PAIRS: self._of_pairs,
            Reads.SITES: self._of_sites,
            Reads.TIMES: self._of_times,
        }
        data = read[self.method.reads](observed, counts)
        return self._all(self.method.estimator, data, confidence)

    def combinations(self, observed: Observed) -> list[Estimate]:
        """Return the estimate of every comparison of several arms, (r,) each.

        Raises TypeError for an analysis that compares two arms alone, which no plan has.
        """
        estimate = self.method.combination
        if estimate is None:
            raise TypeError(f"{self.method.name} compares two arms alone")
        data, layout = self.of_endpoint(observed), self.plan.layout
        order = [layout.control, *layout.actives]
        asked = Contrast(direction=self.plan.analysis.direction)
        return [estimate(data, weights[order], asked) for weights in layout.weights]

    def rejected(self, observed: Observed, estimates: list[Estimate]) -> Flags:
        """Return which contrasts are significant, at the familywise level or against the margin, (r, m)."""
        if self.asked.margin is not None:
            return self._within(self.asked.margin, observed)[:, None]
        p_values = np.column_stack([self.p_values(estimate) for estimate in estimates])
        return np.asarray(adjusted_p_values(p_values, self.asked.multiplicity) < self.asked.alpha)

    def _within(self, margin: Margin, observed: Observed) -> Flags:
        """Return whether the interval of the level 1 - 2 (one-sided alpha) lies within the margin, (r,).

        Source: Schuirmann (1987), J Pharmacokinet Biopharm 15:657-80.
        """
        (found,) = self.estimate(observed, confidence=1 - 2 * self.plan.analysis.level)
        not_above, not_below = found.upper < margin.size, found.lower > -margin.size
        if margin.claim is Claim.EQUIVALENCE:
            return np.asarray(found.estimated & not_above & not_below)
        return np.asarray(found.estimated & (not_above if self.plan.analysis.less_is_better else not_below))

    def of_endpoint(self, observed: Observed, counts: Flags | None = None) -> ParallelData:
        """Return the endpoint of parallel arms as the analyses read it."""
        arms = self._arms(observed, counts)[:, :, 0]
        baseline = observed.baseline if self.method.adjusts_for_baseline else None
        return ParallelData(observed.endpoint[:, :, 0], arms, baseline, self._strata(observed))

    def _of_sites(self, observed: Observed, counts: Flags | None) -> SiteData:
        sites = self.plan.enrolment.sites
        of_patients = None
        if self.plan.enrolment.strata and sites is not None:
            of_patients = observed.strata // sites.strata  # the site is at random beside them
        arms = self._arms(observed, counts)[:, :, 0]
        patients = ParallelData(observed.endpoint[:, :, 0], arms, observed.baseline, of_patients)
        return SiteData(patients, observed.sites)

    def of_periods(self, observed: Observed, counts: Flags | None = None) -> CrossoverData:
        """Return the periods of each patient as the analyses read them."""
        return CrossoverData(observed.endpoint, self._arms(observed, counts))

    def _of_times(self, observed: Observed, counts: Flags | None) -> TimesData:
        arms = self._arms(observed, counts)[:, :, 0]
        return times_of(self.plan, observed.endpoint[:, :, 0], observed.lost, arms)

    def _of_pairs(self, observed: Observed, counts: Flags | None) -> HierarchicalData:
        levels = win_levels(
            self.plan, observed.endpoint[:, :, 0], observed.stopped, observed.rescued, observed.lost
        )
        return HierarchicalData(levels, self._arms(observed, counts)[:, :, 0])

    @property
    def contrasts(self) -> list[Contrast]:
        """Every active arm against control, the primary contrast first."""
        return self._contrasts(CONFIDENCE)

    def _contrasts(self, confidence: float) -> list[Contrast]:
        direction = self.plan.analysis.direction
        return [Contrast(code, 0, direction, confidence) for code in range(1, self.n_contrasts + 1)]

    def of_visits(self, observed: Observed, counts: Flags | None = None) -> LongitudinalData:
        """Return the visits of parallel arms as the analyses read them."""
        arms = self._arms(observed, counts)[:, :, 0]
        return LongitudinalData(
            observed.visits, arms, observed.baseline, self._strata(observed), observed.numbers
        )

    @property
    def imputation(self) -> MultipleImputation:
        """The protocol's analysis after imputation, whose random numbers the replicates' numbers key."""
        return MultipleImputation(self.stream, self.asked.missing, delta=self.asked.delta)

    def _arms(self, observed: Observed, counts: Flags | None) -> NDArray[np.int64]:
        """Return the arm of each place and period, (r, n, n_periods); -1 for places that do not count."""
        arms = self.code_of_arm[observed.sequences]
        return arms if counts is None else np.where(counts[:, :, None], arms, NOT_RANDOMISED)

    def _strata(self, observed: Observed) -> NDArray[np.int64] | None:
        enrolment = self.plan.enrolment
        by_site = enrolment.sites is not None and enrolment.sites.strata > 1
        return observed.strata if enrolment.strata or by_site else None

    def _all(self, estimator: Estimator[Data], data: Data, confidence: float) -> list[Estimate]:
        """Return every contrast of the data, updated by the protocol's prior where it has one."""
        prior = self.asked.prior
        if prior is not None:
            estimator = Bayesian(belief_of(prior), estimator)
        return [estimator.estimate(data, contrast) for contrast in self._contrasts(confidence)]

    def p_values(self, estimate: Estimate) -> Numbers:
        """Return the p values (r,) that the protocol's test looks at."""
        return estimate.p_value_two_sided if self.asked.sided == 2 else estimate.p_value_one_sided


def belief_of(prior: Prior) -> NormalPrior:
    """Return a protocol's prior as the distribution that the analysis takes."""
    if not prior.vague_weight:
        return NormalPrior.informative(prior.mean, prior.sd)
    return NormalPrior.robust(prior.mean, prior.sd, weight=1 - prior.vague_weight, vague_sd=prior.vague_sd)
