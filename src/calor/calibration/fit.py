"""The fit of one rival explanation: calibrate, emulate, sample, check.

From independent starts, rounds of simulation alternate with sampling: the simulator is run where the
emulator's posterior is, and the emulator learns from it. The evidences of the starts show how repeatable the
evidence is. One emulator of all points gives the posterior; its draws are simulated again with fresh, larger
groups of virtual people, and every reported prediction rests on those.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from calor.calibration.checkpoints import Arrays, Checkpoints
from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import Numbers, Problem
from calor.calibration.sampling import Sample, sample
from calor.calibration.simulator import CohortSizes
from calor.calibration.surrogate import Surrogate, Training
from calor.core.progress import Progress, StopOnly, stop_if_requested
from calor.core.streams import Stream

REPEATS_SEED, FRESH_SEED = 900_000, 950_000
"""Seeds of virtual people: far from those of the starts (start x 10,000 + round x 100 + batch)."""


@dataclass(frozen=True)
class FitSettings:
    """The size of a fit.

    Arguments: the seed; independent starts; points from the prior, points of each later round, and rounds,
    for each start; points simulated at once; repeats that estimate Monte Carlo variances; particles and moves
    of the sampler; draws kept and checked on fresh people; virtual people per point in training and checking.
    """

    seed: int = 1
    starts: int = 2
    prior_points: int = 160
    round_points: int = 80
    rounds: int = 3
    batch: int = 40
    repeats: int = 20
    particles: int = 400
    moves: int = 4
    draws: int = 200
    sizes: CohortSizes = field(default_factory=CohortSizes)
    fresh_sizes: CohortSizes = field(default_factory=lambda: CohortSizes(injuries=800, candidates=200))

    @classmethod
    def quick(cls, seed: int) -> FitSettings:
        """Return the settings of a trial run: it shows that everything works and concludes nothing."""
        small = CohortSizes(injuries=120, candidates=50)
        return cls(seed, 1, 40, 20, 1, 40, 4, 100, 2, 20, small, small)

    @property
    def steps(self) -> int:
        """The number of steps of one rival's fit, as progress counts them: batches and samples."""
        of_start = -(-self.prior_points // self.batch) + self.rounds * (1 - (-self.round_points // self.batch))
        return self.starts * (of_start + 1) + 2 - (-self.draws // self.batch)


@dataclass(frozen=True)
class RivalFit:
    """What the targets say under one rival.

    Arguments: the rival's name; draws of its posterior (n_draws, n_scores) and what fresh people showed at
    each (n_draws, n_targets); the number of draws left out because some summary could not be simulated; the
    posterior SD of every score (n_scores,) over all particles; the linearised posterior; the log evidence,
    and that of each start (n_starts,); the emulator's own variance, and the Monte Carlo variance of the fresh
    summaries (n_targets,); the log likelihood of each draw by the emulator and on fresh people (n_draws,).
    """

    rival: str
    draws: Numbers
    summaries: Numbers
    left_out: int
    posterior_sd: Numbers
    linearised: Gaussian
    log_evidence: float
    evidence_of_starts: Numbers
    emulator_variance: Numbers
    fresh_variance: Numbers
    log_likelihood_fitted: Numbers
    log_likelihood_fresh: Numbers

    @property
    def evidence_range(self) -> float:
        """The largest difference between the log evidences of the starts (infinite for a single start)."""
        if len(self.evidence_of_starts) < 2:
            return float("inf")
        return float(np.ptp(self.evidence_of_starts))

    @property
    def effective_size(self) -> float:
        """The effective number of draws, were they weighted by the likelihood on fresh people."""
        log_weights = self.log_likelihood_fresh - self.log_likelihood_fitted
        weights = np.exp(log_weights - log_weights.max())
        return float(weights.sum() ** 2 / (weights**2).sum())


class RivalFitter:
    """Fits one rival.

    Arguments: its name; the problem on people of the training size, and on fresh, larger groups; the size of
    the fit; where finished pieces are kept; who watches.
    """

    def __init__(
        self,
        rival: str,
        problem: Problem,
        fresh: Problem,
        settings: FitSettings,
        checkpoints: Checkpoints,
        progress: Progress,
    ) -> None:
        self.rival = rival
        self.problem = problem
        self.fresh = fresh
        self.settings = settings
        self.checkpoints = checkpoints
        self.progress = progress
        self.stream = Stream(settings.seed).child("fit", rival)

    def fit(self) -> RivalFit:
        """Return the fit of the rival. Raises Stopped when the watcher asked to stop."""
        parts = [self._start(start) for start in range(self.settings.starts)]
        everything = Training.joined(parts)
        noise = self._noise(everything.points[everything.near].mean(axis=0))
        evidences = []
        for start, part in enumerate(parts):
            surrogate = Surrogate.of(self.problem, part, noise)
            evidences.append(self._sample(f"start-{start}", surrogate).log_evidence)
        surrogate = Surrogate.of(self.problem, everything, noise)
        return self._checked(surrogate, self._sample("posterior", surrogate), np.array(evidences), noise)

    def _start(self, start: int) -> Training:
        """Return the points of one start: the prior's, then a few rounds of the emulator's posterior's."""
        settings, stream = self.settings, self.stream.child("start", start)
        points = stream.child("prior").normals(settings.prior_points, self.problem.dimensions)
        values = self._simulate(f"start-{start}-prior", self.problem, points, 10_000 * (start + 1))
        training = Training(points, values, np.zeros(len(points), dtype=bool))
        for turn in range(1, settings.rounds + 1):
            surrogate = Surrogate.of(self.problem, training, np.zeros(values.shape[1]))
            found = self._sample(f"start-{start}-round-{turn}", surrogate)
            points = _spread(found.points, settings.round_points)
            name, seed = f"start-{start}-round-{turn}-points", 10_000 * (start + 1) + 100 * turn
            values = self._simulate(name, self.problem, points, seed)
            training = Training.joined([training, Training(points, values, np.ones(len(points), dtype=bool))])
        return training

    def _noise(self, point: Numbers) -> Numbers:
        """Return the Monte Carlo variance of each summary at a point, from repeats with other people."""
        repeated = np.tile(point, (self.settings.repeats, 1))
        values = self._simulate("repeats", self.problem, repeated, REPEATS_SEED)
        return np.nanvar(values, axis=0, ddof=1)

    def _checked(
        self, surrogate: Surrogate, posterior: Sample, evidences: Numbers, noise: Numbers
    ) -> RivalFit:
        """Return the fit, with the draws that are kept simulated on fresh people."""
        draws = _spread(posterior.points, self.settings.draws)
        summaries = self._simulate("fresh", self.fresh, draws, FRESH_SEED)
        usable = np.asarray(np.isfinite(summaries).all(axis=1))
        draws, summaries = draws[usable], summaries[usable]
        share = self.settings.sizes.injuries / self.settings.fresh_sizes.injuries
        variance = surrogate.variance + share * noise
        observed = self.problem.observations
        return RivalFit(
            self.rival,
            draws,
            summaries,
            int((~usable).sum()),
            posterior.points.std(axis=0, ddof=1),
            surrogate.linearised(posterior.points),
            posterior.log_evidence,
            evidences,
            surrogate.variance,
            share * noise,
            observed.log_likelihood(surrogate.emulator.predict(draws), variance),
            observed.log_likelihood(summaries, variance),
        )

    def _simulate(self, name: str, problem: Problem, points: Numbers, seed: int) -> Numbers:
        """Return the summaries of points, simulated in batches that are kept as they are done."""
        batch = self.settings.batch
        parts = []
        for number, first in enumerate(range(0, len(points), batch)):
            stop_if_requested(self.progress)
            some = points[first : first + batch]

            def make(some: Numbers = some, number: int = number) -> Arrays:
                return {"values": problem.simulate(some, seed + number)}

            parts.append(self.checkpoints.kept(f"{name}-{number}", make)["values"])
            self.progress.advance()
        return np.concatenate(parts)

    def _sample(self, name: str, surrogate: Surrogate) -> Sample:
        """Return draws of the surrogate's posterior, kept once they are made."""
        settings = self.settings

        def make() -> Arrays:
            found = sample(
                surrogate.log_likelihood,
                surrogate.reference,
                self.problem.dimensions,
                settings.particles,
                settings.moves,
                self.stream.child("sample", name),
                StopOnly(self.progress),
            )
            return {
                "points": found.points,
                "log_likelihood": found.log_likelihood,
                "log_evidence": np.array(found.log_evidence),
            }

        kept = self.checkpoints.kept(f"sample-{name}", make)
        self.progress.advance()
        return Sample(kept["points"], kept["log_likelihood"], float(kept["log_evidence"]))


def _spread(points: Numbers, count: int) -> Numbers:
    """Return some of the points, evenly spaced in their order."""
    return points[np.floor(np.arange(count) * len(points) / count).astype(np.int64)]
