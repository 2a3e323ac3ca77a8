"""Parallel arms at several sites whose patients have something in common, whatever is allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.columns import centred, stratum_indicators
from calor.trial.analysis.data import SiteData
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.symmetric_model import about_mean, last_coefficient, symmetric_model


@dataclass(frozen=True)
class SiteMixed:
    """The adjusted difference of two arms with sites at random; REML, Kenward-Roger.

    outcome = arm + β (baseline - mean baseline) + stratum + site + error; patients of a site share one
    correlation, which may be negative. Where whole sites are allocated the degrees of freedom are near the
    sites less the arms.
    Source: Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials in Health Research,
    chapter 6; Kenward and Roger (1997), Biometrics 53:983-97.
    """

    missing_data: ClassVar[str] = "patients without outcome or baseline are left out (complete cases)"

    def estimate(self, data: SiteData, contrast: Contrast) -> Estimate:
        """Return the adjusted difference for every replicate."""
        patients = data.patients
        used = patients.randomised & ~np.isnan(patients.outcome)
        columns: list[Numbers] = [np.ones_like(patients.outcome)]
        if patients.baseline is not None:
            used &= ~np.isnan(patients.baseline)
            columns.append(centred(patients.baseline, used))
        columns += stratum_indicators(patients.stratum, used)
        others = [arm for arm in range(int(patients.arm.max(initial=0)) + 1) if arm != contrast.control]
        others = [*(arm for arm in others if arm != contrast.active), contrast.active]
        columns += [(patients.arm == arm).astype(np.float64) for arm in others]
        outcome = about_mean(data.by_site(np.where(used, patients.outcome, np.nan)))
        seen = ~np.isnan(outcome)
        by_site = [np.where(seen, data.by_site(column), 0.0) for column in columns]
        return last_coefficient(symmetric_model(outcome, seen, by_site), contrast)


METHODS = (
    Method(
        name="site-mixed", estimator=SiteMixed(), reads=Reads.SITES, adjusts_for_baseline=True, adaptive=False
    ),
)
