"""The stage-wise ordering: one look is the fixed test, and its intervals cover as they say."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.trial.analysis import decide
from calor.trial.theory import SequentialPlan, Spending, StagewiseOrdering, boundaries, stopping_probabilities

PLAN = SequentialPlan(Spending.OBRIEN_FLEMING_TYPE_SPENDING, (0.3, 0.7, 1.0), 0.025, 1)
ZERO = np.zeros(1)


def test_at_the_first_look_the_drift_is_that_of_a_fixed_trial() -> None:
    ordering = StagewiseOrdering(boundaries(PLAN))
    z = np.array([-1.0, 0.4, 3.9])
    assert ordering.drift(0, z, 0.5) == pytest.approx(z / np.sqrt(0.3))
    assert ordering.drift(0, z, 0.025) == pytest.approx((z - 1.959964) / np.sqrt(0.3), abs=1e-6)


@pytest.mark.parametrize("look", [1, 2])
@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975])
def test_the_drift_has_the_probability_that_was_asked_for(look: int, probability: float) -> None:
    ordering = StagewiseOrdering(boundaries(PLAN), np.array([0.2, 0.5, -np.inf]))
    z = np.array([-7.3, -2.0, 0.33, 1.97, 4.44, 7.9])
    drift = ordering.drift(look, z, probability)
    assert ordering.tail(look, z, drift) == pytest.approx(np.full(6, probability), abs=1e-6)
    assert np.all(np.diff(drift) > 0)


def test_ending_on_the_last_bound_has_the_level_as_p_value() -> None:
    bounds = boundaries(PLAN)
    ordering = StagewiseOrdering(bounds)
    for look in range(3):
        p_value = ordering.tail(look, bounds.critical_values[look : look + 1], ZERO)
        assert p_value == pytest.approx(bounds.alpha_spent[look], abs=1e-9)


def test_the_tail_under_a_drift_is_that_of_the_recursion_with_it() -> None:
    bounds = boundaries(SequentialPlan(Spending.POCOCK, (0.25, 0.5, 0.75, 1.0), 0.05, 2))
    for drift in (-3.0, 0.7, 5.0):
        stopping = stopping_probabilities(bounds.lower, bounds.critical_values, bounds.information, drift)
        for look in range(4):
            found = StagewiseOrdering(bounds).tail(
                look, bounds.critical_values[look : look + 1], np.array([drift])
            )
            assert found == pytest.approx(stopping.above[: look + 1].sum(), abs=1e-10)


@pytest.mark.parametrize("sided", [1, 2])
@pytest.mark.parametrize("drift", [0.0, 1.5, 3.2])
def test_estimates_are_median_unbiased_and_intervals_cover(sided: int, drift: float) -> None:
    replicates, information = 40_000, np.array([0.5, 1.0])
    bounds = boundaries(SequentialPlan(Spending.POCOCK, (0.5, 1.0), 0.025 * sided, sided))
    futility = np.array([0.3]) if sided == 1 else None
    steps = Stream(8, (sided,)).normals(replicates, 2) * np.sqrt(0.5) + drift * 0.5
    z = np.cumsum(steps, axis=1) / np.sqrt(information)
    decision = decide(z, bounds.critical_values, sided=sided, futility=futility)
    lower = None if futility is None else np.array([*futility, -np.inf])
    ordering = StagewiseOrdering(bounds, lower)
    found = np.empty((3, replicates))
    for look in (0, 1):
        here = decision.look == look
        for row, probability in zip(found, (0.025, 0.5, 0.975), strict=True):
            row[here] = ordering.drift(look, z[here, look], probability)
    above = (found > drift).mean(axis=1)
    error = 3 * np.sqrt(np.array([0.025, 0.5, 0.025]) * np.array([0.975, 0.5, 0.975]) / replicates)
    assert np.all(np.abs(above - np.array([0.025, 0.5, 0.975])) < error)
