"""Densities of several points and targets at once, against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.problem import SIGNIFICANT, Observations, Problem, log_prior

MIXED = Observations(
    np.array([1.0, 0.0, -2.0]),
    np.array([0.5, 0.4, 0.3]),
    np.array([0.1, 0.2, 0.0]),
    np.array([False, True, False]),
)
SIMULATED = np.array([[0.7, 0.3, -2.5], [1.5, -0.9, -1.0], [1.0, 2.0, np.nan], [0.0, np.nan, -2.0]])
OWN = np.array([[0.01, 0.02, 0.03], [0.0, 0.1, 0.2], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


def test_each_target_has_its_term_at_each_point() -> None:
    found = MIXED.log_likelihoods(SIMULATED, OWN)
    spread = np.sqrt(np.array([0.26, 0.2, 0.09]) + OWN)
    for point in range(4):
        for target in (0, 2):
            expected = stats.norm(SIMULATED[point, target], spread[point, target]).logpdf(
                MIXED.values[target]
            )
            if np.isnan(SIMULATED[point, target]):
                expected = -np.inf
            assert found[point, target] == pytest.approx(expected)
        trial = stats.norm(SIMULATED[point, 1], spread[point, 1])
        limit = SIGNIFICANT * 0.4
        inside = -np.inf if np.isnan(SIMULATED[point, 1]) else np.log(trial.cdf(limit) - trial.cdf(-limit))
        assert found[point, 1] == pytest.approx(inside)
    assert MIXED.log_likelihood(SIMULATED, OWN) == pytest.approx(found.sum(axis=1))
    assert np.isneginf(MIXED.log_likelihood(SIMULATED, OWN)[2:]).all()
    assert MIXED.variance == pytest.approx([0.26, 0.2, 0.09])
    assert stats.norm.cdf(SIGNIFICANT) == pytest.approx(0.975, abs=1e-15)


def test_the_prior_is_standard_normal_in_every_score() -> None:
    points = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -0.2]])
    assert log_prior(points) == pytest.approx(stats.norm.logpdf(points).sum(axis=1))


def test_a_wider_gaussian_has_wider_standard_deviations() -> None:
    one = Gaussian(np.array([1.0, -1.0]), np.array([[2.0, 0.5], [0.5, 1.0]]))
    wide = one.wider(1.5)
    assert np.sqrt(np.diag(wide.covariance)) == pytest.approx(1.5 * np.sqrt([2.0, 1.0]))
    assert wide.mean is one.mean
    points = np.array([[0.0, 0.0], [2.0, -3.0]])
    expected = stats.multivariate_normal(one.mean, 2.25 * one.covariance).logpdf(points)
    assert wide.log_density(points) == pytest.approx(expected)
    normals = np.array([[1.0, 0.0], [0.0, 1.0]])
    moved = one.points(normals) - one.mean
    assert moved.T @ moved == pytest.approx(one.covariance)


def test_a_direction_is_informed_where_less_than_half_of_the_prior_s_variance_is_left() -> None:
    def informed(*variances: float) -> int:
        return Gaussian(np.zeros(len(variances)), np.diag(variances)).informed_directions

    assert informed(1.0, 0.51, 0.49, 0.01) == 2
    assert informed(0.5) == 0
    turned = np.array([[0.6, 0.4], [0.4, 0.6]])  # eigenvalues 1 and 0.2
    assert Gaussian(np.zeros(2), turned).informed_directions == 1


def test_the_linear_update_solves_its_normal_equations() -> None:
    jacobian = np.array([[1.0, 0.5, 0.0], [0.2, -1.0, 0.3]])
    offset, observed, variance = np.array([0.1, -0.2]), np.array([1.0, 0.4]), np.array([0.3, 0.05])
    found = linear_update(jacobian, offset, observed, variance)
    joint = jacobian @ jacobian.T + np.diag(variance)
    gain = jacobian.T @ np.linalg.inv(joint)
    assert found.mean == pytest.approx(gain @ (observed - offset))
    assert found.covariance == pytest.approx(np.eye(3) - gain @ jacobian)
    assert np.array_equal(found.covariance, found.covariance.T)


def test_a_problem_with_other_values_is_the_same_otherwise() -> None:
    problem = Problem(MIXED, lambda scores, seed: scores, np.ones((3, 7), dtype=bool))
    assert problem.dimensions == 7
    other = problem.observing(np.array([9.0, 9.0, 9.0]))
    assert other.observations.values.tolist() == [9.0, 9.0, 9.0]
    assert np.array_equal(other.observations.standard_errors, MIXED.standard_errors)
    assert other.simulate is problem.simulate
