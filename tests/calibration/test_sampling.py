"""The sampler finds posterior and evidence where both are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.sampling import Sample, sample
from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Stopped
from calor.core.streams import Stream
from tests.calibration.linear_problem import (
    EVIDENCE,
    EXACT,
    JACOBIAN,
    OBSERVATIONS,
    OBSERVED,
    OFFSET,
    SCORES,
    TARGETS,
    VARIANCE,
)

PARTICLES = 1500


def exactly(points: Numbers) -> Numbers:
    return OBSERVATIONS.log_likelihood(OFFSET + points @ JACOBIAN.T, np.zeros(TARGETS))


def following(points: Numbers, power: float) -> Gaussian:
    return linear_update(JACOBIAN, OFFSET, OBSERVED, VARIANCE / power).wider(1.1)


def prior(points: Numbers, power: float) -> Gaussian:
    return Gaussian(np.zeros(points.shape[1]), np.eye(points.shape[1]))


@pytest.fixture(scope="module")
def found() -> Sample:
    return sample(exactly, following, SCORES, PARTICLES, 4, Stream(3), SILENT)


def test_the_evidence_is_the_marginal_density(found: Sample) -> None:
    repeated = [
        sample(exactly, following, SCORES, 300, 3, Stream(seed), SILENT).log_evidence for seed in range(12)
    ]
    error = np.std(repeated, ddof=1) / np.sqrt(12)
    assert np.mean(repeated) == pytest.approx(EVIDENCE, abs=4 * error + 0.02)
    assert found.log_evidence == pytest.approx(EVIDENCE, abs=4 * np.std(repeated, ddof=1))


def test_the_draws_have_the_posterior_s_moments(found: Sample) -> None:
    distance = (found.points.mean(axis=0) - EXACT.mean) / np.sqrt(np.diag(EXACT.covariance))
    assert np.abs(distance).max() < 5 / np.sqrt(PARTICLES)
    ratio = found.points.std(axis=0) / np.sqrt(np.diag(EXACT.covariance))
    assert ratio == pytest.approx(1.0, abs=5 / np.sqrt(2 * PARTICLES))


@pytest.mark.parametrize("reference", [prior, lambda points, power: Gaussian(np.full(1, 0.5), np.eye(1) * 2)])
def test_a_curved_posterior_is_found_whatever_the_reference(reference: object) -> None:
    def likelihood(points: Numbers) -> Numbers:
        return np.asarray(-0.5 * ((points[:, 0] ** 2 - 1.5) / 0.3) ** 2)

    result = sample(likelihood, reference, 1, 4000, 6, Stream(5), SILENT)  # type: ignore[arg-type]

    def density(z: float) -> float:
        return float(np.exp(likelihood(np.array([[z]]))[0]) * stats.norm.pdf(z))

    total = integrate.quad(density, -4, 4, points=[-1.2, 1.2])[0]
    square = integrate.quad(lambda z: z**2 * density(z), -4, 4, points=[-1.2, 1.2])[0] / total
    assert result.log_evidence == pytest.approx(np.log(total), abs=0.1)
    assert (result.points**2).mean() == pytest.approx(square, abs=0.03)
    assert (result.points > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_a_likelihood_that_says_nothing_leaves_the_prior() -> None:
    result = sample(lambda points: np.zeros(len(points)), prior, 3, 500, 2, Stream(1), SILENT)
    assert result.log_evidence == pytest.approx(0)
    assert stats.kstest(result.points[:, 0], "norm").pvalue > 1e-3


def test_the_same_stream_gives_the_same_draws() -> None:
    first, second = (sample(exactly, following, SCORES, 50, 2, Stream(9), SILENT) for _ in range(2))
    assert np.array_equal(first.points, second.points)


def test_sampling_stops_on_request() -> None:
    class Impatient:
        stop_requested = True

        def start(self, stage: str, total: int) -> None: ...
        def advance(self, steps: int = 1) -> None: ...

    with pytest.raises(Stopped):
        sample(exactly, following, SCORES, 50, 2, Stream(9), Impatient())


def test_a_likelihood_that_differs_between_calls_ends() -> None:
    """Points stay where their level is met nowhere: here every later call gives a little less."""
    calls = 0

    def falling(points: Numbers) -> Numbers:
        nonlocal calls
        calls += 1
        return exactly(points) - 0.02 * calls

    found = sample(falling, following, SCORES, 200, 2, Stream(3), SILENT)
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.log_likelihood).all()
    assert np.unique(found.points, axis=0).shape[0] > 20
