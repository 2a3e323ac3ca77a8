"""The problem with the emulator in the simulator's place: what the sampler works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calor.calibration.emulator import Emulator, train
from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.problem import Mask, Numbers, Problem

WIDENING = 1.1
"""The reference of the moves is a little wider than the linearised posterior: its tails are reached."""

LEAST_SHARE_OF_ERROR = 0.1
"""The emulator's own variance is at least this share of its leave-one-out error: a Monte Carlo variance from
a few repeats cannot prove that all of the error is noise."""


@dataclass(frozen=True)
class Training:
    """Simulated points.

    Arguments: points (n, n_scores), summaries (n, n_targets), and which points were drawn from a posterior of
    an earlier emulator (n,) and so lie where it matters.
    """

    points: Numbers
    values: Numbers
    near: Mask

    @classmethod
    def joined(cls, parts: Sequence[Training]) -> Training:
        """Return the points of several parts in one."""
        return cls(
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.near for part in parts]),
        )


@dataclass(frozen=True)
class Surrogate:
    """A problem with an emulator of its summaries and the emulator's own variance (n_targets,)."""

    problem: Problem
    emulator: Emulator
    variance: Numbers

    @classmethod
    def of(cls, problem: Problem, training: Training, noise: Numbers) -> Surrogate:
        """Return the surrogate learnt from simulated points.

        Its variance is the leave-one-out mean squared error at the points near the posterior (at all, where
        none is), less the Monte Carlo variance of the left-out points.

        Arguments: the problem, the points, and the Monte Carlo variance of each summary (n_targets,).
        """
        emulator = train(training.points, training.values, problem.inputs)
        among = training.near if training.near.any() else np.ones_like(training.near)
        errors = emulator.mean_squared_errors(among)
        return cls(problem, emulator, np.maximum(errors - noise, LEAST_SHARE_OF_ERROR * errors))

    def log_likelihood(self, points: Numbers) -> Numbers:
        """Return the log likelihood of points (n, n_scores) -> (n,), by the emulator."""
        return self.problem.observations.log_likelihood(self.emulator.predict(points), self.variance)

    def linearised(self, points: Numbers, power: float = 1.0) -> Gaussian:
        """Return the posterior under the likelihood to a power, linearised at the mean of points."""
        middle = points.mean(axis=0)
        jacobian = self.emulator.jacobian(middle)
        offset = self.emulator.predict(middle[None, :])[0] - jacobian @ middle
        observed = self.problem.observations
        return linear_update(jacobian, offset, observed.values, (observed.variance + self.variance) / power)

    def reference(self, points: Numbers, power: float) -> Gaussian:
        """Return the Gaussian around which the sampler moves points."""
        return self.linearised(points, power).wider(WIDENING)
