"""The crossover mixed model: period and treatment fixed, patients correlated, incomplete patients kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Misfit, Protocol
from calor.study.sequences import told_apart
from calor.trial.analysis.columns import arm_indicators
from calor.trial.analysis.data import CrossoverData, Integers
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.method import METHOD, Method, Reads
from calor.trial.analysis.symmetric_model import about_mean, last_coefficient, symmetric_model


@dataclass(frozen=True)
class CrossoverMixed:
    """The treatment effect in a crossover of any periods, treatments and sequences; REML, Kenward-Roger.

    outcome = period + treatment + error, with `adjusts_for_carry_over` also what the treatment of the period
    before leaves behind, the same whatever follows it (first-order carry-over). Errors of a patient share one
    correlation (compound symmetry), which may be negative. With two periods, two treatments and nothing
    missing it is CrossoverT exactly.
    A replicate whose correlation lies at the border of what is possible has no small-sample variance: it is
    `NOT_CONVERGED`. Carry-over is adjusted for or not as was planned, never by what the data show.
    Source: Jones and Kenward (2014), Design and Analysis of Cross-Over Trials, 3rd edition, chapter 5.
    """

    adjusts_for_carry_over: bool = False
    missing_data: ClassVar[str] = (
        "missing at random given the patient's other periods; patients without any outcome are left out"
    )

    def estimate(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the treatment effect for every replicate."""
        columns = _periods(data)
        if self.adjusts_for_carry_over:
            columns += arm_indicators(_given_before(data, contrast), contrast)
        return _fitted(data, [*columns, *arm_indicators(data.treatment, contrast)], contrast)

    def carry_over(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the first-order carry-over of active minus control, adjusted for treatment and period.

        With two periods it compares patients with each other, so its power is low.
        """
        columns = [
            *_periods(data),
            *arm_indicators(data.treatment, contrast),
            *arm_indicators(_given_before(data, contrast), contrast),
        ]
        return _fitted(data, columns, contrast)


def _given_before(data: CrossoverData, contrast: Contrast) -> Integers:
    """Return the treatment of the period before, in the first period the control's."""
    before = np.full_like(data.treatment, contrast.control)
    before[:, :, 1:] = data.treatment[:, :, :-1]
    return before


def _periods(data: CrossoverData) -> list[Numbers]:
    """Return a column of ones, and indicators of every period but the first."""
    period = np.broadcast_to(np.arange(data.outcome.shape[2]), data.outcome.shape)
    return [np.ones_like(data.outcome), *((period == p) * 1.0 for p in range(1, data.outcome.shape[2]))]


def _fitted(data: CrossoverData, columns: list[Numbers], contrast: Contrast) -> Estimate:
    """Return the inference on the coefficient of the last column."""
    outcome = about_mean(np.where(data.randomised[:, :, None], data.outcome, np.nan))
    return last_coefficient(symmetric_model(outcome, data.randomised, columns), contrast)


def _tells_carry_over(trial: Protocol) -> Iterator[Misfit]:
    """Yield that the sequences confound an arm with what the arm before leaves behind."""
    if trial.design.crossed and not told_apart(trial.sequences, len(trial.arms), carry_over=True):
        what = (
            "the sequences do not tell an arm from the carry-over of the one before within patients: "
            "use sequences: balaam, more periods than arms, or crossover-mixed"
        )
        yield Misfit(what, METHOD)


METHODS = (
    Method(name="crossover-mixed", estimator=CrossoverMixed(), reads=Reads.PERIODS),
    Method(
        name="crossover-carry-over",
        estimator=CrossoverMixed(adjusts_for_carry_over=True),
        reads=Reads.PERIODS,
        adjusts_for_carry_over=True,
        rules=_tells_carry_over,
    ),
)
