"""On linear problems, where the posterior and the evidence are known exactly, inference finds both."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.gaussian import Gaussian, linear_update, log_evidence_of_linear
from calor.calibration.importance import correct, smooth_tail
from calor.calibration.inversion import Ensemble, invert
from calor.calibration.linearisation import gaussian_posterior
from calor.calibration.problem import Numbers, Problem, Simulated
from calor.core.progress import Silent
from calor.core.streams import Stream

STREAM = Stream(2)
SCORES, TARGETS = 12, 5
JACOBIAN = STREAM.child("jacobian").normals(TARGETS, SCORES)
OFFSET = np.arange(TARGETS, dtype=np.float64)
VARIANCE = np.array([0.2, 0.5, 0.1, 1.0, 0.3])
OBSERVED = OFFSET + JACOBIAN @ STREAM.child("truth").normals(1, SCORES)[0]
EXACT = linear_update(JACOBIAN, OFFSET, OBSERVED, VARIANCE)


def simulate(scores: Numbers, seed: int) -> Simulated:
    values = OFFSET + scores @ JACOBIAN.T
    return Simulated(values, np.zeros_like(values))


def simulate_with_noise(scores: Numbers, seed: int) -> Simulated:
    exact = simulate(scores, seed).values
    noise = Stream(seed).child("noise").normals(len(scores), TARGETS)
    return Simulated(exact + 0.1 * noise, np.full_like(exact, 0.01))


PROBLEM = Problem(SCORES, OBSERVED, VARIANCE, simulate)


def test_the_linear_update_is_the_textbook_posterior() -> None:
    one = linear_update(np.array([[2.0]]), np.array([1.0]), np.array([4.0]), np.array([0.5]))
    assert one.covariance[0, 0] == pytest.approx(1 / (1 + 4 / 0.5))
    assert one.mean[0] == pytest.approx(2 / 0.5 * 3 / 9)


def test_the_linear_evidence_is_the_marginal_density() -> None:
    value = log_evidence_of_linear(np.array([[2.0]]), np.array([1.0]), np.array([4.0]), np.array([0.5]))
    assert value == pytest.approx(stats.norm(1, np.sqrt(4.5)).logpdf(4))


def test_a_gaussian_has_the_density_and_the_moments_it_says() -> None:
    points = EXACT.points(STREAM.child("draws").normals(20_000, SCORES))
    assert np.allclose(points.mean(axis=0), EXACT.mean, atol=4 / np.sqrt(20_000))
    assert np.allclose(np.cov(points.T), EXACT.covariance, atol=0.05)
    reference = stats.multivariate_normal(EXACT.mean, EXACT.covariance)
    assert EXACT.log_density(points[:5]) == pytest.approx(reference.logpdf(points[:5]))
    assert EXACT.informed_directions == TARGETS
    assert np.all(EXACT.wider(1.5).shrinkage <= EXACT.shrinkage)


@pytest.mark.parametrize("simulator", [simulate, simulate_with_noise])
def test_inversion_and_linearisation_find_the_exact_posterior(simulator: object) -> None:
    problem = Problem(SCORES, OBSERVED, VARIANCE, simulator)  # type: ignore[arg-type]
    history = invert(problem, size=200, steps=4, stream=STREAM.child("inversion"), progress=Silent())
    found = gaussian_posterior(problem, history)
    distance = (found.mean - EXACT.mean) / np.sqrt(np.diag(EXACT.covariance))
    assert np.abs(distance).max() < 0.25
    ratio = np.sqrt(np.diag(found.covariance) / np.diag(EXACT.covariance))
    assert ratio == pytest.approx(1.0, abs=0.1)


def test_points_that_cannot_be_simulated_are_replaced() -> None:
    def broken(scores: Numbers, seed: int) -> Simulated:
        result = simulate(scores, seed)
        result.values[scores[:, 0] > 1.0] = np.nan
        return result

    problem = Problem(SCORES, OBSERVED, VARIANCE, broken)
    history = invert(problem, size=120, steps=3, stream=STREAM.child("broken"), progress=Silent())
    assert all(np.isfinite(ensemble.points).all() for ensemble in history)


def test_importance_weights_give_the_exact_evidence() -> None:
    exact = log_evidence_of_linear(JACOBIAN, OFFSET, OBSERVED, VARIANCE)
    normals = STREAM.child("weights").normals(4000, SCORES)
    perfect = correct(PROBLEM, EXACT, normals, seed=0)
    assert perfect.log_evidence == pytest.approx(exact, abs=1e-9)
    assert perfect.effective_size == pytest.approx(4000)
    rough = correct(PROBLEM, EXACT.wider(1.15), normals, seed=0)
    assert rough.log_evidence == pytest.approx(exact, abs=4 * rough.log_evidence_error)
    assert rough.effective_size < 4000
    assert rough.tail_shape < 0.7
    assert np.allclose(rough.mean, EXACT.mean, atol=0.15)
    assert np.allclose(np.diag(rough.as_gaussian().covariance), np.diag(EXACT.covariance), atol=0.12)


def test_resampled_points_have_the_weighted_mean() -> None:
    rough = correct(PROBLEM, EXACT.wider(1.2), STREAM.child("weights").normals(3000, SCORES), seed=0)
    uniforms = (np.arange(8000) + 0.5) / 8000
    assert np.allclose(rough.resampled(uniforms).mean(axis=0), rough.mean, atol=0.02)


def test_the_tail_shape_of_pareto_weights_is_found() -> None:
    uniforms = STREAM.child("pareto").uniforms(4000, 1)[:, 0]
    for shape in (0.2, 0.8):
        _, found = smooth_tail(np.log(uniforms**-shape))
        assert found == pytest.approx(shape, abs=0.15)


def test_equal_weights_are_left_alone() -> None:
    smoothed, _ = smooth_tail(np.zeros(100))
    assert np.array_equal(smoothed, np.zeros(100))


def test_an_impossible_point_has_no_likelihood() -> None:
    simulated = Simulated(np.array([[np.nan] * TARGETS]), np.zeros((1, TARGETS)))
    assert PROBLEM.log_likelihood(simulated)[0] == -np.inf


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        Simulated(np.zeros((2, 3)), np.zeros((2, 2)))


def test_a_gaussian_of_the_prior_has_learnt_nothing() -> None:
    prior = Gaussian(np.zeros(3), np.eye(3))
    assert prior.informed_directions == 0
    assert prior.shrinkage == pytest.approx(np.zeros(3))
    assert isinstance(Ensemble(np.zeros((1, 3)), Simulated(np.zeros((1, 1)), np.zeros((1, 1)))), Ensemble)
