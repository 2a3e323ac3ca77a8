"""Sample size and power undo each other, and stand beside simulation of the test they describe."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import Contrast, CrossoverData, CrossoverT, Direction
from calor.trial.theory import (
    CrossoverEndpoint,
    Endpoint,
    LogRankEndpoint,
    MeanEndpoint,
    RateEndpoint,
    SequentialPlan,
    Spending,
    boundaries,
    equal_information,
    fixed_power,
    fixed_sample_size,
    sequential_power,
    sequential_sample_size,
)

ENDPOINTS: list[Endpoint] = [
    MeanEndpoint(1.0, 2.5),
    MeanEndpoint(-0.8, 1.5, allocation=2.0),
    MeanEndpoint(0.7, 1.9, normal_approximation=True),
    CrossoverEndpoint(-1.55, 1.8),
    CrossoverEndpoint(1.55, 1.8, period_adjusted=True),
    RateEndpoint(0.2, 0.45, allocation=1.5),
    LogRankEndpoint(0.6, 0.7, allocation=2.0),
]


@settings(deadline=None)
@given(st.sampled_from(ENDPOINTS), st.floats(0.3, 0.99), st.floats(0.001, 0.1))
def test_power_at_the_sample_size_is_the_power_asked_for(
    endpoint: Endpoint, power: float, alpha: float
) -> None:
    size = fixed_sample_size(endpoint, power, alpha, 1)
    assert fixed_power(endpoint, size.n_total, alpha, 1) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize("spending", [Spending.POCOCK, Spending.OBRIEN_FLEMING_TYPE_SPENDING])
def test_sequential_power_at_the_sequential_size_is_the_power_asked_for(spending: Spending) -> None:
    bounds = boundaries(SequentialPlan(spending, equal_information(4), 0.025))
    endpoint = MeanEndpoint(0.7, 1.9, normal_approximation=True)
    size = sequential_sample_size(endpoint, 0.85, bounds)
    outcome = sequential_power(endpoint, size.n_total, bounds)
    assert outcome.power == pytest.approx(0.85, abs=1e-10)
    assert outcome.power_per_look.sum() == pytest.approx(outcome.power)
    assert outcome.expected_n == pytest.approx(size.expected_n_h1)
    assert size.expected_n_h1 < size.expected_n_h0 < size.n_total


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_one_look_is_the_fixed_design(endpoint: Endpoint) -> None:
    bounds = boundaries(SequentialPlan(Spending.POCOCK, (1.0,), 0.05, 2))
    fixed = fixed_sample_size(endpoint, 0.8, 0.05, 2)
    assert sequential_sample_size(endpoint, 0.8, bounds).n_total == pytest.approx(fixed.n_total, rel=1e-9)
    assert sequential_power(endpoint, 30, bounds).power == pytest.approx(fixed_power(endpoint, 30, 0.05, 2))


def test_without_effect_the_power_is_the_level() -> None:
    for endpoint in (MeanEndpoint(0.0, 1.0), CrossoverEndpoint(0.0, 1.0), RateEndpoint(0.4, 0.4)):
        assert fixed_power(endpoint, 40, 0.03, 1) == pytest.approx(0.03, abs=1e-12)
        assert fixed_power(endpoint, 40, 0.03, 2) == pytest.approx(0.03, abs=1e-12)


def test_period_adjusted_crossover_power_is_that_of_the_analysis() -> None:
    n_replicates, n_patients, sd = 40_000, 12, 1.8
    noise = Stream(5).normals(n_replicates, 2 * n_patients).reshape(n_replicates, n_patients, 2)
    first = np.broadcast_to(np.arange(n_patients) % 2, (n_replicates, n_patients))
    treatment = np.stack([first, 1 - first], axis=2)
    outcome = -1.55 * treatment + noise * sd / np.sqrt(2)
    estimate = CrossoverT().estimate(CrossoverData(outcome, treatment), Contrast(direction=Direction.LESS))
    simulated = (estimate.p_value_one_sided <= 0.025).mean()
    exact = fixed_power(CrossoverEndpoint(-1.55, sd, period_adjusted=True), n_patients, 0.025, 1)
    assert abs(simulated - exact) < 3 * np.sqrt(exact * (1 - exact) / n_replicates)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: MeanEndpoint(float("inf"), 1.0), "delta"),
        (lambda: MeanEndpoint(1.0, 0.0), "sd"),
        (lambda: MeanEndpoint(1.0, 1.0, allocation=0.0), "allocation"),
        (lambda: RateEndpoint(0.0, 0.5), "rate1"),
        (lambda: RateEndpoint(0.5, 1.0), "rate2"),
        (lambda: fixed_sample_size(MeanEndpoint(0.0, 1.0), 0.8, 0.025, 1), "delta"),
        (lambda: fixed_sample_size(MeanEndpoint(1e-7, 1.0), 0.8, 0.025, 1), "delta"),
        (lambda: fixed_sample_size(RateEndpoint(0.5, 0.5), 0.8, 0.025, 1), "rate1"),
        (lambda: fixed_sample_size(MeanEndpoint(1.0, 1.0), 0.02, 0.025, 1), "power"),
        (lambda: fixed_sample_size(MeanEndpoint(1.0, 1.0), 1.0, 0.025, 1), "power"),
        (lambda: fixed_power(MeanEndpoint(1.0, 1.0), 2, 0.025, 1), "n: is 2"),
        (lambda: fixed_power(MeanEndpoint(1.0, 1.0), float("nan"), 0.025, 1), "n: is nan"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(make: object, named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()  # type: ignore[operator]
