"""Adaptive enrichment: a second stage in everybody, or in the subgroup that the first stage points to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtri
from calor.study import Enrichment
from calor.trial.analysis import Estimate
from calor.trial.conduct.observation import Observed, Observer
from calor.trial.conduct.roster import Positions, Stage
from calor.trial.designs.combination import combination_estimate, combined, simes
from calor.trial.designs.conductor import Flags, Outcome
from calor.trial.designs.estimation import Analyst
from calor.trial.designs.group_sequential import at_look
from calor.trial.designs.selection import bias_corrected


@dataclass(frozen=True)
class EnrichmentConductor:
    """Two stages with a closed combination test of everybody and of the subgroup.

    C(p1, p2) = (√w z1 + √(1 - w) z2) with z = Φ^-1(1 - p) and w the planned share of stage 1; a hypothesis is
    rejected when its own C and that of the intersection (Simes' p value at each stage) reach z_alpha. In an
    enriched trial the second stage knows the subgroup alone. The estimate is the plain one in the population
    in which the trial ended, corrected for the choice; the interval is that of the combination test, with
    Bonferroni's share for the choice on the side of no benefit.
    """

    observer: Observer
    analyst: Analyst
    design: Enrichment

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        patients = self.observer.plan.enrolment.patients
        first = self.design.interim_patients
        rest = patients - first
        stage_1 = self.observer.observe(numbers, Stage("stage 1", first))
        stage_2 = self.observer.observe(numbers, Stage("stage 2", rest))
        enriched_2 = self.observer.observe(numbers, Stage("stage 2, enriched", rest, subgroup_only=True))
        all_1, sub_1 = self._estimates(stage_1)
        all_2, sub_2 = self._estimates(stage_2)
        only_2 = self._estimates(enriched_2)[0]
        enriched = self._points_to_subgroup(all_1, sub_1)
        share = first / patients
        level = float(-ndtri(self.analyst.asked.alpha))
        both_1 = simes(all_1.p_value_one_sided, sub_1.p_value_one_sided)
        both_2 = np.where(
            enriched, only_2.p_value_one_sided, simes(all_2.p_value_one_sided, sub_2.p_value_one_sided)
        )
        sub_p_2 = np.where(enriched, only_2.p_value_one_sided, sub_2.p_value_one_sided)
        of_both = combined(both_1, both_2, share) >= level
        in_subgroup = of_both & (combined(sub_1.p_value_one_sided, sub_p_2, share) >= level)
        in_all = (
            of_both & ~enriched & (combined(all_1.p_value_one_sided, all_2.p_value_one_sided, share) >= level)
        )
        observed = _chosen(enriched, stage_1.with_stage(enriched_2), stage_1.with_stage(stage_2))
        of_all = self.analyst.estimate(observed)[0]
        of_subgroup = self.analyst.estimate(observed, observed.in_subgroup)[0]
        in_which = enriched.astype(np.int64)
        plain = at_look([of_all, of_subgroup], in_which)
        ended = (at_look([all_1, sub_1], in_which), at_look([all_2, only_2], in_which))
        combination = self._combined_estimate(plain, ended, enriched)
        corrected = bias_corrected(
            plain, (all_1, sub_1), enriched, _shares(stage_1, rest), self.design.margin
        )
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=[replace(combination, effect=corrected.effect)],
            rejected=(in_all | in_subgroup)[:, None],
            look=np.ones(len(numbers), dtype=np.int64),
            futile=np.zeros(len(numbers), dtype=bool),
            enriched=enriched,
            alternatives=([plain], [combination]),
            places_before_choice=first,
        )

    def _estimates(self, observed: Observed) -> tuple[Estimate, Estimate]:
        """Return the estimates in everybody and in the subgroup."""
        return (
            self.analyst.estimate(observed)[0],
            self.analyst.estimate(observed, observed.in_subgroup)[0],
        )

    def _combined_estimate(
        self, plain: Estimate, ended: tuple[Estimate, Estimate], enriched: Flags
    ) -> Estimate:
        """Return the estimate of the combination test in the population in which each trial ended.

        Two populations were tested at the first stage, and at the second one where the trial went on in all.
        """
        share = self.design.interim_patients / self.observer.plan.enrolment.patients
        tests = (np.full(len(enriched), 2.0), np.where(enriched, 1.0, 2.0))
        return combination_estimate(plain, ended, tests, share)

    def _points_to_subgroup(self, of_all: Estimate, of_subgroup: Estimate) -> Flags:
        """Return whether the subgroup's estimated benefit exceeds that of all by the margin, (r,)."""
        better = of_all.effect - of_subgroup.effect
        if not self.observer.plan.assessments.endpoint.less_is_better:
            better = -better
        return np.asarray(of_subgroup.estimated & (better > self.design.margin))


def _shares(stage_1: Observed, rest: int) -> tuple[Numbers, Numbers]:
    """Return the subgroup's share of stage 1, and the share of its patients that stage 1 enrolled, (r,).

    The latter where stage 2, of so many patients, is in the subgroup alone.
    """
    count = stage_1.in_subgroup.sum(axis=1)
    return count / stage_1.in_subgroup.shape[1], count / (count + rest)


def _chosen(flags: Flags, one: Observed, other: Observed) -> Observed:
    """Return what each replicate observed: of the first where its flag is set, else of the second."""
    columns = {}
    for name, values in vars(one).items():
        shape = (len(flags),) + (1,) * (values.ndim - 1)
        columns[name] = np.where(flags.reshape(shape), values, getattr(other, name))
    return Observed(**columns)


CONDUCTORS = {Enrichment: EnrichmentConductor}
