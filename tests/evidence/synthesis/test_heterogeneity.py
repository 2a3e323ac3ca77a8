"""The estimators of tau2 satisfy their own equations, and REML finds the highest of several peaks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from calor.evidence.synthesis.heterogeneity import heterogeneity_variance, q_profile_interval
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import pool
from calor.evidence.synthesis.weighted import Data, fit


def data_of(y: list[float], v: list[float], x: list[float] | None = None) -> Data:
    columns = [np.ones(len(y))] + ([] if x is None else [np.array(x)])
    return Data(np.array(y), np.array(v), np.column_stack(columns))


def textbook_log_likelihood(data: Data, tau2: float) -> float:
    """The restricted log-likelihood with every matrix written out, up to the same constant."""
    w = np.diag(1.0 / (data.variances + tau2))
    x, y = data.design, data.estimates
    information = x.T @ w @ x
    p = w - w @ x @ np.linalg.inv(information) @ x.T @ w
    return float(
        -0.5 * (np.sum(np.log(data.variances + tau2)) + np.linalg.slogdet(information)[1] + y @ p @ y)
    )


many = st.integers(3, 7).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-4, 4), min_size=k, max_size=k),
        st.lists(st.floats(0.02, 3.0), min_size=k, max_size=k),
    )
)


@given(drawn=many, tau2=st.floats(0, 10))
def test_traces_are_those_of_the_matrix_written_out(
    drawn: tuple[list[float], list[float]], tau2: float
) -> None:
    y, v = drawn
    data = data_of(y, v, list(range(len(y))))
    w = np.diag(1.0 / (data.variances + tau2))
    x = data.design
    p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    at = fit(data, tau2)
    assert at.trace_p == pytest.approx(np.trace(p), rel=1e-8, abs=1e-8)
    assert at.trace_pp == pytest.approx(np.trace(p @ p), rel=1e-8, abs=1e-8)
    assert at.generalised_q == pytest.approx(data.estimates @ p @ data.estimates, rel=1e-7, abs=1e-8)
    assert at.y_pp_y == pytest.approx(data.estimates @ p @ p @ data.estimates, rel=1e-7, abs=1e-8)


@given(drawn=many)
def test_paule_mandel_solves_its_equation(drawn: tuple[list[float], list[float]]) -> None:
    data = data_of(*drawn)
    tau2 = heterogeneity_variance(data, Method.PM)
    if tau2 > 0.0:
        assert fit(data, tau2).generalised_q == pytest.approx(data.residual_freedom, rel=1e-9)
    else:
        assert fit(data, 0.0).generalised_q <= data.residual_freedom


@given(drawn=many)
def test_reml_lies_at_the_top_of_the_likelihood(drawn: tuple[list[float], list[float]]) -> None:
    data = data_of(*drawn)
    tau2 = heterogeneity_variance(data, Method.REML)
    best = textbook_log_likelihood(data, tau2)
    elsewhere = [textbook_log_likelihood(data, other) for other in [0.0, *np.geomspace(1e-8, 1e3, 60)]]
    assert best >= max(elsewhere) - 1e-9


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([-0.8, -1.1, -1.7, 10.0], [0.0036, 0.0045, 0.14, 7.6]),
        ([-2.8, 8.1, -2.1, 6.9], [20.0, 0.12, 77.0, 0.0021]),
        ([-4.7, -5.4, -0.3, -4.9], [0.064, 0.13, 1.8, 0.017]),
    ],
)
def test_reml_takes_the_higher_of_two_peaks(y: list[float], v: list[float]) -> None:
    data = data_of(y, v)
    grid = [0.0, *np.geomspace(1e-4, 1e3, 500)]
    values = np.array([textbook_log_likelihood(data, tau2) for tau2 in grid])
    inside = np.sum((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:]))
    assert inside + (values[0] > values[1]) == 2
    found = heterogeneity_variance(data, Method.REML)
    assert textbook_log_likelihood(data, found) >= np.max(values) - 1e-12


@given(drawn=many)
def test_q_profile_limits_have_their_quantiles(drawn: tuple[list[float], list[float]]) -> None:
    data = data_of(*drawn)
    for limit, tail in zip(q_profile_interval(data), (0.975, 0.025), strict=True):
        quantile = stats.chi2.ppf(tail, data.residual_freedom)
        if limit > 0.0:
            assert fit(data, limit).generalised_q == pytest.approx(quantile, rel=1e-9)
        else:
            assert fit(data, 0.0).generalised_q <= quantile * (1 + 1e-12)


def test_effects_alike_beyond_chance_have_the_empty_interval() -> None:
    # metafor 3.8.1 gives the empty set, shown as 0 to 0, for these
    assert pool([0.1, 0.1001, 0.1002, 0.1003], [0.1, 0.1, 0.2, 0.3]).tau2_ci95 == (0.0, 0.0)


@pytest.mark.parametrize("method", [Method.DL, Method.REML])
def test_intervals_cover_as_often_as_they_say(method: Method) -> None:
    """Knapp-Hartung intervals over 250 replicates of ten studies cover 95% within four binomial errors."""
    generator = np.random.default_rng(20)
    replicates, covered, tau_covered = 250, 0, 0
    for _ in range(replicates):
        v = generator.uniform(0.05, 0.5, 10)
        y = generator.normal(0.3, np.sqrt(v + 0.2))
        found = pool(list(y), list(v), method=method, knapp_hartung=True)
        covered += found.ci95[0] <= 0.3 <= found.ci95[1]
        assert found.tau2_ci95 is not None
        tau_covered += found.tau2_ci95[0] <= 0.2 <= found.tau2_ci95[1]
    error = math.sqrt(0.95 * 0.05 / replicates)
    assert abs(covered / replicates - 0.95) < 4 * error
    assert abs(tau_covered / replicates - 0.95) < 4 * error
