"""A platform: arms come and go beside one control, each with its own looks and its own controls."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError
from calor.study import Accrual, Controls, Platform
from calor.trial.analysis import Contrast, Estimate, ParallelData
from calor.trial.analysis.data import NOT_RANDOMISED
from calor.trial.analysis.estimate import Estimability, t_estimate
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions, Stage
from calor.trial.designs.conductor import Flags, Outcome
from calor.trial.designs.estimation import Analyst
from calor.trial.designs.open_arms import with_bounds
from calor.trial.designs.open_platform import PlatformEnrolment, PlatformRules, rules_of
from calor.trial.protocols.looks import looks_of_arm
from calor.trial.theory import boundaries


@dataclass(frozen=True)
class ArmResults:
    """What has become of each active arm, (r, n_active) each, filled in as looks take place.

    Arguments: whether it was decided, found to benefit, or ended for futility; the look at which it ended, -1
    without one; the controls that were in by then, and those of them that came before it entered; and its
    estimate at that look.
    """

    decided: Flags
    found: Flags
    futile: Flags
    look: Positions
    controls: Positions
    earlier_controls: Positions
    estimates: list[Estimate]

    @classmethod
    def of_nobody(cls, contrasts: list[Contrast], replicates: int) -> ArmResults:
        """Return the arms of some replicates before any look."""
        shape = (replicates, len(contrasts))
        none, too_few = np.zeros(replicates), np.full(replicates, Estimability.TOO_FEW, dtype=np.int8)
        return cls(
            decided=np.zeros(shape, dtype=bool),
            found=np.zeros(shape, dtype=bool),
            futile=np.zeros(shape, dtype=bool),
            look=np.full(shape, -1),
            controls=np.zeros(shape, dtype=np.int64),
            earlier_controls=np.zeros(shape, dtype=np.int64),
            estimates=[t_estimate(contrast, none, none, none, too_few) for contrast in contrasts],
        )


@dataclass(frozen=True)
class PlatformConductor:
    """Enrols in rounds of a block; at the end of each, arms are looked at, leave and enter.

    An arm's look takes place when it has a fraction of its patients, its last one when it leaves for any
    reason but a decision. The analysis takes whoever is in by then: of the whole platform, or of the time
    since the arm entered where the controls are to be concurrent. An arm that is decided goes on while the
    data mature. The outcome of everybody moves with the months that the accrual takes, by the design's drift.
    """

    observer: Observer
    analyst: Analyst
    design: Platform

    @cached_property
    def accrual(self) -> Accrual:
        """How fast patients come. Raises InputError without, which no plan of a platform is."""
        accrual = self.observer.plan.protocol.conduct.accrual
        if accrual is None:
            raise InputError.of("a platform design needs it", key="conduct.accrual")
        return accrual

    @cached_property
    def rules(self) -> PlatformRules:
        """How the platform enrols."""
        return rules_of(self.observer.plan, self.design, self.accrual)

    @cached_property
    def drift(self) -> Numbers:
        """By how much the outcome of each patient lies higher, in the order of arrival, (patients,)."""
        came = range(self.rules.patients)
        return np.array([self.design.drift.at(self.accrual.days_to(one) / DAYS_PER_MONTH) for one in came])

    @cached_property
    def sizes(self) -> Positions:
        """The patients of an arm at each of its looks."""
        return np.round(np.array(self.design.looks) * self.design.arm_patients).astype(np.int64)

    @cached_property
    def critical_values(self) -> Numbers:
        """What an arm's statistic must reach at each of its looks."""
        arms = self.analyst.n_contrasts
        return boundaries(looks_of_arm(self.design, self.analyst.asked.alpha, arms)).critical_values

    @cached_property
    def interval_scores(self) -> Numbers:
        """The critical values of one arm at the level of one side of the interval."""
        level = (1 - self.analyst.contrasts[0].confidence) / 2
        return boundaries(looks_of_arm(self.design, level, 1)).critical_values

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers, Stage("whole", self.rules.places))
        plain = self.analyst.of_endpoint(observed)
        enrolment = PlatformEnrolment(self.rules, plain.arm)
        results = ArmResults.of_nobody(self.analyst.contrasts, len(numbers))
        for number in range(self.rules.rounds):
            enrolment.enrol(number)
            leaving = enrolment.leaving(last=number == self.rules.rounds - 1)
            places = (number + 1) * self.rules.round_size
            for arm in range(self.analyst.n_contrasts):
                self._look_at(arm, places, plain, enrolment, leaving[:, arm], results)
            enrolment.close(leaving)
            if not enrolment.goes_on:
                break
        moved = observed.endpoint + np.where(enrolment.enrolled, self.drift[enrolment.order], 0.0)[:, :, None]
        early = results.decided & (results.look < len(self.sizes) - 1) & (results.found | results.futile)
        return Outcome(
            observed=replace(observed, endpoint=moved),
            enrolled=enrolment.enrolled,
            estimates=self._with_intervals(results),
            rejected=results.found,
            look=np.maximum(results.look.max(axis=1), 0),
            futile=np.asarray(~results.found.any(axis=1) & results.futile.all(axis=1)),
            enriched=np.zeros(len(numbers), dtype=bool),
            own_numbers=(
                results.found.sum(axis=1).astype(np.float64),
                early.sum(axis=1).astype(np.float64),
                (~early & enrolment.cut_short).sum(axis=1).astype(np.float64),
                results.earlier_controls.sum(axis=1) / np.maximum(results.controls.sum(axis=1), 1),
            ),
        )

    def _look_at(
        self,
        arm: int,
        places: int,
        plain: ParallelData,
        enrolment: PlatformEnrolment,
        leaving: Flags,
        results: ArmResults,
    ) -> None:
        """Look at an arm where a look is due at the end of a round, and keep what was found."""
        last = len(self.sizes) - 1
        reached = np.searchsorted(self.sizes, enrolment.of_arm[:, arm], side="right") - 1
        look = np.where(leaving, last, np.minimum(reached, last - 1))
        open_ = enrolment.open[:, arm] & ~results.decided[:, arm]
        rows = np.flatnonzero(open_ & (leaving | (look > results.look[:, arm])))
        if not len(rows):
            return
        data, since = self._data(arm, places, plain, enrolment, rows)
        found = self.analyst.method.estimator.estimate(data, self.analyst.contrasts[arm])
        look = look[rows]
        benefit = found.z >= self.critical_values[look]
        floor = np.array([*(self.design.futility or (-np.inf,) * last), -np.inf])
        futile = ~benefit & (found.z < floor[look])
        results.found[rows, arm], results.futile[rows, arm] = benefit, futile
        results.decided[rows, arm] = benefit | futile | leaving[rows]
        of_controls = enrolment.enrolled[rows, :places] & (plain.arm[rows, :places] == 0)
        results.look[rows, arm], results.controls[rows, arm] = look, of_controls.sum(axis=1)
        results.earlier_controls[rows, arm] = (of_controls & ~since).sum(axis=1)
        for field in fields(Estimate):
            if field.name != "contrast":
                getattr(results.estimates[arm], field.name)[rows] = getattr(found, field.name)
        decided = (benefit | futile) & ~leaving[rows]
        enrolment.ends_at[rows[decided], arm] = enrolment.filled[rows[decided]] + self.rules.overrun

    def _data(
        self, arm: int, places: int, plain: ParallelData, enrolment: PlatformEnrolment, rows: Positions
    ) -> tuple[ParallelData, Flags]:
        """Return what a look at an arm analyses, and which places are of the time since it entered.

        Arguments: the arm; the places that are filled by then; the outcomes without drift, and the enrolment;
        and the replicates (m,). Returns the data of those replicates, and flags (m, places).
        """
        enrolled, arms = enrolment.enrolled[rows, :places], plain.arm[rows, :places]
        since = np.arange(places) >= enrolment.entry[rows, arm, None]
        counts = enrolled & since if self.design.controls is Controls.CONCURRENT else enrolled
        by_period = self.design.controls is Controls.ALL_BY_PERIOD
        data = ParallelData(
            outcome=plain.outcome[rows, :places] + self.drift[enrolment.order[rows, :places]],
            arm=np.where(counts, arms, NOT_RANDOMISED),
            baseline=None if plain.baseline is None else plain.baseline[rows, :places],
            stratum=None if plain.stratum is None else plain.stratum[rows, :places],
            period=enrolment.period[rows, :places] if by_period else None,
        )
        return data, np.asarray(since)

    def _with_intervals(self, results: ArmResults) -> list[Estimate]:
        """Return the estimates; after several looks with the interval that holds at all of them."""
        if len(self.sizes) == 1:
            return results.estimates
        scores = self.interval_scores[results.look]
        return [
            with_bounds(estimate, of_arm, of_arm)
            for estimate, of_arm in zip(results.estimates, scores.T, strict=True)
        ]


CONDUCTORS = {Platform: PlatformConductor}
