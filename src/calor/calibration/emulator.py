"""A fast stand-in for the simulator, learnt from simulated points: one Gaussian process per summary.

f(z) = mean + linear part over every score that can move the summary, with slopes as large as relevance
lets expect + smooth part over the few that move it most + noise. Because every training point has
virtual people of its own, the noise (Monte Carlo error) is averaged away: the emulator cannot overfit any one
group of people.
Source of the approach: Cleary et al. (2021), Calibrate, emulate, sample, J Comput Phys 424:109716.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.calibration.local_error import LocalError, Singles, learn
from calor.core.arrays import Numbers
from calor.core.errors import CalorError
from calor.core.executors import at_hand
from calor.core.progress import Progress

Places = NDArray[np.int64]
Float = TypeVar("Float", np.float32, np.float64)

MOST_RELEVANT = 16
"""Scores that take part in the smooth part of one summary."""

LENGTHS = (1.0, 2.0, 4.0)
"""Length scales tried, in prior SDs of the score that moves a summary most."""

NOISE_SHARES = np.logspace(-1.5, 2, 10)
"""Ratios tried of noise variance to the variance of the smooth part."""

RIDGES = np.logspace(-2, 4, 30)
"""Ratios tried of noise variance to the variance of a slope in a score of root mean square relevance."""

TUNING_POINTS = 400
"""Points on which the smooth part's length and noise are chosen; all points then train it."""

FEWEST_POINTS = 5
"""With fewer points at which a summary could be simulated, nothing can be learnt about it."""


