"""What running a candidate takes: money and months, from its own cost and accrual or from the defaults."""

from __future__ import annotations

import math

import numpy as np

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.decision.candidates.candidate import Candidate
from calor.decision.information.net_benefit import Running, Stakes
from calor.decision.money.figures import Money
from calor.study import Protocol
from calor.study.arms import Arm, shares_of
from calor.study.population import PopulationPart
from calor.study.treatments import REFERENCE_WEIGHT, treatments_of
from calor.therapy.dosing import amount_of

EARLY_MONTHS = 12
"""A population all of whom are within this time of the injury is recruited as fast as early CRPS is."""

_PACKS = {
    "ivig": ("ivig_per_gram", 1000.0),
    "infliximab": ("infliximab_per_100_mg", 100.0),
    "adalimumab": ("adalimumab_per_40_mg", 40.0),
}
"""By drug: the key of its price, and the milligrams that it buys; a dose takes whole packs."""


def price_of_course(arm: Arm, money: Money) -> float:
    """Return the price of the drugs that one person of 70 kg is given in an arm."""
    total = 0.0
    for given in treatments_of(arm):
        if given.drug.id not in _PACKS:
            total += money["other_course"]
            continue
        key, milligrams = _PACKS[given.drug.id]
        packs = sum(
            math.ceil(amount_of(record, REFERENCE_WEIGHT) / milligrams - 1e-9) * len(record.times_days)
            for record in given.regimen.records
        )
        total += packs * money[key]
    return total


def running_of(candidate: Candidate, eligible_share: float, money: Money) -> Running:
    """Return what a candidate takes in each size.

    Arguments: the candidate; the share of those screened who qualify; the numbers behind money.
    """
    protocol = candidate.protocol
    screened = 1 / max(eligible_share, 1e-3)
    after = money["months_after"] + candidate.look.days / DAYS_PER_MONTH
    months = {"months_before": money["months_before"], "months_after": after}
    if protocol is None:
        return Running(
            fixed=money["cohort_fixed"],
            per_patient=money["cohort_per_person"] + money["per_screened"] * screened,
            per_month=money["per_month"],
            patients_per_month=_accrual(candidate.population, money),
            **months,
        )
    accrual = protocol.conduct.accrual
    rate = (
        accrual.sites * accrual.patients_per_site_per_month
        if accrual
        else _accrual(protocol.population, money)
    )
    cost = protocol.cost
    if cost is not None:
        return Running(
            fixed=cost.fixed + cost.per_site * (accrual.sites if accrual else 0),
            per_patient=cost.per_patient + cost.per_screened * screened,
            per_month=cost.per_month,
            patients_per_month=rate,
            **months,
        )
    return Running(
        fixed=money["trial_fixed"],
        per_patient=money["trial_per_patient"] + money["per_screened"] * screened + _drugs(protocol, money),
        per_month=money["per_month"],
        patients_per_month=rate,
        **months,
    )


def stakes_of(money: Money) -> Stakes:
    """Return who gains from a better decision."""
    return Stakes(
        people_per_year=money["incidence"] / 1e5 * money["population"] * money["reached"],
        horizon_years=money["horizon"],
        discount=money["discount"],
    )


def _accrual(population: PopulationPart, money: Money) -> float:
    early = population.duration_months.at_most <= EARLY_MONTHS
    return money["sites"] * money["accrual_early" if early else "accrual"]


def _drugs(protocol: Protocol, money: Money) -> float:
    """Return the price of the drugs that a patient is given on average."""
    prices = np.array([price_of_course(arm, money) for arm in protocol.arms])
    sequences = protocol.sequences
    ratio = np.array(shares_of(protocol.allocation, len(sequences)).ratio)
    return float(ratio @ prices[np.array(sequences)].sum(axis=1) / ratio.sum())
