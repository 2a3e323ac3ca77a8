"""Operating characteristics: what a design does over many trials, each with its Monte Carlo error.

Bias and coverage are those of the estimate against the true value in each replicate's own world. Rates of
decisions are probabilities under the priors, so they are shown only for a null mechanism or an effect that
somebody assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.population.patients import Numbers
from calor.trial.bank import Bank
from calor.trial.protocol import Method, Protocol
from calor.trial.replicates import Replicates
from calor.trial.subgroups import SubgroupEffect
from calor.trial.truth import Truth

Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]

FEWEST_CLUSTERS = 5
"""With fewer cells the spread between them says little, and the binomial error is given."""


@dataclass(frozen=True)
class WithError:
    """A number from simulation and its Monte Carlo error (one standard error)."""

    value: float
    mc_error: float

    @classmethod
    def mean(cls, values: Numbers | Flags | Positions) -> WithError:
        """Return the mean of independent replicates' values, those that are finite."""
        finite = np.asarray(values, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            return cls(float("nan"), float("nan"))
        return cls(
            float(finite.mean()), float(finite.std(ddof=1) / np.sqrt(len(finite))) if len(finite) > 1 else 0.0
        )


def power_of(replicates: Replicates) -> WithError:
    """Return the share of trials that find benefit: significant, and the estimate on the side of benefit.

    The error is clustered by cell, so that it holds the finite number of worlds and of patients in each:
    sqrt(sum over cells of (hits - power n)^2) / sum of n.
    """
    hits = replicates.benefit.astype(np.float64)
    power = float(hits.mean())
    cells, which = np.unique(replicates.cells, return_inverse=True)
    if len(cells) < FEWEST_CLUSTERS:
        return WithError(power, float(np.sqrt(power * (1 - power) / len(hits))))
    excess = np.bincount(which, weights=hits - power)
    correction = len(cells) / (len(cells) - 1)
    return WithError(power, float(np.sqrt(correction * (excess**2).sum()) / len(hits)))


@dataclass(frozen=True)
class EstimatorPerformance:
    """How the analysis does against the true value of the estimand, for one contrast.

    Arguments: the true value (mean over worlds), the bias, and the coverage of the 95 % interval.
    """

    true_value: WithError
    bias: WithError
    coverage: WithError


def performance(
    protocol: Protocol, bank: Bank, replicates: Replicates, truth: Truth
) -> list[EstimatorPerformance] | None:
    """Return how the analysis does, for each contrast; None for one that estimates something else.

    A log odds ratio given the baseline is no contrast of means over patients, and a trial that may go on in
    the subgroup alone does not estimate the contrast in everybody.
    """
    if protocol.analysis.method is Method.LOGISTIC or replicates.enriched.any():
        return None
    found = []
    true = truth.by_cell(bank)[replicates.cells]
    for contrast in range(replicates.effects.shape[1]):
        own = true[:, contrast]
        covered = (replicates.lower[:, contrast] <= own) & (own <= replicates.upper[:, contrast])
        found.append(
            EstimatorPerformance(
                WithError.mean(own),
                WithError.mean(replicates.effects[:, contrast] - own),
                WithError.mean(covered),
            )
        )
    return found


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


def burden(protocol: Protocol, bank: Bank, replicates: Replicates) -> Burden:
    """Return what a trial takes on average."""
    patients = WithError.mean(replicates.enrolled)
    screened = patients.value * bank.counts.screened / max(bank.counts.eligible, 1)
    accrual, days, cost = protocol.conduct.accrual, None, None
    if accrual:
        rate = accrual.sites * accrual.patients_per_site_per_month / DAYS_PER_MONTH
        days = patients.value / rate + protocol.period_starts[-1] + protocol.endpoint.to_day
    if protocol.cost:
        sites = accrual.sites if accrual else 0
        cost = protocol.cost.total(patients.value, screened, sites, days or 0.0)
    return Burden(
        patients,
        screened,
        days,
        cost,
        WithError.mean(replicates.futile),
        WithError.mean(replicates.enriched),
        WithError.mean(replicates.look + 1),
    )


@dataclass(frozen=True)
class Characteristics:
    """The operating characteristics of a design.

    Arguments: the power, None where the effect rests on priors set by hand; the type I error with the
    mechanism off, and from how many replicates; how the estimator does (None where it estimates something
    else); what the trial takes; the true effect in subgroups.
    """

    power: WithError | None
    type_one_error: WithError
    null_replicates: int
    estimator: list[EstimatorPerformance] | None
    burden: Burden
    subgroups: tuple[SubgroupEffect, ...]


def type_one_error(null_replicates: Replicates) -> WithError:
    """Return the share of trials that reject any hypothesis, of replicates with the mechanism off."""
    return WithError.mean(np.asarray(null_replicates.rejected.any(axis=1)))
