"""The fit of one rival explanation: calibrate, emulate, sample, check.

Twice, from independent starts, rounds of simulation alternate with sampling: the simulator runs where the
emulator's posterior is, and the emulator learns from it. What the starts disagree in shows how repeatable the
fit is. One emulator of both starts' points, and of a last round where they lead together, gives the
posterior; its draws are simulated with fresh, larger groups of virtual people, on which every reported
prediction rests. What these showed then corrects the emulator where the posterior is, and the emulator that
knows it gives the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.calibration.batches import Batches, batches_of
from calor.calibration.evidence import evidence_of
from calor.calibration.gaussian import Gaussian
from calor.calibration.one_at_a_time import effects, relevance
from calor.calibration.problem import Problem, Simulator
from calor.calibration.sampling import sample
from calor.calibration.simulator import CohortSizes
from calor.calibration.surrogate import Drawn, Surrogate, Trained, Training, when_needed
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.errors import CalorError
from calor.core.executors import Executor, at_hand
from calor.core.progress import Progress, StopOnly
from calor.core.streams import Stream
from calor.store.packing import packed, unpacked
from calor.store.piece_files import Arrays
from calor.store.pieces import Pieces

SEEDS_OF_A_START = 10_000
ROUND_SEEDS, FRESH_SEEDS, JOINT_SEEDS, MOVED_SEEDS, REPEAT_SEEDS = 100, 5_000, 7_000, 8_000, 9_000
"""Seeds of virtual people: start x 10,000, plus round x 100 or one of the others, plus the batch; one seed
for a place and all its neighbours in one score."""


@dataclass(frozen=True)
class FitSettings:
    """The size of a fit.

    Arguments: the seed; independent starts; points from the prior, points of each later round, and rounds,
    for each start; points of the last round, which the starts have in common; points simulated at once;
    points simulated again, to tell Monte Carlo error from the emulator's own; particles and moves of the
    sampler; draws simulated on fresh people; virtual people per point in training, and for the draws.
    """

    seed: int = 1
    starts: int = 2
    prior_points: int = 160
    round_points: int = 120
    rounds: int = 3
    joint_points: int = 160
    batch: int = 40
    repeats: int = 60
    particles: int = 400
    moves: int = 4
    draws: int = 400
    sizes: CohortSizes = field(default_factory=CohortSizes)
    fresh_sizes: CohortSizes = field(default_factory=lambda: CohortSizes(injuries=800, candidates=200))

    @classmethod
    def quick(cls, seed: int) -> FitSettings:
        """Return the settings of a trial run: it shows that everything works and concludes nothing."""
        small = CohortSizes(injuries=300, candidates=90)
        return cls(seed, 2, 16, 12, 1, 16, 16, 2, 80, 2, 16, small, small)

    def steps(self, movable: int) -> int:
        """Return the number of steps of one rival's fit, as progress counts them: batches and samples.

        Arguments: the number of scores that can move a summary.
        """
        moved = batches_of(1 + movable, self.batch)
        of_round = batches_of(self.round_points, self.batch) + 1
        of_start = batches_of(self.prior_points, self.batch) + self.rounds * of_round
        joint = 1 + batches_of(self.joint_points, self.batch)
        last = 1 + batches_of(self.repeats, self.batch) + batches_of(self.draws, self.batch)
        evidence = self.starts + 1
        return 2 * moved + self.starts * of_start + joint + last + evidence

    @property
    def further_steps(self) -> int:
        """The number of steps that further studies add to one rival's fit."""
        return batches_of(self.repeats, self.batch) + batches_of(self.draws, self.batch)


