"""What running a candidate takes: money and months, from its own cost and accrual or from the defaults."""

from __future__ import annotations

import math

import numpy as np

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.decision.bank.bank import Enrolling
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

TRIAL, COHORT = "accrual", "accrual_cohort"
"""Keys of the rates at which a site recruits for a trial, and for a study that treats nobody."""

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


def running_of(candidate: Candidate, enrolling: Enrolling, money: Money) -> Running:
    """Return what a candidate takes in each size.

    Everybody who enters a run-in is recruited, treated and seen as a patient is, whoever is then randomised.

    Arguments: the candidate; who is screened and enters for each of its patients; the numbers behind money.
    """
    protocol = candidate.protocol
    screened = enrolling.screened
    after = money["months_after"] + candidate.look.days / DAYS_PER_MONTH
    months = {"months_before": money["months_before"], "months_after": after}
    if protocol is None:
        return Running(
            fixed=money["cohort_fixed"],
            per_patient=money["cohort_per_person"] + money["per_screened"] * screened,
            per_month=money["per_month"],
            patients_per_month=money["sites"] * money[_per_site(candidate.population, COHORT)],
            **months,
        )
    accrual = protocol.conduct.accrual
    if accrual is not None:
        rate = accrual.sites * accrual.patients_per_site_per_month
    else:
        sites = money["sites"] if protocol.sites is None else protocol.sites.count
        rate = sites * money[_per_site(protocol.population, TRIAL)]
    rate /= enrolling.entering
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
        per_patient=money["trial_per_patient"] * enrolling.entering
        + money["per_screened"] * screened
        + _drugs(protocol, enrolling.entering, money),
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


def _per_site(population: PopulationPart, key: str) -> str:
    """Return the key of the rate at which a site recruits from a population."""
    return f"{key}_early" if population.duration_months.at_most <= EARLY_MONTHS else key


def _drugs(protocol: Protocol, entering: float, money: Money) -> float:
    """Return the price of the drugs for each patient, on average.

    A run-in is given to `entering` people for each one who is randomised.
    """
    prices = np.array([price_of_course(arm, money) for arm in protocol.arms])
    sequences = np.array(protocol.sequences)
    ratio = np.array(shares_of(protocol.allocation, len(sequences)).ratio)
    courses = np.ones(sequences.shape[1])
    if protocol.design.run_in is not None:
        courses[0] = entering
    return float(ratio @ prices[sequences] @ courses / ratio.sum())
