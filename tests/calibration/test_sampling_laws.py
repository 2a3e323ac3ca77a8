"""Each part of the sampler against what it must do: the size of a step, the evidence, where moves lead."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calor.calibration.gaussian import Gaussian
from calor.calibration.sampling import KEPT_SHARE, Sample, sample
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream

SIZE = 4000


def prior(points: Numbers, power: float) -> Gaussian:
    return Gaussian(np.zeros(points.shape[1]), np.eye(points.shape[1]))


def normal(at: float, spread: float) -> object:
    return lambda points: stats.norm(points[:, 0], spread).logpdf(at)


def run(
    likelihood: object, reference: object = prior, moves: int = 3, seed: int = 3, size: int = SIZE
) -> Sample:
    return sample(likelihood, reference, 1, size, moves, Stream(seed), SILENT)  # type: ignore[arg-type]


@pytest.mark.parametrize(("at", "spread"), [(0.5, 1.0), (2.0, 0.3), (-3.0, 0.5)])
def test_a_normal_likelihood_has_a_normal_posterior(at: float, spread: float) -> None:
    """Precision 1 + 1/s^2, mean at/s^2 over it, evidence N(at; 0, 1 + s^2)."""
    found = run(normal(at, spread))
    precision = 1 + spread**-2
    error = 5 / np.sqrt(SIZE)
    assert found.points.mean() == pytest.approx(at * spread**-2 / precision, abs=error * precision**-0.5)
    assert found.points.std() == pytest.approx(precision**-0.5, rel=error)
    assert found.log_evidence == pytest.approx(stats.norm(0, np.hypot(1, spread)).logpdf(at), abs=0.1)
    assert found.log_likelihood == pytest.approx(normal(at, spread)(found.points))  # type: ignore[operator]


def test_a_weak_likelihood_takes_one_step_and_a_strong_one_several() -> None:
    def powers(spread: float) -> list[float]:
        seen: list[float] = []

        def reference(points: Numbers, power: float) -> Gaussian:
            seen.append(power)
            return prior(points, power)

        run(normal(0.0, spread), reference)
        return seen

    assert powers(5.0) == [1.0]
    strong = powers(0.05)
    assert len(strong) >= 3
    assert strong[-1] == 1.0
    assert np.all(np.diff(strong) > 0)
    # The first step leaves the stated effective share of the prior's points.
    points = Stream(3).generator().standard_normal((SIZE, 1))
    weights = np.exp(strong[0] * normal(0.0, 0.05)(points))  # type: ignore[operator]
    assert weights.sum() ** 2 / (weights**2).sum() / SIZE == pytest.approx(KEPT_SHARE, rel=1e-3)


@pytest.mark.parametrize(
    "reference", [Gaussian(np.array([1.0]), np.array([[0.2]])), Gaussian(np.zeros(1), 4 * np.eye(1))]
)
def test_moves_leave_the_posterior_as_it_is_whatever_the_reference(reference: Gaussian) -> None:
    """Many moves with a reference that is off in place or width still end in the same distribution."""
    few, many = (run(normal(1.0, 0.7), lambda points, power: reference, moves) for moves in (1, 8))
    precision = 1 + 0.7**-2
    exact = stats.norm(0.7**-2 / precision, precision**-0.5)
    for found in (few, many):
        assert found.points.mean() == pytest.approx(exact.mean(), abs=5 * exact.std() / np.sqrt(SIZE) * 1.5)
    assert stats.kstest(many.points[:, 0], exact.cdf).statistic < 0.035


def test_moves_part_the_copies_that_resampling_made() -> None:
    found = run(normal(2.0, 0.1), moves=2)
    assert len(np.unique(found.points[:, 0])) == SIZE


def test_another_stream_gives_other_draws() -> None:
    assert not np.array_equal(run(normal(1, 1), size=50).points, run(normal(1, 1), seed=4, size=50).points)
