"""Operating characteristics: what a design does over many trials, each with its Monte Carlo error.

Bias and coverage are those of the estimate against the true value in each replicate's own world. Power
is that given an assumed effect or a posterior; averaged over draws of what is uncertain it is the assurance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.bank.bank import Bank
from calor.trial.bank.intervals import Interval, cell_shares
from calor.trial.conduct.roster import subgroup_of
from calor.trial.designs.replicates import Replicates
from calor.trial.protocols.plan import Plan
from calor.trial.results.monte_carlo import MonteCarlo, WithError
from calor.trial.results.truth import Truth


def power_of(bank: Bank, replicates: Replicates) -> WithError:
    """Return the share of trials that find benefit: significant, and the estimate on the side of benefit."""
    return MonteCarlo(bank, replicates).share(replicates.benefit)


def power_by_rival(bank: Bank, replicates: Replicates) -> dict[int, float]:
    """Return the share of trials that find benefit under each rival that a replicate was drawn from.

    Arguments: the bank and its replicates. Returns the share by the index that cells carry.
    """
    rivals = bank.rival_of_cell[replicates.cells]
    return {int(rival): float(replicates.benefit[rivals == rival].mean()) for rival in np.unique(rivals)}


def type_one_error(bank: Bank, null_replicates: Replicates) -> WithError:
    """Return the share of trials that reject any hypothesis, of replicates with the mechanism off."""
    return MonteCarlo(bank, null_replicates).share(np.asarray(null_replicates.rejected.any(axis=1)))


FEWEST_DRAWS = 200
"""An assurance that rests on fewer draws comes with a warning."""


@dataclass(frozen=True)
class Assurance:
    """The power averaged over draws of the prior or posterior, each with its own patients.

    Arguments: the mean with its error; its 95 % Monte Carlo interval; the draws (worlds under a rival) that
    it rests on, and as how many equally weighted ones they count; and the range of the rivals' means.
    """

    mean: WithError
    interval: Interval
    draws: int
    effective_draws: float
    rival_range: Interval

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to keep in mind about it."""
        if self.draws >= FEWEST_DRAWS:
            return ()
        return (
            f"the assurance rests on {self.draws} draws, fewer than {FEWEST_DRAWS}: ask for more --worlds",
        )

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "estimate": self.mean.value,
            "mc_error": self.mean.mc_error,
            "interval": self.interval.pair(),
            "draws": self.draws,
            "effective_draws": round(self.effective_draws, 1),
        }


def assurance_of(bank: Bank, replicates: Replicates, weights: Numbers) -> Assurance:
    """Return the assurance of a design. Arguments: the bank, its replicates, and the weight of each rival."""
    mean = power_of(bank, replicates)
    by_rival = power_by_rival(bank, replicates).values()
    return Assurance(
        mean,
        mean.share_interval(bank.n_worlds),
        len(bank.cells),
        float(1 / (cell_shares(bank.rival_of_cell, weights) ** 2).sum()),
        Interval(min(by_rival), max(by_rival)),
    )


@dataclass(frozen=True)
class EstimatorPerformance:
    """How the estimate does against the true value of the estimand, for one contrast.

    Arguments: the true value (mean over worlds), the bias, the coverage of the 95 % interval, the share of
    trials whose estimate shows more benefit than there is (one half where it is median-unbiased), the root of
    the mean squared error; and bias and root mean squared error of each alternative, which the design does
    not report.
    """

    true_value: WithError
    bias: WithError
    coverage: WithError
    overestimates: WithError
    root_mean_squared_error: WithError
    alternatives: Mapping[str, tuple[WithError, WithError]]

    @property
    def plain_bias(self) -> WithError:
        """The bias of the plain estimate of the analysis, which an adaptive design does not report."""
        return self.alternatives["plain"][0] if "plain" in self.alternatives else self.bias

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "true_value": self.true_value.to_document(),
            "bias": self.bias.to_document(),
            "coverage": self.coverage.to_document(),
            "overestimates": self.overestimates.to_document(),
            "root_mean_squared_error": self.root_mean_squared_error.to_document(),
            "plain_bias": self.plain_bias.to_document(),
            "alternatives": {
                name: {"bias": bias.to_document(), "root_mean_squared_error": error.to_document()}
                for name, (bias, error) in self.alternatives.items()
            },
        }


