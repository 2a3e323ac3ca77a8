"""Dose finding by MCP-Mod: one test over all candidate curves, then their average over the doses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers
from calor.study import DoseFinding
from calor.trial.analysis import Direction, Estimate
from calor.trial.analysis.ancova import fit_arms
from calor.trial.analysis.dose_response import ArmMeans, CurveAverage, average_curve
from calor.trial.analysis.dose_shapes import SHAPES
from calor.trial.analysis.estimate import t_estimate
from calor.trial.analysis.linear import LinearFit
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags, Outcome
from calor.trial.designs.estimation import Analyst
from calor.trial.theory.contrast_test import correlation_of, critical_values, optimal_contrasts

TARGET_STEPS = 100
"""Doses between 0 and the largest one at which the target is looked for; between them the curve is a line."""


@dataclass(frozen=True)
class DoseFindingConductor:
    """Enrols everybody, tests all curves at once, and averages them.

    The means of the arms at equal baseline have the covariance of the ANCOVA. The contrasts, best for their
    curves, and the critical value of the largest statistic follow from the planned shares of the arms; each
    statistic has its own error. A dose response that is found counts for every dose.
    """

    observer: Observer
    analyst: Analyst
    design: DoseFinding

    @cached_property
    def doses(self) -> Numbers:
        """The doses as the analysis counts the arms: the control's 0, then the active arms', (k,)."""
        layout = self.observer.plan.layout
        return np.array([0.0, *(self.design.doses[layout.arms[place]] for place in layout.actives)])

    @cached_property
    def contrasts(self) -> Numbers:
        """The best contrast for each curve, (n_curves, k)."""
        shapes = [
            SHAPES[curve.shape].curve(self.doses, np.array(curve.parameters)) for curve in self.design.curves
        ]
        return optimal_contrasts(np.array(shapes), self._shares)

    @cached_property
    def _shares(self) -> Numbers:
        layout, ratio = self.observer.plan.layout, self.observer.plan.enrolment.shares.ratio
        return np.array([ratio[place] for place in (layout.control, *layout.actives)], dtype=np.float64)

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        fit = fit_arms(self.analyst.of_endpoint(observed), len(self.doses))
        plain = self.analyst.estimate(observed)
        usable = np.all([estimate.estimated for estimate in plain], axis=0)
        found = usable & self._dose_response(fit)
        average = average_curve(self._means(fit, usable), [curve.shape for curve in self.design.curves])
        effects, errors = average.effects(self.doses[1:])
        target = self._target_dose(average, found)
        return Outcome(
            observed=observed,
            enrolled=np.ones(observed.sequences.shape, dtype=bool),
            estimates=[
                _estimate(each, usable, effects[:, place], errors[:, place])
                for place, each in enumerate(plain)
            ],
            rejected=np.repeat(found[:, None], len(plain), axis=1),
            look=np.zeros(len(numbers), dtype=np.int64),
            futile=np.zeros(len(numbers), dtype=bool),
            enriched=np.zeros(len(numbers), dtype=bool),
            alternatives=(plain,),
            own_numbers=(np.isfinite(target).astype(np.float64), target),
        )

    @property
    def _sign(self) -> float:
        return -1.0 if self.observer.plan.analysis.direction is Direction.LESS else 1.0

    def _dose_response(self, fit: LinearFit) -> Flags:
        """Return where the largest statistic towards benefit reaches its critical value, (r,)."""
        count = len(self.doses)
        covariance = fit.residual_variance[:, None, None] * fit.inverse[:, :count, :count]
        effect = self._sign * fit.coefficients[:, :count] @ self.contrasts.T
        variance = np.einsum("mi,rij,mj->rm", self.contrasts, covariance, self.contrasts)
        statistic = np.divide(effect, np.sqrt(variance), out=np.zeros_like(effect), where=variance > 0)
        correlation = correlation_of(self.contrasts, self._shares)
        needed = critical_values(correlation, self.analyst.asked.alpha, fit.degrees_of_freedom)
        return np.asarray(statistic.max(axis=1) >= needed)

    def _means(self, fit: LinearFit, usable: Flags) -> ArmMeans:
        """Return the means of the arms; made up where a replicate has none, so that all have a fit."""
        count = len(self.doses)
        means = np.where(usable[:, None], fit.coefficients[:, :count], 0.0)
        covariance = fit.residual_variance[:, None, None] * fit.inverse[:, :count, :count]
        covariance = np.where(usable[:, None, None], covariance, np.eye(count))
        order = np.argsort(self.doses)
        return ArmMeans(self.doses[order], means[:, order], covariance[:, order][:, :, order])

    def _target_dose(self, average: CurveAverage, found: Flags) -> Numbers:
        """Return the smallest dose whose average benefit reaches the target, NaN without one, (r,)."""
        grid = np.linspace(0.0, self.doses.max(), TARGET_STEPS + 1)
        benefit = self._sign * average.effects(grid)[0]
        reached = benefit >= self.design.target
        place = np.maximum(reached.argmax(axis=1), 1)[:, None]
        after, before = (np.take_along_axis(benefit, each, axis=1)[:, 0] for each in (place, place - 1))
        rise = np.maximum(after - before, 1e-12)
        dose = grid[place[:, 0] - 1] + (self.design.target - before) / rise * grid[1]
        return np.where(found & reached.any(axis=1), dose, np.nan)


def _estimate(plain: Estimate, usable: Flags, effect: Numbers, error: Numbers) -> Estimate:
    """Return the average's effect of one dose with its error, with the degrees of freedom of the analysis."""
    averaged = t_estimate(
        plain.contrast, effect, np.maximum(error, 1e-12), plain.degrees_of_freedom, plain.estimability
    )
    columns = {
        name: np.where(usable, getattr(averaged, name), getattr(plain, name))
        for name in ("effect", "standard_error", "p_value_one_sided", "p_value_two_sided", "lower", "upper")
    }
    return replace(plain, **columns)


CONDUCTORS = {DoseFinding: DoseFindingConductor}
