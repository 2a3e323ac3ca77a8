"""How alike the patients of a site are, and what that costs where whole sites are allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.study import SiteSizes
from calor.trial.designs.replicates import Replicates
from calor.trial.protocols.plan import Plan


@dataclass(frozen=True)
class SitesFound:
    """The sites of a trial.

    Arguments: how many; the intraclass correlation of the outcome (before any adjustment); and the design
    effect, by which clusters of these sizes multiply the variance, 1 + ((1 + CV²) m - 1) ICC for m patients a
    site on average, whose numbers vary by CV; None where patients are allocated one by one.
    Source: Eldridge et al. (2006), Int J Epidemiol 35:1292-300.
    """

    count: int
    intraclass_correlation: float
    design_effect: float | None

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON-like data."""
        return dict(vars(self))


def sites_found(plan: Plan, replicates: Replicates) -> SitesFound | None:
    """Return what the sites of a trial make of its outcomes, None for a trial without sites."""
    asked = plan.enrolment.sites
    if asked is None:
        return None
    spread = float(np.nanmean(replicates.endpoint_sd[:, plan.layout.control] ** 2))
    correlation = asked.level_sd**2 / spread if spread > 0 else float("nan")
    size = plan.enrolment.patients / asked.count
    # A patient who comes by chance to one of k sites makes numbers with the variance m (1 - 1 / k).
    uneven = (1 - 1 / asked.count) / size if asked.sizes is SiteSizes.RANDOM else 0.0
    effect = 1 + ((1 + uneven) * size - 1) * correlation
    return SitesFound(asked.count, correlation, effect if asked.whole else None)
