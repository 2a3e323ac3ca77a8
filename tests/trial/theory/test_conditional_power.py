"""Conditional power against its closed form, the law of total probability and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.theory import (
    SequentialPlan,
    Spending,
    boundaries,
    conditional_power,
    equal_information,
    futility_bound,
    stopping_probabilities,
)

ASOF = Spending.OBRIEN_FLEMING_TYPE_SPENDING
TWO = boundaries(SequentialPlan(ASOF, (0.4, 1.0), 0.025))
FOUR = boundaries(SequentialPlan(ASOF, equal_information(4), 0.025))


@pytest.mark.parametrize("drift", [0.0, 2.5, None])
@pytest.mark.parametrize("z", [-1.0, 0.3, 2.0])
def test_one_look_to_come_has_a_closed_form(z: float, drift: float | None) -> None:
    ahead = z / np.sqrt(0.4) if drift is None else drift
    expected = ndtr((z * np.sqrt(0.4) + ahead * 0.6 - TWO.critical_values[1]) / np.sqrt(0.6))
    assert conditional_power(TWO, 0, z, drift) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("drift", [0.0, 3.0])
def test_conditional_power_adds_up_to_power(drift: float) -> None:
    first, information = FOUR.critical_values[0], FOUR.information[0]

    def later(z: float) -> float:
        return conditional_power(FOUR, 0, z, drift) * norm.pdf(z - drift * np.sqrt(information))

    stopping = stopping_probabilities(FOUR.lower, FOUR.critical_values, FOUR.information, drift)
    total = quad(later, -7, first, limit=200)[0]
    assert total == pytest.approx(stopping.above[1:].sum(), rel=1e-8)


def test_conditional_power_is_what_simulation_finds() -> None:
    n_replicates, z, drift = 100_000, 0.8, 2.2
    steps = np.diff(FOUR.information[1:], prepend=FOUR.information[1])
    noise = Stream(1).normals(n_replicates, 3)
    score = z * np.sqrt(0.5) + np.cumsum(drift * steps + np.sqrt(steps) * noise, axis=1)[:, 1:]
    rejected = (score / np.sqrt(FOUR.information[2:]) >= FOUR.critical_values[2:]).any(axis=1)
    expected = conditional_power(FOUR, 1, z, drift)
    assert abs(rejected.mean() - expected) < 3 * np.sqrt(expected * (1 - expected) / n_replicates)


@pytest.mark.parametrize("drift", [2.8, None])
def test_a_futility_bound_has_the_conditional_power_asked_for(drift: float | None) -> None:
    bound = futility_bound(FOUR, 1, 0.2, drift)
    assert conditional_power(FOUR, 1, bound, drift) == pytest.approx(0.2, abs=1e-9)
    assert bound < FOUR.critical_values[1]


def test_what_has_no_conditional_power_is_refused() -> None:
    two_sided = boundaries(SequentialPlan(ASOF, (0.5, 1.0), 0.05, 2))
    with pytest.raises(InputError, match="two-sided"):
        conditional_power(two_sided, 0, 1.0)
    with pytest.raises(InputError, match="look: is 1"):
        conditional_power(TWO, 1, 1.0)
    with pytest.raises(InputError, match="conditional power"):
        futility_bound(TWO, 0, 1.0)
