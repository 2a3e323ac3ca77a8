"""Sites: where patients are seen, what those of a site have in common, and how sites enter the allocation."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from calor.core.part import Part
from calor.study.arms import MOST_STRATA
from calor.study.misfit import Misfit

if TYPE_CHECKING:
    from calor.study.protocol import Protocol


class SiteAllocation(StrEnum):
    """How sites enter the allocation.

    `across`: blocks run over all sites. `within`: each site has blocks of its own (strata by site). `whole`:
    all patients of a site get the same arm (clusters).
    """

    ACROSS = "across"
    WITHIN = "within"
    WHOLE = "whole"


class SiteSizes(StrEnum):
    """How patients spread over the sites: `equal`, each site in turn, or `random`, each patient by chance."""

    EQUAL = "equal"
    RANDOM = "random"


class Sites(Part):
    """Where patients are seen.

    `level_sd`: SD between sites of what the outcomes of a site have in common and the baseline does not
    show, in units of the endpoint; drawn anew for every trial. The intraclass correlation is its square over
    the variance of the outcome.
    """

    count: int = Field(ge=2, le=200)
    level_sd: float = Field(default=0.0, ge=0, le=100)
    allocation: SiteAllocation = SiteAllocation.ACROSS
    sizes: SiteSizes = SiteSizes.EQUAL

    @property
    def whole(self) -> bool:
        """Whether the arms are allocated to whole sites."""
        return self.allocation is SiteAllocation.WHOLE

    @property
    def strata(self) -> int:
        """By how much the sites multiply the strata of the allocation."""
        return self.count if self.allocation is SiteAllocation.WITHIN else 1

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what the rest of a trial has that its sites refuse."""
        if trial.design.crossed or trial.design.adaptive or not trial.design.at_sites:
            yield Misfit(
                f"sites are for parallel arms of a fixed size, not a {trial.design.type} design",
                ("sites",),
                unsupported=True,
            )
        if trial.endpoint.responder is not None:
            what = "what a site has in common is added to a mean: leave out the responder rule"
            yield Misfit(what, ("sites",), unsupported=True)
        if self.count > trial.patients:
            yield Misfit(f"{self.count} sites are more than {trial.patients} patients", ("sites", "count"))
        accrual = trial.conduct.accrual
        if accrual is not None and accrual.sites != self.count:
            what = f"names {accrual.sites} sites and sites.count {self.count}"
            yield Misfit(what, ("conduct", "accrual", "sites"), allowed="the same number in both")
        cells = self.strata
        for factor in trial.allocation.strata:
            cells *= len(factor.cuts) + 1
        if self.strata > 1 and cells > MOST_STRATA:
            what = f"blocks within sites make {cells} strata; at most {MOST_STRATA} are allowed"
            yield Misfit(what, ("sites", "allocation"))
        if self.whole and trial.allocation.strata:
            yield Misfit("whole sites are allocated, so patients have no strata", ("allocation", "strata"))
        if self.whole and self.count < 2 * len(trial.arms):
            what = f"{len(trial.arms)} arms of whole sites need two sites each, not {self.count} in all"
            yield Misfit(what, ("sites", "count"))
