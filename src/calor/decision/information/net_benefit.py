"""The net benefit of a study (ENBS): what it would save everybody, less what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calor.decision.information.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Stakes:
    """Who gains from a better decision: people a year, years until the question is moot, discount a year."""

    people_per_year: float
    horizon_years: float
    discount: float = 0.0

    def people(self, study_months: float) -> float:
        """Return the discounted number of people who are decided for after the study, within the horizon."""
        raise NotImplementedError


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
        raise NotImplementedError

    def cost(self, patients: float) -> float:
        """Return the cost of a study of a number of patients."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class NetBenefit:
    """The net benefit of a study at one size.

    Arguments: patients; EVSI a person; cost; months to the result; people who gain (discounted); the net
    benefit (it may be negative); and the people a year at which it would break even (infinite where EVSI is 0).
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
    """Return the net benefit of a study of one size."""
    raise NotImplementedError


def best_size(curve: Sequence[NetBenefit], within: float = 0.05) -> BestSize | None:
    """Return the best size as a range, or None where no size pays."""
    raise NotImplementedError
