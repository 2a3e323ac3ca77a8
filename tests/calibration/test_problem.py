"""The likelihood is the density it says, for numbers and for results known only as not significant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.problem import Observations, log_prior
from tests.calibration.linear_problem import EXACT, OBSERVATIONS, SCORES, STREAM, TARGETS, VARIANCE


def test_the_likelihood_of_values_is_the_normal_density() -> None:
    simulated = OBSERVATIONS.values + np.array([[0.0] * TARGETS, [0.3] * TARGETS])
    found = OBSERVATIONS.log_likelihood(simulated, np.full(TARGETS, 0.05))
    spread = np.sqrt(VARIANCE + 0.05)
    expected = [stats.norm(row, spread).logpdf(OBSERVATIONS.values).sum() for row in simulated]
    assert found == pytest.approx(np.array(expected))


@pytest.mark.parametrize("difference", [0.0, 0.5, -0.5, 4.0, -9.0])
def test_the_likelihood_of_no_significance_is_its_probability(difference: float) -> None:
    trial = Observations(np.zeros(1), np.array([0.4]), np.array([0.3]), np.array([True]))
    found = trial.log_likelihood(np.array([[difference]]), np.array([0.01]))[0]
    estimate = stats.norm(abs(difference), np.sqrt(0.4**2 + 0.3**2 + 0.01))
    inside = estimate.cdf(1.959963984540054 * 0.4) - estimate.cdf(-1.959963984540054 * 0.4)
    assert found == pytest.approx(np.log(inside), rel=1e-6)


def test_an_impossible_point_has_no_likelihood() -> None:
    simulated = np.array([[np.nan] * TARGETS])
    assert OBSERVATIONS.log_likelihood(simulated, np.zeros(TARGETS))[0] == -np.inf


def test_the_linear_update_is_the_textbook_posterior() -> None:
    one = linear_update(np.array([[2.0]]), np.array([1.0]), np.array([4.0]), np.array([0.5]))
    assert one.covariance[0, 0] == pytest.approx(1 / (1 + 4 / 0.5))
    assert one.mean[0] == pytest.approx(2 / 0.5 * 3 / 9)


def test_a_gaussian_has_the_density_and_the_moments_it_says() -> None:
    points = EXACT.points(STREAM.child("draws").normals(20_000, SCORES))
    assert np.allclose(points.mean(axis=0), EXACT.mean, atol=4 / np.sqrt(20_000))
    assert np.allclose(np.cov(points.T), EXACT.covariance, atol=0.05)
    reference = stats.multivariate_normal(EXACT.mean, EXACT.covariance)
    assert EXACT.log_density(points[:5]) == pytest.approx(reference.logpdf(points[:5]))
    assert EXACT.informed_directions == TARGETS


def test_a_gaussian_of_the_prior_has_learnt_nothing() -> None:
    prior = Gaussian(np.zeros(3), np.eye(3))
    assert prior.informed_directions == 0
    assert prior.log_density(np.ones((1, 3))) == pytest.approx(log_prior(np.ones((1, 3))))