def performance(plan: Plan, bank: Bank, replicates: Replicates, truth: Truth) -> list[EstimatorPerformance]:
    """Return how the estimate does, for each contrast.

    A trial that went on in the subgroup alone is held against the true value there.
    """
    found = []
    monte_carlo = MonteCarlo(bank, replicates)
    average = monte_carlo.mean
    true = truth.by_cell(bank)[replicates.cells]
    if replicates.enriched.any():
        in_subgroup = truth.by_cell(bank, subgroup_of(plan.enrolment.subgroup, bank))[replicates.cells]
        true = np.where(replicates.enriched[:, None], in_subgroup, true)
    for contrast in range(replicates.effects.shape[1]):
        own, estimate = true[:, contrast], replicates.effects[:, contrast]
        covered = (replicates.lower[:, contrast] <= own) & (own <= replicates.upper[:, contrast])
        more = estimate < own if plan.analysis.less_is_better else estimate > own
        found.append(
            EstimatorPerformance(
                true_value=average(own),
                bias=average(estimate - own),
                coverage=monte_carlo.share(covered),
                overestimates=average(np.where(np.isfinite(estimate), more, np.nan)),
                root_mean_squared_error=average((estimate - own) ** 2).root(),
                alternatives={
                    name: (average(error), average(error**2).root())
                    for place, name in enumerate(plan.protocol.design.alternatives)
                    for error in [replicates.alternative_effects[:, contrast, place] - own]
                },
            )
        )
    return found


def own_numbers(plan: Plan, bank: Bank, replicates: Replicates) -> dict[str, WithError]:
    """Return the mean of each number that a design gives of its own, over the trials that have it."""
    average = MonteCarlo(bank, replicates).mean
    names = plan.protocol.design.own_numbers
    return {name: average(replicates.own_numbers[:, place]) for place, name in enumerate(names)}


@dataclass(frozen=True)
class Burden:
    """What a trial takes: patients enrolled, people screened, days from first one in to last one out, cost.

    Days and cost are None where the protocol does not give what they need.
    """

    patients: WithError
    screened: float
    days: float | None
    cost: float | None
    stopped_for_futility: WithError
    enriched: WithError
    mean_look: WithError
    currency: str | None

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "patients": self.patients.to_document(),
            "screened": self.screened,
            "days": self.days,
            "cost": None if self.currency is None else {"value": self.cost, "currency": self.currency},
            "stopped_for_futility": self.stopped_for_futility.to_document(),
            "went_on_in_subgroup": self.enriched.to_document(),
        }


def screened_for(bank: Bank, patients: float) -> float:
    """Return how many people are screened to enrol some patients."""
    return patients * bank.counts.screened / max(bank.counts.eligible, 1)


def burden(plan: Plan, bank: Bank, replicates: Replicates) -> Burden:
    """Return what a trial takes on average."""
    average = MonteCarlo(bank, replicates).mean
    patients = average(replicates.enrolled)
    screened = screened_for(bank, patients.value)
    asked_cost, accrual, days, cost = plan.protocol.cost, plan.protocol.conduct.accrual, None, None
    if accrual:
        days = accrual.days_to(patients.value / bank.counts.share_randomised) + plan.layout.last_day
    if asked_cost:
        sites = accrual.sites if accrual else 0
        cost = asked_cost.total(patients.value, screened, sites, days or 0.0)
    return Burden(
        patients=patients,
        screened=screened,
        days=days,
        cost=cost,
        stopped_for_futility=average(replicates.futile),
        enriched=average(replicates.enriched),
        mean_look=average(replicates.look + 1),
        currency=asked_cost.currency if asked_cost else None,
    )
