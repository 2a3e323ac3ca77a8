"""What the patients of a site have in common, as far as it scatters what a trial sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.study import Protocol, SiteAllocation, SiteSizes
from calor.study.arms import shares_of
from calor.trial.analysis.method import Reads
from calor.trial.analysis.methods import method_of


@dataclass(frozen=True)
class SiteScatter:
    """How sites scatter the mean of an arm.

    Arguments: the variance that they add to that of one patient; for whole sites the variance of each arm's
    mean that no number of patients takes away (n_arms numbers, else none); and the means that are fitted to
    tell sites apart.
    """

    per_patient: float = 0.0
    of_arms: tuple[float, ...] = ()
    fitted: int = 0


NO_SITES = SiteScatter()


def scatter_of_sites(trial: Protocol) -> SiteScatter:
    """Return how the sites of a trial scatter what it sees.

    V is the variance between sites. The mean of an arm of s whole sites has V / s of it; where their sizes
    are random, (1 + CV²) V / s with CV² = s / m for m patients, which is V / m more. An analysis that knows
    the sites, or has them as a factor, compares patients within them; one that does not has V in each
    patient.
    """
    sites = trial.sites
    if sites is None or not sites.level_sd:
        return NO_SITES
    variance = sites.level_sd**2
    if sites.whole:
        ratio = np.array(shares_of(trial.allocation, len(trial.arms)).ratio)
        of_arms = variance * ratio.sum() / (ratio * sites.count)
        random = sites.sizes is SiteSizes.RANDOM
        return SiteScatter(variance if random else 0.0, tuple(map(float, of_arms)))
    if method_of(trial).reads is Reads.SITES:
        return NO_SITES
    if sites.allocation is SiteAllocation.WITHIN:
        return SiteScatter(fitted=sites.count - 1)
    return SiteScatter(variance)
