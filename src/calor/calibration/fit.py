"""The fit of one rival explanation: from its prior to weighted draws with an evidence, in named stages.

variances -> ensemble inversion -> linearised posterior -> one refinement around it -> importance correction
on fresh virtual people.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from calor.calibration.gaussian import Gaussian
from calor.calibration.importance import WeightedDraws, correct
from calor.calibration.inversion import Ensemble, invert
from calor.calibration.linearisation import gaussian_posterior
from calor.calibration.problem import Numbers, Problem, Simulated
from calor.calibration.simulator import CohortSizes, SummarySimulator, monte_carlo_variances
from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream

WIDENING = 1.1
"""Draws come from a slightly wider distribution than the linearised posterior, so that its tails are seen."""

FITTING_SEED, REFINING_SEED, FRESH_SEED, OTHER_FRESH_SEED = 0, 100, 200, 300


@dataclass(frozen=True)
class FitSettings:
    """The size of a fit.

    Arguments: the seed; points of the ensemble; steps of the inversion; draws of the importance correction;
    repeats that estimate Monte Carlo variances; virtual people per point.
    """

    seed: int = 1
    ensemble: int = 160
    steps: int = 4
    draws: int = 300
    repeats: int = 6
    sizes: CohortSizes = field(default_factory=CohortSizes)

    @classmethod
    def quick(cls, seed: int) -> FitSettings:
        """Return the settings of a trial run: it shows that everything works and concludes nothing."""
        return cls(seed, 40, 2, 40, 3, CohortSizes(injuries=300, candidates=80))


@dataclass(frozen=True)
class RivalFit:
    """What the targets say under one rival.

    Arguments: the rival's name; the names of the scores; the approximation the draws came from; the weighted
    draws; the summaries at the draws (n_draws, n_targets); the Monte Carlo variances; and the log likelihood
    at the posterior mean on the virtual people of the fit and on fresh ones.
    """

    rival: str
    names: tuple[str, ...]
    approximation: Gaussian
    draws: WeightedDraws
    summaries: Numbers
    variances: Numbers
    log_likelihood_fitted: float
    log_likelihood_fresh: float


def fit_rival(simulator: SummarySimulator, settings: FitSettings, progress: Progress) -> RivalFit:
    """Return the fit of the simulator's rival. Raises Stopped when the watcher asked to stop."""
    stream = Stream(settings.seed).child("fit", simulator.rival.name)
    targets = simulator.targets
    n_scores = len(simulator.names)
    simulator.variances = monte_carlo_variances(simulator, np.zeros(n_scores), settings.repeats)
    problem = Problem(
        n_scores,
        np.array([target.observed for target in targets]),
        np.array([target.variance for target in targets]),
        simulator,
    )
    history = invert(problem, settings.ensemble, settings.steps, stream.child("inversion"), progress)
    approximation = _refined(problem, history, settings, stream, progress)
    stop_if_requested(progress)
    simulator.variances = monte_carlo_variances(simulator, approximation.mean, settings.repeats)
    recorder = _Recorder(problem)
    draws = correct(
        Problem(n_scores, problem.observed, problem.variance, recorder),
        approximation.wider(WIDENING),
        stream.child("draws").normals(settings.draws, n_scores),
        FRESH_SEED,
    )
    mean = draws.mean[None, :]
    return RivalFit(
        rival=simulator.rival.name,
        names=simulator.names,
        approximation=approximation,
        draws=draws,
        summaries=recorder.values,
        variances=simulator.variances,
        log_likelihood_fitted=float(problem.log_likelihood(simulator(mean, FITTING_SEED))[0]),
        log_likelihood_fresh=float(problem.log_likelihood(simulator(mean, OTHER_FRESH_SEED))[0]),
    )


def _refined(
    problem: Problem, history: list[Ensemble], settings: FitSettings, stream: Stream, progress: Progress
) -> Gaussian:
    """Return the linearised posterior after one more ensemble drawn from a first version of it."""
    first = gaussian_posterior(problem, history)
    stop_if_requested(progress)
    points = first.points(stream.child("refinement").normals(settings.ensemble, problem.dimensions))
    again = Ensemble(points, problem.simulate(points, REFINING_SEED))
    return gaussian_posterior(problem, [*history, again])


class _Recorder:
    """Passes points to a problem's simulator and keeps the summaries that came back."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.values: Numbers = np.zeros((0, 0))

    def __call__(self, scores: Numbers, seed: int) -> Simulated:
        simulated = self._problem.simulate(scores, seed)
        self.values = simulated.values
        return simulated