@dataclass(frozen=True)
class RivalFit:
    """What the targets say under one rival.

    Arguments: the rival's name; draws of its posterior (n_draws, n_scores), all of which could be simulated,
    and what fresh people showed at each (n_draws, n_targets); their weights, equal until further studies
    weigh them; the number of draws left out because some summary could not be simulated; the linearised
    posterior; the log evidence; that of each start with its share of the points that starts have in common
    (n_starts,) and the posterior mean of the summaries by these points (n_starts, n_targets); the log
    likelihood of each target at each draw, by which the draws were made or weighed (n_draws, n_targets); the
    emulator's own variance, which widens the likelihood, averaged over the draws (n_targets,); the log
    likelihood of each draw by the emulator and on fresh people (n_draws,).
    """

    rival: str
    draws: Numbers
    summaries: Numbers
    weights: Weights
    left_out: int
    linearised: Gaussian
    log_evidence: float
    evidence_of_starts: Numbers
    means_of_starts: Numbers
    terms: Numbers
    emulator_variance: Numbers
    log_likelihood_fitted: Numbers
    log_likelihood_fresh: Numbers

    @property
    def mean(self) -> Numbers:
        """The posterior mean of the scores (n_scores,)."""
        return np.asarray(self.weights.shares @ self.draws)

    @property
    def posterior_sd(self) -> Numbers:
        """The posterior SD of the scores (n_scores,)."""
        return np.asarray(np.sqrt(self.weights.shares @ (self.draws - self.mean) ** 2))


