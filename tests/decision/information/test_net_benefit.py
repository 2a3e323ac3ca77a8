"""Net benefit: discounted people, costs and months by hand; the best size as a range."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from calor.decision.information.estimate import Estimate
from calor.decision.information.net_benefit import Running, Stakes, best_size, net_benefit

RUNNING = Running(
    fixed=1000, per_patient=10, per_month=50, patients_per_month=5, months_before=6, months_after=2
)


def figure(value: float) -> Estimate:
    return Estimate.of(value, value + np.array([-0.1, 0.1]))


def test_months_and_costs() -> None:
    assert RUNNING.months(100) == 6 + 20 + 2
    assert RUNNING.cost(100) == 1000 + 10 * 100 + 50 * 28


def test_people_come_evenly_and_count_less_the_later_they_come() -> None:
    assert Stakes(people_per_year=100, horizon_years=10).people(24) == pytest.approx(800)
    assert Stakes(people_per_year=100, horizon_years=2).people(24) == 0.0
    # 100 people a year from year 2 to year 10 at 3 %: the integral of 100 * 1.03^-t.
    expected = 100 * (1.03**-2 - 1.03**-10) / log(1.03)
    assert Stakes(people_per_year=100, horizon_years=10, discount=0.03).people(24) == pytest.approx(expected)


def test_net_benefit_and_where_it_breaks_even() -> None:
    stakes = Stakes(people_per_year=100, horizon_years=10)
    found = net_benefit(figure(4.0), 100, stakes, RUNNING)
    people = 100 * (10 - 28 / 12)
    assert (found.people, found.cost, found.months) == (pytest.approx(people), 3400, 28)
    assert found.net.value == pytest.approx(4 * people - 3400)
    assert found.net.error == pytest.approx(np.std([-0.1, 0.1], ddof=1) * people)
    at_it = net_benefit(
        figure(4.0), 100, Stakes(people_per_year=found.break_even_people_per_year, horizon_years=10), RUNNING
    )
    assert at_it.net.value == pytest.approx(0.0, abs=1e-9)
    assert net_benefit(figure(0.0), 100, stakes, RUNNING).break_even_people_per_year == inf


def test_the_best_size_is_a_range_within_five_per_cent() -> None:
    stakes = Stakes(people_per_year=1, horizon_years=1000)
    curve = [
        net_benefit(figure(worth), size, stakes, Running(patients_per_month=1e9))
        for size, worth in ((10, 1.0), (20, 1.91), (40, 2.0), (80, 1.96), (160, 1.0), (320, 1.95))
    ]
    found = best_size(list(reversed(curve)))
    assert found is not None
    assert (found.low, found.patients, found.high) == (20, 40, 80)
    assert best_size([net_benefit(figure(1e-6), 10, stakes, RUNNING)]) is None
    assert best_size([]) is None
