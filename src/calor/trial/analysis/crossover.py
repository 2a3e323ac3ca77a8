"""The two-period two-treatment crossover (AB/BA), analysed within patients and adjusted for period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.errors import InputError
from calor.study import Misfit, Protocol
from calor.trial.analysis.data import CrossoverData, Flags
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.method import METHOD, Method, Reads
from calor.trial.analysis.two_sample import difference_of_means


@dataclass(frozen=True)
class CrossoverT:
    """Half the difference of the sequences' mean period differences, with Student's t on n - 2 df.

    With d = outcome in period 1 - outcome in period 2, effect = (mean d | active first - mean d | control
    first) / 2, which no period effect moves. Carry-over is checked, never used to choose the analysis.
    Raises InputError where the data have other than two periods.
    Source: Hills and Armitage (1979), Br J Clin Pharmacol 8:7-20; Freeman (1989), Stat Med 8:1421-32.
    """

    missing_data: ClassVar[str] = "patients without an outcome in both periods are left out (complete cases)"

    def estimate(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the treatment effect for every replicate."""
        active_first, control_first = _sequences(data, contrast)
        half_difference = (data.outcome[:, :, 0] - data.outcome[:, :, 1]) / 2
        return difference_of_means(half_difference, active_first, control_first, contrast)

    def period_effect(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return period 2 minus period 1, adjusted for treatment."""
        active_first, control_first = _sequences(data, contrast)
        half_change = (data.outcome[:, :, 1] - data.outcome[:, :, 0]) / 2
        signed = np.where(control_first, -half_change, half_change)
        return difference_of_means(signed, active_first, control_first, contrast)

    def carry_over(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the active-first minus control-first difference of totals: carry-over, active minus control.

        It compares patients with each other, so its power is low and it cannot tell carry-over from a
        difference between the sequence groups.
        """
        active_first, control_first = _sequences(data, contrast)
        total = data.outcome[:, :, 0] + data.outcome[:, :, 1]
        return difference_of_means(total, active_first, control_first, contrast)


def _sequences(data: CrossoverData, contrast: Contrast) -> tuple[Flags, Flags]:
    """Return who took active then control, and who control then active, among those with both outcomes."""
    if data.outcome.shape[2] != 2:
        raise InputError.of(
            f"has {data.outcome.shape[2]} periods", key="outcome", allowed="2 periods",
            hint="the crossover mixed model takes more periods",
        )  # fmt: skip
    complete = ~np.isnan(data.outcome).any(axis=2)
    first, second = data.treatment[:, :, 0], data.treatment[:, :, 1]
    active_first = complete & (first == contrast.active) & (second == contrast.control)
    control_first = complete & (first == contrast.control) & (second == contrast.active)
    return active_first, control_first


def _two_arms(trial: Protocol) -> Iterator[Misfit]:
    """Yield that there are more arms or other sequences than a difference of two periods can hold."""
    if trial.design.crossed and sorted(trial.sequences) != [(0, 1), (1, 0)]:
        what = "analysis method 'crossover' is for two arms in the sequences AB and BA; use crossover-mixed"
        yield Misfit(what, METHOD)


METHODS = (Method(name="crossover", estimator=CrossoverT(), reads=Reads.PERIODS, rules=_two_arms),)
