"""The net benefit of a study (ENBS): its worth to everybody for whom it comes in time, less its cost.

ENBS(n) = EVSI(n) x people(months(n)) - cost(n)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calor.decision.information.estimate import Estimate

MONTHS_PER_YEAR = 12.0


@dataclass(frozen=True, kw_only=True)
class Stakes:
    """Who gains from a better decision: people a year, years until the question is moot, discount a year."""

    people_per_year: float
    horizon_years: float
    discount: float = 0.0

    def people(self, study_months: float) -> float:
        """Return the discounted number of people who are decided for after the study, within the horizon.

        They come evenly; someone t years from now counts (1 + discount)^-t.
        """
        start = study_months / MONTHS_PER_YEAR
        if start >= self.horizon_years:
            return 0.0
        rate = math.log1p(self.discount)
        if rate == 0.0:
            return self.people_per_year * (self.horizon_years - start)
        return self.people_per_year * (math.exp(-rate * start) - math.exp(-rate * self.horizon_years)) / rate


@dataclass(frozen=True, kw_only=True)
class Running:
    """What a study takes: money (fixed, per patient, per month), months (before, accrual, after the last)."""

    fixed: float = 0.0
    per_patient: float = 0.0
    per_month: float = 0.0
    patients_per_month: float
    months_before: float = 0.0
    months_after: float = 0.0

    def months(self, patients: float) -> float:
        """Return the months from the start to the result for a number of patients."""
        return self.months_before + patients / self.patients_per_month + self.months_after

    def cost(self, patients: float) -> float:
        """Return the cost of a study of a number of patients."""
        return self.fixed + self.per_patient * patients + self.per_month * self.months(patients)


@dataclass(frozen=True, kw_only=True)
class NetBenefit:
    """The net benefit of a study at one size.

    Arguments: patients; EVSI a person; cost; months to the result; people who gain (discounted); the net
    benefit (it may be negative); and the people a year at which it would break even (infinite where EVSI is
    0).
    """

    patients: int
    evsi: Estimate
    cost: float
    months: float
    people: float
    net: Estimate
    break_even_people_per_year: float


@dataclass(frozen=True)
class BestSize:
    """The size with the greatest net benefit, and the range of sizes within 5 % of it."""

    patients: int
    low: int
    high: int
    net: Estimate


def net_benefit(evsi: Estimate, patients: int, stakes: Stakes, running: Running) -> NetBenefit:
    """Return the net benefit of a study of one size; its EVSI and its cost are in the same money."""
    months, cost = running.months(patients), running.cost(patients)
    people = stakes.people(months)
    for_one_a_year = people / stakes.people_per_year if stakes.people_per_year > 0 else 0.0
    yearly = evsi.value * for_one_a_year
    return NetBenefit(
        patients=patients,
        evsi=evsi,
        cost=cost,
        months=months,
        people=people,
        net=Estimate.of(evsi.value * people - cost, evsi.resampled * people - cost),
        break_even_people_per_year=cost / yearly if yearly > 0 else math.inf,
    )


def best_size(curve: Sequence[NetBenefit], within: float = 0.05) -> BestSize | None:
    """Return the best size as a range: all sizes whose net benefit is within a share of the best one's.

    Returns None where no size pays. The range ends where a size between falls out of it.
    """
    ordered = sorted(curve, key=lambda point: point.patients)
    if not ordered:
        return None
    best = max(range(len(ordered)), key=lambda index: ordered[index].net.raw)
    enough = (1 - within) * ordered[best].net.raw
    if ordered[best].net.raw <= 0:
        return None
    low = high = best
    while low > 0 and ordered[low - 1].net.raw >= enough:
        low -= 1
    while high + 1 < len(ordered) and ordered[high + 1].net.raw >= enough:
        high += 1
    chosen = ordered[best]
    return BestSize(chosen.patients, ordered[low].patients, ordered[high].patients, chosen.net)
