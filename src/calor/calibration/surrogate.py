"""The problem with the emulator in the simulator's place: what the sampler works on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from calor.calibration.emulator import Emulator, train
from calor.calibration.gaussian import Gaussian, linear_update
from calor.calibration.problem import Mask, Problem
from calor.calibration.sampling import Sample
from calor.core.arrays import Numbers

WIDENING = 1.1
"""The reference of the moves is a little wider than the linearised posterior: its tails are reached."""

LEAST_SHARE_OF_ERROR = 0.25
"""The emulator's own variance is at least this share of its leave-one-out error: a Monte Carlo variance from
some points cannot prove that all of the error is noise everywhere."""

LEAST_CHANCE = 0.02
"""The least chance that is stated for a point to be simulated in full: few points cannot prove less."""


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
    def drawn(cls, points: Numbers, values: Numbers) -> Training:
        """Return points that were drawn from an emulator's posterior."""
        return cls(points, values, np.ones(len(points), dtype=bool))

    @classmethod
    def joined(cls, parts: Sequence[Training]) -> Training:
        """Return the points of several parts in one."""
        return cls(
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.near for part in parts]),
        )

    def share(self, number: int, of: int) -> Training:
        """Return one of so many shares of the points, of equal size and spread alike."""
        return Training(self.points[number::of], self.values[number::of], self.near[number::of])


@dataclass(frozen=True)
class Surrogate:
    """A problem with an emulator in its simulator's place.

    Arguments: the problem; the emulator of its summaries; the Monte Carlo variance of a simulated summary
    near the posterior (n_targets,); and the emulator of the chance that a point can be simulated in full
    (None: certain).
    """

    problem: Problem
    emulator: Emulator
    noise: Numbers
    chance: Emulator | None

    @classmethod
    def of(
        cls, problem: Problem, training: Training, noise: Numbers, relevance: Numbers | None = None
    ) -> Surrogate:
        """Return the surrogate learnt from simulated points.

        Arguments: the problem, the points, the Monte Carlo variance of each summary (n_targets,), and the
        relevance of each score for each summary (n_targets, n_scores), if more is known of it than which
        scores can move which summary.
        """
        equal = problem.inputs.astype(np.float64)
        emulator = train(training.points, training.values, equal if relevance is None else relevance)
        whole = np.asarray(np.isfinite(training.values).all(axis=1), dtype=np.float64)[:, None]
        chance = None if whole.all() else train(training.points, whole, equal.max(axis=0)[None, :])
        return cls(problem, emulator, noise, chance)

    def predict(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Return the summaries at points (n, n_scores) -> (n, n_targets), and the emulator's own variance.

        The variance is the local leave-one-out mean squared error less the Monte Carlo variance of the
        left-out point.
        """
        values, errors = self.emulator.predict(points)
        return values, np.maximum(errors - self.noise, LEAST_SHARE_OF_ERROR * errors)

    def log_likelihood(self, points: Numbers) -> Numbers:
        """Return the log likelihood of points (n, n_scores) -> (n,), by the emulator.

        A published summary says that its cohort could be found: the chance of that is a factor.
        """
        values, variance = self.predict(points)
        return self.problem.observations.log_likelihood(values, variance) + self.log_chance(points)

    def log_chance(self, points: Numbers) -> Numbers:
        """Return the log of the chance that points (n, n_scores) can be simulated in full (n,)."""
        if self.chance is None:
            return np.zeros(len(points))
        return np.log(np.clip(self.chance.predict(points)[0][:, 0], LEAST_CHANCE, 1.0))

    def linearised(self, points: Numbers, power: float = 1.0) -> Gaussian:
        """Return the posterior under the likelihood to a power, linearised at the mean of points."""
        middle = points.mean(axis=0)
        jacobian = self.emulator.jacobian(middle)
        values, variance = self.predict(middle[None, :])
        offset = values[0] - jacobian @ middle
        observed = self.problem.observations
        return linear_update(jacobian, offset, observed.values, (observed.variance + variance[0]) / power)

    def reference(self, points: Numbers, power: float) -> Gaussian:
        """Return the Gaussian around which the sampler moves points."""
        return self.linearised(points, power).wider(WIDENING)


Trained = Callable[[], Surrogate]
"""What gives a surrogate, which is trained when it is first asked for and never where nobody asks."""


def when_needed(problem: Problem, training: Training, noise: Numbers, relevance: Numbers) -> Trained:
    """Return what trains a surrogate once; arguments as for `Surrogate.of`."""
    return cache(partial(Surrogate.of, problem, training, noise, relevance))


@dataclass(frozen=True)
class Drawn:
    """Draws of a surrogate's posterior, and the mean of its summaries over them (n_targets,)."""

    sample: Sample
    mean: Numbers

    @classmethod
    def of(cls, surrogate: Surrogate, sample: Sample) -> Drawn:
        """Return draws with what the surrogate that they were drawn by says of them."""
        return cls(sample, surrogate.predict(sample.points)[0].mean(axis=0))