class RivalFitter:
    """Fits one rival.

    Arguments: its name; the problem on people of the training size; the simulator on people of that size who
    are the same at all points of a call; the simulator on fresh, larger groups; the size of the fit; where
    finished pieces are kept; who watches; who simulates its batches of points, None: whoever is at hand.
    """

    def __init__(
        self,
        rival: str,
        problem: Problem,
        same_people: Simulator,
        fresh: Simulator,
        settings: FitSettings,
        pieces: Pieces,
        progress: Progress,
        executor: Executor | None = None,
    ) -> None:
        self.rival = rival
        self.problem = problem
        self.same_people = same_people
        self.fresh = fresh
        self.settings = settings
        self.pieces = pieces
        self.progress = progress
        self.batches = Batches(settings.batch, pieces, progress, executor or at_hand())
        self.stream = Stream(settings.seed).child("fit", rival)

    def fit(self) -> RivalFit:
        """Return the fit of the rival. Raises Stopped when the watcher asked to stop."""
        before = self._effects("prior", np.zeros(self.problem.dimensions), MOVED_SEEDS)
        parts = [
            self._trained(start, relevance([before], self.problem.inputs))
            for start in range(self.settings.starts)
        ]
        everything = Training.joined(parts)
        near = np.flatnonzero(everything.near)
        after = self._effects("posterior", everything.points[near].mean(axis=0), MOVED_SEEDS + 1)
        relevant = relevance([before, after], self.problem.inputs)
        some = _spread(near, self.settings.repeats)
        noise = self.batches.variances(
            "repeats", self.problem.simulate, everything.points[some], everything.values[some], REPEAT_SEEDS
        )
        last = self._sample("joint", when_needed(self.problem, everything, noise, relevant))
        points = _spread(last.sample.points, self.settings.joint_points)
        more = self._simulated("joint-points", points, JOINT_SEEDS)
        return self._checked(parts, more, noise, relevant)

    def _effects(self, name: str, place: Numbers, seed: int) -> Numbers:
        """Return how far each score moves each summary at a place, with the same people."""
        return effects(f"moved-{name}", self.batches, self.same_people, place, self.problem.inputs, seed)

    def _trained(self, start: int, relevant: Numbers) -> Training:
        """Return the points of one start: the prior's, then a few rounds of the emulator's posterior's."""
        settings, stream = self.settings, self.stream.child("start", start)
        seed = SEEDS_OF_A_START * start
        points = stream.child("prior").normals(settings.prior_points, self.problem.dimensions)
        values = self.batches.simulate(f"start-{start}-prior", self.problem.simulate, points, seed)
        training = Training(points, values, np.zeros(len(points), dtype=bool))
        for turn in range(1, settings.rounds + 1):
            trained = when_needed(self.problem, training, np.zeros(values.shape[1]), relevant)
            found = self._sample(f"start-{start}-round-{turn}", trained)
            points = _spread(found.sample.points, settings.round_points)
            more = self._simulated(f"start-{start}-round-{turn}-points", points, seed + ROUND_SEEDS * turn)
            training = Training.joined([training, more])
        return training

    def _simulated(self, name: str, points: Numbers, seed: int) -> Training:
        """Return points of an emulator's posterior, simulated."""
        return Training.drawn(points, self.batches.simulate(name, self.problem.simulate, points, seed))

    def _checked(self, parts: list[Training], more: Training, noise: Numbers, relevant: Numbers) -> RivalFit:
        """Return the fit: draws by the emulator of all points, with what fresh people show at each.

        Both likelihoods of a draw hold the emulator's variance and the Monte Carlo variance of the fresh
        summaries. The draws keep equal weights: weighting them by the ratio of the two leaves few effective
        draws and covered the truths of synthetic data less well than the draws as they are.

        Arguments: each start's points; those of the last round; the Monte Carlo variance in training
        (n_targets,); the relevance of the scores.
        """
        trained = when_needed(self.problem, Training.joined([*parts, more]), noise, relevant)
        posterior = self._sample("posterior", trained).sample
        draws = _spread(posterior.points, self.settings.draws)
        summaries = self.batches.simulate("fresh", self.fresh, draws, FRESH_SEEDS)
        usable = np.asarray(np.isfinite(summaries).all(axis=1))
        if not usable.any():
            raise CalorError(
                f"none of {len(draws)} draws under {self.rival} could be simulated in full: too few virtual "
                "people meet some cohort's criteria; use larger cohorts or more draws"
            )
        fresh_noise = noise * self.settings.sizes.injuries / self.settings.fresh_sizes.injuries
        evidence = evidence_of(
            self.problem,
            parts,
            more,
            Training.drawn(draws, summaries),
            relevant,
            (noise, fresh_noise),
            self._sample,
        )
        draws, summaries = draws[usable], summaries[usable]
        observed = self.problem.observations
        said = self._said(trained, posterior.points, draws)
        weights = Weights.equal(len(draws))
        return RivalFit(
            rival=self.rival,
            draws=draws,
            summaries=summaries,
            weights=weights,
            left_out=int((~usable).sum()),
            linearised=said.linearised,
            log_evidence=evidence.whole,
            evidence_of_starts=evidence.of_starts,
            means_of_starts=evidence.means_of_starts,
            terms=observed.log_likelihoods(said.summaries, said.variance),
            emulator_variance=weights.shares @ said.variance,
            log_likelihood_fitted=observed.log_likelihood(said.summaries, said.variance + fresh_noise),
            log_likelihood_fresh=observed.log_likelihood(summaries, said.variance + fresh_noise),
        )

    def _said(self, trained: Trained, points: Numbers, draws: Numbers) -> _Said:
        """Return what the last surrogate says at draws, linearised about points; kept once it is known."""
        return unpacked(_Said, self.pieces.kept("said", lambda: packed(_Said.of(trained(), points, draws))))

    def _sample(self, name: str, trained: Trained) -> Drawn:
        """Return draws of a surrogate's posterior, kept once they are made; only then is it trained."""
        settings = self.settings

        def make() -> Arrays:
            surrogate = trained()
            found = sample(
                surrogate.log_likelihood,
                surrogate.reference,
                self.problem.dimensions,
                settings.particles,
                settings.moves,
                self.stream.child("sample", name),
                StopOnly(self.progress),
            )
            return packed(Drawn.of(surrogate, found))

        kept = self.pieces.kept(f"sample-{name}", make)
        self.progress.advance()
        return unpacked(Drawn, kept)


@dataclass(frozen=True)
class _Said:
    """What the last surrogate says: its linearised posterior; the summaries at the draws with its own
    variance (n_draws, n_targets)."""

    linearised: Gaussian
    summaries: Numbers
    variance: Numbers

    @classmethod
    def of(cls, surrogate: Surrogate, points: Numbers, draws: Numbers) -> _Said:
        return cls(surrogate.linearised(points), *surrogate.predict(draws))


def _spread(points: NDArray[Any], count: int) -> NDArray[Any]:
    """Return some of the points or rows, evenly spaced in their order."""
    return points[np.floor(np.arange(count) * len(points) / count).astype(np.int64)]
