"""Boundaries, sample sizes and power equal rpact (version in rpact.json, script scripts/oracles/rpact.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from calor.trial.theory import (
    Boundaries,
    CrossoverEndpoint,
    Endpoint,
    MeanEndpoint,
    RateEndpoint,
    SequentialPlan,
    Spending,
    boundaries,
    fixed_power,
    fixed_sample_size,
    sequential_power,
    sequential_sample_size,
)

ORACLE = json.loads(Path(__file__).with_name("rpact.json").read_text())
RPACT_ERROR = 1e-9
"""rpact's own error in a probability at its finest tolerance: it moves critical values beyond z = 4."""


def bounds_of(plan: dict[str, Any], alpha: float, sided: int) -> Boundaries:
    spending = Spending(plan["spending"])
    return boundaries(
        SequentialPlan(spending, tuple(plan["information"]), alpha, sided, plan.get("parameter"))
    )


def endpoint_of(case: dict[str, Any]) -> Endpoint:
    if case["endpoint"] == "rate":
        return RateEndpoint(case["rate1"], case["rate2"], case["allocation"])
    if case["endpoint"] == "crossover":
        return CrossoverEndpoint(case["delta"], case["sd"], case["normal_approximation"])
    return MeanEndpoint(case["delta"], case["sd"], case["allocation"], case["normal_approximation"])


def test_there_are_at_least_a_hundred_cases() -> None:
    assert len(ORACLE["boundaries"]) + len(ORACLE["sizes"]) >= 100


@pytest.mark.parametrize("case", ORACLE["boundaries"])
def test_boundaries_equal_rpact(case: dict[str, Any]) -> None:
    bounds = bounds_of(case, case["alpha"], case["sided"])
    critical = np.array(case["critical_values"])
    difference = np.abs(bounds.critical_values - critical)
    assert (difference <= np.maximum(1e-6, RPACT_ERROR / 2 / norm.pdf(critical))).all()
    assert (difference[critical < 4.2] <= 1e-6).all()
    np.testing.assert_allclose(bounds.alpha_spent, case["alpha_spent"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(bounds.stage_levels, case["stage_levels"], rtol=0, atol=2 * RPACT_ERROR)
    if case.get("first_exact"):
        np.testing.assert_allclose(bounds.critical_values[0], case["first_exact"], rtol=1e-10)


def test_a_critical_value_beyond_rpacts_precision_equals_adaptive_quadrature() -> None:
    plan = SequentialPlan(Spending.OBRIEN_FLEMING_TYPE_SPENDING, (0.2, 0.4, 0.6, 0.8, 1.0), 0.01, 2)
    first, second = boundaries(plan).critical_values[:2]
    spent = 4 * norm.sf(norm.isf(0.01 / 4) / np.sqrt([0.2, 0.4]))

    def outside_second(z: float) -> float:
        beyond = norm.sf((second * np.sqrt(0.4) - z * np.sqrt(0.2)) / np.sqrt(0.2))
        below = norm.cdf((-second * np.sqrt(0.4) - z * np.sqrt(0.2)) / np.sqrt(0.2))
        return float(norm.pdf(z) * (beyond + below))

    crossing, _ = quad(outside_second, -first, first, epsabs=1e-18, epsrel=1e-12, limit=500)
    assert crossing == pytest.approx(spent[1] - spent[0], rel=1e-9)


FIXED = [case for case in ORACLE["sizes"] if not case.get("plan")]
SEQUENTIAL = [case for case in ORACLE["sizes"] if case.get("plan")]


@pytest.mark.parametrize("case", FIXED)
def test_fixed_sizes_and_power_equal_rpact(case: dict[str, Any]) -> None:
    endpoint = endpoint_of(case)
    size = fixed_sample_size(endpoint, case["power"], case["alpha"], case["sided"])
    assert size.n_total == pytest.approx(case["n_total"], rel=1e-6)
    if case.get("tight_n_total"):
        assert size.n_total == pytest.approx(case["tight_n_total"], rel=1e-10)
    assert sum(size.n_per_arm) == pytest.approx(size.n_total)
    assert size.n_per_arm[0] / size.n_per_arm[1] == pytest.approx(case["allocation"])
    power = fixed_power(endpoint, case["n"], case["alpha"], case["sided"])
    assert power == pytest.approx(case["power_at_n"], abs=1e-9)


@pytest.mark.parametrize("case", SEQUENTIAL)
def test_sequential_sizes_and_power_equal_rpact(case: dict[str, Any]) -> None:
    endpoint, bounds = endpoint_of(case), bounds_of(case["plan"], case["alpha"], case["sided"])
    size = sequential_sample_size(endpoint, case["power"], bounds)
    for name in ("n_total", "expected_n_h1", "expected_n_h0"):
        assert getattr(size, name) == pytest.approx(case[name], rel=1e-6), name
    if case.get("tight_n_total"):
        assert size.n_total == pytest.approx(case["tight_n_total"] * case["inflation"], rel=1e-7)
    assert sequential_power(endpoint, case["n"], bounds).power == pytest.approx(case["power_at_n"], abs=1e-7)
