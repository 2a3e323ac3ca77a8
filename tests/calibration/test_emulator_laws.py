"""The emulator is the Gaussian process that it says it is: against dense algebra and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.emulator import (
    LENGTHS,
    MOST_RELEVANT,
    NOISE_SHARES,
    RIDGES,
    Emulator,
    TargetEmulator,
    train,
)
from calor.calibration.local_error import POINTS_OF_AVERAGE, SQUARINGS, LocalError, learn
from calor.core.arrays import Numbers
from calor.core.errors import CalorError
from calor.core.streams import Stream

STREAM = Stream(21)
SCORES = 4
POINTS = STREAM.child("points").normals(60, SCORES)
FRESH = STREAM.child("fresh").normals(25, SCORES)
VALUES = (
    3.0
    + POINTS[:, 0]
    + np.sin(2 * POINTS[:, 0])
    - 0.4 * POINTS[:, 1]
    + 0.2 * STREAM.child("e").normals(60, 1)[:, 0]
)
EVERY = np.ones((1, SCORES))


def gaussian_kernel(first: Numbers, second: Numbers) -> Numbers:
    return np.asarray(np.exp(-((first[:, None, :] - second[None, :, :]) ** 2).sum(axis=2) / 2))


def linear_choice(design: Numbers, response: Numbers) -> tuple[Numbers, float, float]:
    """Return slopes, slope variance and noise by the largest marginal likelihood, by dense algebra."""
    n = len(response)
    best = (-np.inf, 0.0, 0.0)
    for ridge in RIDGES:
        covariance = design @ design.T / ridge + np.eye(n)
        noise = float(response @ np.linalg.solve(covariance, response)) / n
        score = -0.5 * n * np.log(noise) - 0.5 * float(np.linalg.slogdet(covariance)[1])
        best = max(best, (score, float(ridge), noise))
    _, ridge, noise = best
    slopes = np.linalg.solve(design.T @ design + ridge * np.eye(design.shape[1]), design.T @ response)
    return slopes, noise / ridge, noise


def smooth_choice(coordinates: Numbers, residual: Numbers, noise: float) -> tuple[float, float, float]:
    n = len(residual)
    best = (-0.5 * n * np.log((residual**2).mean()), 0.0, 1.0, noise)
    for length in LENGTHS:
        kernel = gaussian_kernel(coordinates / length, coordinates / length)
        for share in NOISE_SHARES:
            covariance = kernel + share * np.eye(n)
            variance = float(residual @ np.linalg.solve(covariance, residual)) / n
            score = -0.5 * n * np.log(variance) - 0.5 * float(np.linalg.slogdet(covariance)[1])
            best = max(best, (score, variance, length, share * variance))
    return best[1:]


def dense(points: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean at fresh points and the left-out errors at training points, by definition."""
    response = values - values.mean()
    slopes, slope_variance, noise = linear_choice(points, response)
    relevance = np.abs(slopes) / np.abs(slopes).max()
    variance, length, noise = smooth_choice(points * relevance, response - points @ slopes, noise)
    scale = relevance / length

    def covariance(first: Numbers, second: Numbers) -> Numbers:
        return slope_variance * first @ second.T + variance * gaussian_kernel(first * scale, second * scale)

    whole = covariance(points, points) + noise * np.eye(len(points))
    mean = values.mean() + covariance(FRESH, points) @ np.linalg.solve(whole, response)
    errors = []
    for left in range(len(points)):
        kept = np.arange(len(points)) != left
        weights = np.linalg.solve(whole[np.ix_(kept, kept)], response[kept])
        errors.append(response[left] - covariance(points[left : left + 1], points[kept])[0] @ weights)
    return mean, np.array(errors)


def test_the_prediction_is_the_posterior_mean_of_the_process() -> None:
    found = train(POINTS, VALUES[:, None], EVERY)
    mean, errors = dense(POINTS, VALUES)
    assert found.predict(FRESH)[0][:, 0] == pytest.approx(mean, abs=2e-5)
    (target,) = found.targets
    assert target.error.average == pytest.approx((errors**2).mean(), rel=1e-6)
    assert target.error.squares == pytest.approx(errors**2, rel=1e-3, abs=1e-6)
    assert target.mean == pytest.approx(VALUES.mean())


def test_where_nothing_bends_a_line_is_enough() -> None:
    """Noise alone is left of a line: the smooth part has no variance."""
    line = 2 * POINTS[:, 0] - POINTS[:, 2]
    found = train(POINTS, line[:, None], EVERY)
    assert found.predict(FRESH)[0][:, 0] == pytest.approx(2 * FRESH[:, 0] - FRESH[:, 2], abs=2e-2)
    assert found.jacobian(np.ones(SCORES))[0] == pytest.approx([2, 0, -1, 0], abs=2e-2)


def test_of_noise_around_a_line_nothing_is_learnt_but_the_line() -> None:
    noise = STREAM.child("noise alone").normals(60, 1)[:, 0]
    (target,) = train(POINTS, (2 * POINTS[:, 0] + noise)[:, None], EVERY).targets
    slopes, *_ = linear_choice(POINTS, 2 * POINTS[:, 0] + noise - (2 * POINTS[:, 0] + noise).mean())
    relevance = np.abs(slopes) / np.abs(slopes).max()
    residual = 2 * POINTS[:, 0] + noise - (2 * POINTS[:, 0] + noise).mean() - POINTS @ slopes
    assert smooth_choice(POINTS * relevance, residual, 1.0)[0] == 0
    assert not target.coefficients.any()