@dataclass(frozen=True)
class TargetEmulator:
    """The emulator of one summary.

    Arguments: the mean; slopes (n_scores,); the scores of the smooth part (k,) and their scales (k,); the
    training points in those coordinates (n, k) with their coefficients (n,), in single precision, whose
    error is far below the emulator's and which is twice as fast; and the error, learnt from leave-one-out
    residuals.
    """

    mean: float
    slopes: Numbers
    columns: Places
    scales: Numbers
    centres: Singles
    coefficients: Singles
    error: LocalError

    def predict(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Return the summary at points (n_points, n_scores) -> (n_points,), and its mean squared error.

        The error holds the Monte Carlo error of one simulation too.
        """
        kernel = _kernel((points[:, self.columns] * self.scales).astype(np.float32), self.centres)
        level = self.mean + points @ self.slopes + kernel @ self.coefficients
        return np.asarray(level), self.error.at(kernel)


@dataclass(frozen=True)
class Emulator:
    """The emulators of all summaries."""

    targets: tuple[TargetEmulator, ...]

    def predict(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Return all summaries at points (n_points, n_scores) -> (n_points, n_targets), and their errors.

        The mean squared errors hold the Monte Carlo error of one simulation too.
        """
        found = at_hand().map(lambda target, _: target.predict(points), self.targets)
        values, errors = zip(*found, strict=True)
        return np.column_stack(values), np.column_stack(errors)

    def jacobian(self, point: Numbers, step: float = 0.1) -> Numbers:
        """Return the slopes of all summaries at a point (n_scores,) -> (n_targets, n_scores)."""
        moves = step * np.eye(len(point))
        above, below = self.predict(point + moves)[0], self.predict(point - moves)[0]
        return np.asarray((above - below).T / (2 * step))


def train(points: Numbers, values: Numbers, relevance: Numbers) -> Emulator:
    """Return the emulator of simulated points.

    Arguments: points (n, n_scores); summaries (n, n_targets) with NaN where one could not be simulated; and
    how large the slope of each summary in each score is expected to be, beside its other slopes (n_targets,
    n_scores): 0 where the score cannot move the summary, the same for all where nothing more is known.
    """

    def of_target(place: int, _: Progress) -> TargetEmulator:
        return _train(points, values[:, place], relevance[place])

    return Emulator(tuple(at_hand().map(of_target, range(len(relevance)))))


def _train(points: Numbers, values: Numbers, relevance: Numbers) -> TargetEmulator:
    rows = np.flatnonzero(np.isfinite(values))
    if len(rows) < FEWEST_POINTS:
        raise CalorError(
            f"a summary could be simulated at only {len(rows)} of {len(points)} points: too few virtual "
            "people meet its cohort's criteria; use larger cohorts or more points"
        )
    mean = float(values[rows].mean())
    inputs = np.flatnonzero(relevance)
    # A slope b in a column x times w with b ~ N(0, s^2) is one in x with N(0, w^2 s^2).
    expected = relevance[inputs] / np.sqrt((relevance[inputs] ** 2).mean())
    scores, response = points[rows][:, inputs], values[rows] - mean
    design = scores * expected
    slopes, slope_variance, noise = _linear(design, response)
    if slope_variance == 0:
        return _constant(mean, len(relevance), response)
    # A score that hardly moves a summary hardly bends it either: its axis is shortened by its slope, so that
    # one length serves all of them and points need not fill as many dimensions.
    found = np.abs(slopes * expected) / np.abs(slopes * expected).max()
    chosen = np.argsort(-found, kind="stable")[:MOST_RELEVANT]
    smooth_variance, length, noise = _smooth(
        scores[:, chosen] * found[chosen], response - design @ slopes, noise
    )
    scales = found[chosen] / length
    coordinates = scores[:, chosen] * scales
    kernel = _kernel(coordinates, coordinates)
    covariance = slope_variance * design @ design.T + smooth_variance * kernel + noise * np.eye(len(rows))
    # The whole inverse, since its diagonal gives every leave-one-out residual at once: r_i = w_i / (K^-1)_ii.
    inverse = np.linalg.inv(covariance)
    weights = inverse @ response
    all_slopes = np.zeros(len(relevance))
    all_slopes[inputs] = slope_variance * expected * (design.T @ weights)
    return TargetEmulator(
        mean=mean,
        slopes=all_slopes,
        columns=inputs[chosen],
        scales=scales,
        centres=coordinates.astype(np.float32),
        coefficients=(smooth_variance * weights).astype(np.float32),
        error=learn(kernel, weights / np.diag(inverse)),
    )


def _constant(mean: float, scores: int, response: Numbers) -> TargetEmulator:
    """Return the emulator of a summary that nothing moves."""
    n = len(response)
    return TargetEmulator(
        mean=mean,
        slopes=np.zeros(scores),
        columns=np.zeros(0, dtype=np.int64),
        scales=np.zeros(0),
        centres=np.zeros((n, 0), dtype=np.float32),
        coefficients=np.zeros(n, dtype=np.float32),
        error=learn(np.ones((n, n)), response),
    )


def _linear(design: Numbers, response: Numbers) -> tuple[Numbers, float, float]:
    """Return slopes, the variance of a slope, and the noise variance that the marginal likelihood prefers.

    y = X b + e, b ~ N(0, s^2 / r), e ~ N(0, s^2), over a grid of r; no slope where y does not vary.
    """
    n = len(response)
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    rotated, total = left.T @ response, float(response @ response)
    # Less than this is what rounding leaves of a summary that does not vary.
    if total <= 1e-24:
        return np.zeros(design.shape[1]), 0.0, 0.0
    best = (-np.inf, 0.0, 0.0)
    for ridge in RIDGES:
        # The noise variance has a closed form at each ridge, so that one number is searched and not two.
        shrink = singular**2 / (singular**2 + ridge)
        noise = (total - float(shrink @ rotated**2)) / n
        score = -0.5 * n * np.log(noise) - 0.5 * float(np.log1p(singular**2 / ridge).sum())
        best = max(best, (score, ridge, noise))
    _, ridge, noise = best
    slopes = right.T @ (singular / (singular**2 + ridge) * rotated)
    return slopes, noise / ridge, noise


def _smooth(coordinates: Numbers, residual: Numbers, noise: float) -> tuple[float, float, float]:
    """Return the variance of the smooth part, its length, and the noise variance that is left.

    Chosen by marginal likelihood over a grid on at most `TUNING_POINTS` points; the variance is 0 where no
    smooth part does better than noise alone.
    """
    step = max(1, len(residual) // TUNING_POINTS)
    some, values = coordinates[::step], residual[::step]
    n = len(values)
    best = (-0.5 * n * np.log((values**2).mean()), 0.0, 1.0, noise)
    for length in LENGTHS:
        # One decomposition serves every noise share: adding noise moves eigenvalues and turns no vector.
        eigenvalues, vectors = np.linalg.eigh(_kernel(some / length, some / length))
        rotated = (vectors.T @ values) ** 2
        for share in NOISE_SHARES:
            # Points close together make eigenvalues of zero, which rounding may take below it.
            spread = np.maximum(eigenvalues, 0) + share
            variance = float((rotated / spread).mean())
            score = -0.5 * n * np.log(variance) - 0.5 * float(np.log(spread).sum())
            best = max(best, (score, variance, length, share * variance))
    return best[1], best[2], best[3]


def _kernel(first: NDArray[Float], second: NDArray[Float]) -> NDArray[Float]:
    """Return exp(-|x - x'|^2 / 2) between points (n, k) and (m, k) -> (n, m), in their precision."""
    # |x - x'|^2 by a product of matrices, so that no array of all differences (n, m, k) is needed; rounding
    # may take it below zero for a point and itself.
    kernel = first @ second.T
    kernel -= (first**2).sum(axis=1)[:, None] / 2
    kernel -= (second**2).sum(axis=1) / 2
    np.minimum(kernel, 0, out=kernel)
    np.exp(kernel, out=kernel)
    return kernel
