"""Sample-size re-estimation from the pooled spread of blinded interim data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtri
from calor.study import SampleSizeReestimation
from calor.trial.conduct.observation import Observed, Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags, Outcome, first_places
from calor.trial.designs.estimation import Analyst


@dataclass(frozen=True)
class ReestimationConductor:
    """Sets the size again at an interim from the blinded SD, then tests once at the full level.

    n = (1 + k)^2 / k (z_alpha + z_power)^2 s^2 / delta^2 for an allocation of k to 1, where s is the SD of
    the endpoint without regard to arms (for ancova, about its regression on baseline).
    Source: Kieser and Friede (2003), Stat Med 22:3571-81.
    """

    observer: Observer
    analyst: Analyst
    design: SampleSizeReestimation

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""
        observed = self.observer.observe(numbers)
        size = self.final_size(blinded_variance(observed, self._interim(observed), self._adjusts))
        enrolled = first_places(observed, size)
        estimates = self.analyst.estimate(observed, enrolled)
        alpha = self.analyst.asked.alpha
        nobody = np.zeros(len(numbers), dtype=bool)
        return Outcome(
            observed=observed,
            enrolled=enrolled,
            estimates=estimates,
            rejected=(self.analyst.p_values(estimates[0]) < alpha)[:, None],
            look=np.ones(len(numbers), dtype=np.int64),
            futile=nobody,
            enriched=nobody,
        )

    @property
    def _adjusts(self) -> bool:
        return self.analyst.method.adjusts_for_baseline

    def _interim(self, observed: Observed) -> Flags:
        return first_places(observed, self.design.interim_patients)

    def final_size(self, variance: Numbers) -> Positions:
        """Return the size of the trial for a blinded variance of the endpoint, (r,)."""
        analysis = self.observer.plan.analysis
        first, second = self.observer.plan.enrolment.shares.ratio
        share = first / second
        scores = float(-ndtri(analysis.level) + ndtri(self.design.power))
        wanted = (1 + share) ** 2 / share * (scores / self.design.assumed_difference) ** 2 * variance
        bounded = np.clip(np.ceil(wanted), self.design.interim_patients, self.design.most_patients)
        return np.asarray(bounded, dtype=np.int64)


def blinded_variance(observed: Observed, counts: Flags, adjusts: bool) -> Numbers:
    """Return the variance of the endpoint among some places without regard to arms, (r,).

    With `adjusts`, about the least-squares line on the baseline. Arguments: which places count (r, n).
    """
    value = observed.endpoint[:, :, 0]
    used = counts & np.isfinite(value)
    count = used.sum(axis=1)
    outcome, baseline = (_centred(values, used, count) for values in (value, observed.baseline))
    squares = (outcome**2).sum(axis=1)
    if not adjusts:
        return np.asarray(squares / np.maximum(count - 1, 1))
    shared = (outcome * baseline).sum(axis=1)
    spread = (baseline**2).sum(axis=1)
    explained = np.divide(shared**2, spread, out=np.zeros_like(shared), where=spread > 0)
    return np.asarray((squares - explained) / np.maximum(count - 2, 1))


def _centred(values: Numbers, used: Flags, count: Positions) -> Numbers:
    kept = np.where(used, values, 0.0)
    return np.where(used, kept - (kept.sum(axis=1) / np.maximum(count, 1))[:, None], 0.0)


CONDUCTORS = {SampleSizeReestimation: ReestimationConductor}