def test_slopes_are_taken_on_both_sides() -> None:
    """At any point the slope is that of the prediction itself."""
    found = train(POINTS, np.column_stack([VALUES, -2 * VALUES]), np.ones((2, SCORES)))
    at = np.array([0.3, -0.2, 0.1, 0.5])
    for score in range(SCORES):
        move = 1e-2 * np.eye(SCORES)[score]
        both = found.predict(np.array([at + move, at - move]))[0]
        assert found.jacobian(at, step=1e-2)[:, score] == pytest.approx((both[0] - both[1]) / 2e-2, abs=1e-3)
    coarse = found.predict(np.array([at + np.array([0.1, 0, 0, 0]), at - np.array([0.1, 0, 0, 0])]))[0]
    assert found.jacobian(at)[:, 0] == pytest.approx((coarse[0] - coarse[1]) / 0.2, abs=1e-4)


def test_the_scores_that_move_a_summary_most_make_its_smooth_part() -> None:
    many = STREAM.child("many").normals(200, 30)
    order = STREAM.child("order").uniforms(30, 1)[:, 0]
    (target,) = train(many, (many @ order)[:, None], np.ones((1, 30))).targets
    assert len(target.columns) == MOST_RELEVANT
    assert set(target.columns) == set(np.argsort(-order)[:MOST_RELEVANT])
    assert target.scales.max() in [1 / length for length in LENGTHS]


def test_a_score_that_may_not_move_a_summary_has_no_part_in_it() -> None:
    inputs = np.array([[1.0, 0.0, 1.0, 0.0]])
    (target,) = train(POINTS, VALUES[:, None], inputs).targets
    assert set(target.columns) <= {0, 2}
    assert np.all(target.slopes[[1, 3]] == 0)
    moved = FRESH + np.array([0, 5.0, 0, -5.0])
    emulator = Emulator((target,))
    assert np.array_equal(emulator.predict(FRESH)[0], emulator.predict(moved)[0])


def test_a_summary_that_cannot_be_learnt_is_named() -> None:
    values = VALUES.copy()[:, None]
    values[5:] = np.nan
    assert isinstance(train(POINTS, values, EVERY).targets[0], TargetEmulator)  # five points are enough
    values[4:] = np.nan
    with pytest.raises(CalorError, match="only 4 of 60 points"):
        train(POINTS, values, EVERY)


def test_a_summary_that_nothing_moves_depends_on_no_score() -> None:
    (target,) = train(POINTS, np.full((60, 1), 4.0), EVERY).targets
    assert target.columns.shape == target.scales.shape == (0,)
    assert target.centres.shape == (60, 0)
    assert not target.slopes.any()
    assert target.slopes.shape == (SCORES,)
    assert target.mean == 4.0


def test_points_without_the_summary_play_no_part() -> None:
    values = VALUES.copy()
    values[::2] = np.nan
    found = train(POINTS, values[:, None], EVERY).predict(FRESH)[0]
    alone = train(POINTS[1::2], values[1::2, None], EVERY).predict(FRESH)[0]
    assert found == pytest.approx(alone, rel=1e-6)


def test_the_local_error_is_a_weighted_mean_with_the_average_as_some_points() -> None:
    kernel = np.array([[1.0, 0.5], [0.25, 0.0]], dtype=np.float32)
    squares = np.array([4.0, 1.0], dtype=np.float32)
    c = POINTS_OF_AVERAGE
    for squarings, power in ((0, 1), (1, 2), (2, 4)):
        near = kernel.astype(float) ** power
        expected = (near @ [4.0, 1.0] + c * 3.0) / (near.sum(axis=1) + c)
        assert LocalError(squares, 3.0, squarings).at(kernel) == pytest.approx(expected, rel=1e-6)
    assert np.all(LocalError(squares, 3.0, None).at(kernel) == 3.0)


def test_what_counts_as_near_is_what_makes_left_out_errors_likeliest() -> None:
    points = np.sort(STREAM.child("line").normals(300, 1)[:, 0])[:, None] * 3
    kernel = gaussian_kernel(points, points)
    uneven = np.where(points[:, 0] > 0, 3.0, 0.2) * STREAM.child("u").normals(300, 1)[:, 0]
    even = np.where(np.arange(300) % 2, 1.0, -1.0)

    def score(errors: Numbers, squarings: int | None) -> float:
        others = (kernel - np.eye(300)).astype(np.float32)
        average = float((errors**2).mean())
        variance = LocalError((errors**2).astype(np.float32), average, squarings).at(others)
        return -0.5 * float((np.log(variance) + errors**2 / variance).sum())

    for errors in (uneven, even):
        found = learn(kernel, errors)
        best = max(SQUARINGS, key=lambda squarings: score(errors, squarings))
        assert found.squarings == best
        assert found.average == pytest.approx((errors**2).mean())
        assert found.squares == pytest.approx(errors**2, rel=1e-6)
    assert learn(kernel, uneven).squarings is not None
    assert learn(kernel, np.zeros(300)).squarings is None
    assert np.all(learn(kernel, np.zeros(300)).at(kernel.astype(np.float32)) == 0)
