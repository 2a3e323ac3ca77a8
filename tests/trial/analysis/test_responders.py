"""Risk difference, logistic regression, multiplicity and sequential decisions by their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import root
from scipy.special import expit, logit

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import (
    Contrast,
    Direction,
    Estimability,
    Logistic,
    Multiplicity,
    ParallelData,
    RiskDifference,
    adjusted_p_values,
    decide,
)
from calor.trial.theory import SequentialPlan, Spending, boundaries

GREATER = Contrast(direction=Direction.GREATER)


def responders(counts: list[tuple[int, int, int, int]]) -> ParallelData:
    """Return replicates with (responders, patients) in the active and the control arm."""
    width = max(n1 + n0 for _, n1, _, n0 in counts)
    outcome, arm = np.full((len(counts), width), np.nan), np.full((len(counts), width), -1)
    for row, (r1, n1, r0, n0) in enumerate(counts):
        outcome[row, : n1 + n0] = np.repeat([1.0, 0.0, 1.0, 0.0], [r1, n1 - r1, r0, n0 - r0])
        arm[row, : n1 + n0] = np.repeat([1, 0], [n1, n0])
    return ParallelData(outcome, arm)


def test_interval_of_newcombes_worked_example() -> None:
    # Newcombe (1998), Stat Med 17:873-90, Table II, contrast (a), method 10: 56/70 and 48/80
    estimate = RiskDifference().estimate(responders([(56, 70, 48, 80)]), GREATER)
    assert (estimate.lower[0], estimate.upper[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_logistic_without_covariates_is_the_log_odds_ratio() -> None:
    estimate = Logistic().estimate(responders([(30, 70, 20, 80)]), GREATER)
    assert estimate.effect[0] == pytest.approx(np.log(30 * 60 / (40 * 20)), rel=1e-9)
    assert estimate.standard_error[0] == pytest.approx(np.sqrt(1 / 30 + 1 / 40 + 1 / 20 + 1 / 60), rel=1e-9)


def stacked_equations(outcome: np.ndarray, arm: np.ndarray, baseline: np.ndarray) -> tuple[float, float]:
    """Return the marginal log odds ratio and its sandwich error from the joint estimating equations.

    Unknowns: intercept, slope of the baseline, arm, and both marginal probabilities. The bread is a numerical
    derivative, so nothing of the closed expression is used again.
    """

    def rows(unknown: np.ndarray) -> np.ndarray:
        line = unknown[0] + unknown[1] * baseline
        residual = outcome - expit(line + unknown[2] * arm)
        return np.column_stack(
            [
                residual, residual * baseline, residual * arm,
                expit(line) - unknown[3], expit(line + unknown[2]) - unknown[4],
            ]
        )  # fmt: skip

    found = root(lambda unknown: rows(unknown).mean(axis=0), [0, 0, 0, 0.5, 0.5], tol=1e-13).x
    steps = 1e-6 * np.eye(5)
    bread = np.array([(rows(found + h) - rows(found - h)).mean(axis=0) / 2e-6 for h in steps]).T
    inverse = np.linalg.inv(bread)
    covariance = inverse @ (rows(found).T @ rows(found)) @ inverse.T / len(outcome) ** 2
    control, active = found[3:]
    slope = np.array([0, 0, 0, -1 / (control * (1 - control)), 1 / (active * (1 - active))])
    return logit(active) - logit(control), np.sqrt(slope @ covariance @ slope)


def test_the_marginal_log_odds_ratio_and_its_error_solve_the_stacked_equations() -> None:
    generator = np.random.default_rng(4)
    baseline, arm = generator.normal(6, 1.5, 90), np.arange(90) % 2
    outcome = (generator.random(90) < expit(-0.5 + 1.2 * arm - 0.8 * (baseline - 6))).astype(float)
    estimate = Logistic().estimate(ParallelData(outcome[None], arm[None], baseline[None]), GREATER)
    effect, error = stacked_equations(outcome, arm, baseline)
    assert estimate.effect[0] == pytest.approx(effect, rel=1e-7)
    assert estimate.standard_error[0] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("n", [80, 400])
def test_the_interval_covers_the_odds_ratio_of_the_population_and_not_that_at_equal_baseline(n: int) -> None:
    # logit P = -1 + 1.5 arm + 2 x, x normal: the mean of expit over x by quadrature is the marginal truth.
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    control, active = ((weights @ expit(a + 2 * nodes)) / weights.sum() for a in (-1.0, 0.5))
    true = logit(active) - logit(control)
    assert true < 1.0 < 1.5
    replicates, generator = 4000, np.random.default_rng(9)
    baseline = generator.normal(size=(replicates, n))
    arm = np.tile(np.arange(n) % 2, (replicates, 1))
    outcome = (generator.random((replicates, n)) < expit(-1 + 1.5 * arm + 2 * baseline)).astype(float)
    found = Logistic().estimate(ParallelData(outcome, arm, baseline), GREATER)
    kept = found.estimated
    covered = ((found.lower <= true) & (true <= found.upper))[kept].mean()
    assert kept.mean() > 0.99
    assert 0.95 - 0.015 < covered < 0.95 + 0.012
    assert found.effect[kept].mean() == pytest.approx(true, abs=0.06 if n == 80 else 0.02)


def test_separated_data_are_named_by_logistic_and_kept_by_the_risk_difference() -> None:
    data = responders([(10, 10, 0, 10), (5, 10, 0, 10), (6, 10, 3, 10)])
    logistic = Logistic().estimate(data, GREATER)
    assert list(logistic.estimability) == [
        Estimability.NOT_CONVERGED,
        Estimability.NOT_CONVERGED,
        Estimability.ESTIMATED,
    ]
    assert list(logistic.p_value_one_sided[:2]) == [1.0, 1.0]
    risk = RiskDifference().estimate(data, GREATER)
    assert risk.estimated.all()
    assert risk.p_value_one_sided[0] < 1e-4


def test_arms_that_all_answer_or_all_fail_do_not_vary() -> None:
    estimate = RiskDifference().estimate(responders([(10, 10, 10, 10), (0, 10, 0, 10)]), GREATER)
    assert (estimate.estimability == Estimability.NO_VARIATION).all()
    assert (estimate.p_value_one_sided == 1).all()
    assert (estimate.effect == 0).all()
    assert ((estimate.lower < 0) & (estimate.upper > 0)).all()


@pytest.mark.parametrize("estimator", [RiskDifference(), Logistic()])
def test_outcomes_other_than_0_and_1_are_refused(estimator: RiskDifference | Logistic) -> None:
    with pytest.raises(InputError, match="0 and 1"):
        estimator.estimate(ParallelData(np.array([[0.0, 2.0]]), np.array([[0, 1]])), GREATER)


def closed_holm(p: list[float]) -> list[float]:
    """Return Holm's p values by the closure of Bonferroni tests."""
    count = len(p)
    subsets = [[i for i in range(count) if code >> i & 1] for code in range(1, 1 << count)]
    return [max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets if i in s) for i in range(count)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_is_the_closure_of_bonferroni(p: list[float]) -> None:
    adjusted = adjusted_p_values(np.array([p]), Multiplicity.HOLM)[0]
    np.testing.assert_allclose(adjusted, closed_holm(p), rtol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_hochberg_rejects_whatever_holm_does_and_holm_whatever_bonferroni_does(p: list[float]) -> None:
    table = np.array([p])
    bonferroni, holm, hochberg = (
        adjusted_p_values(table, method)
        for method in (Multiplicity.BONFERRONI, Multiplicity.HOLM, Multiplicity.HOCHBERG)
    )
    assert (hochberg <= holm).all()
    assert (holm <= bonferroni).all()
    assert (hochberg >= table).all()


def test_a_fixed_sequence_stops_at_the_first_failure() -> None:
    adjusted = adjusted_p_values(np.array([[0.01, 0.2, 0.001]]), Multiplicity.FIXED_SEQUENCE)
    np.testing.assert_array_equal(adjusted, [[0.01, 0.2, 0.2]])


@pytest.mark.parametrize("p", [np.array([0.1]), np.array([[1.1]]), np.array([[np.nan]])])
def test_what_are_not_p_values_is_refused(p: np.ndarray) -> None:
    with pytest.raises(InputError, match="p_values"):
        adjusted_p_values(p, Multiplicity.HOLM)


def test_decisions_stop_at_the_first_reason() -> None:
    z = np.array([[3.0, 0.0, 0.0], [1.0, 2.6, 0.0], [-0.5, 9.0, 9.0], [1.0, 1.0, 2.0], [1.0, 1.0, 1.9]])
    outcome = decide(z, np.array([2.9, 2.5, 1.96]), futility=np.array([0.0, 0.5]))
    np.testing.assert_array_equal(outcome.look, [0, 1, 0, 2, 2])
    np.testing.assert_array_equal(outcome.rejected, [True, True, False, True, False])
    np.testing.assert_array_equal(outcome.futile, [False, False, True, False, False])
    both = decide(-z, np.array([2.9, 2.5, 1.96]), sided=2)
    np.testing.assert_array_equal(both.rejected, [True, True, True, True, False])


def test_simulated_decisions_meet_the_boundaries_alpha_with_and_without_futility() -> None:
    n_replicates = 200_000
    bounds = boundaries(SequentialPlan(Spending.POCOCK, (0.3, 0.7, 1.0), 0.025))
    steps = Stream(8).normals(n_replicates, 3) * np.sqrt(np.diff(bounds.information, prepend=0.0))
    z = np.cumsum(steps, axis=1) / np.sqrt(bounds.information)
    error = np.sqrt(0.025 * 0.975 / n_replicates)
    rejected = decide(z, bounds.critical_values).rejected.mean()
    assert abs(rejected - 0.025) < 3 * error
    stopped = decide(z, bounds.critical_values, futility=np.array([0.0, 0.5]))
    assert stopped.rejected.mean() < rejected
    assert stopped.futile.mean() > 0.5


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"critical_values": np.ones(2)}, "critical_values"),
        ({"critical_values": np.ones(3), "futility": np.zeros(3)}, "futility"),
        ({"critical_values": np.ones(3), "futility": np.zeros(2), "sided": 2}, "one-sided"),
    ],
)
def test_boundaries_that_do_not_fit_are_refused(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        decide(np.zeros((4, 3)), **arguments)  # type: ignore[arg-type]
