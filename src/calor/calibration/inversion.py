"""From the prior to the neighbourhood of the posterior, without derivatives: ensemble Kalman inversion.

An ensemble of points is moved in several steps, each of which uses the data with their error inflated, so
that the steps together use them once (ensemble smoother with multiple data assimilation). Exact for a linear
problem and an infinite ensemble. Source: Emerick and Reynolds (2013), Comput Geosci 55:3-15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.calibration.problem import Numbers, Problem, Simulated
from calor.core.errors import CalorError
from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream

FEWEST_USABLE = 8
"""With fewer points no covariance is worth having."""


@dataclass(frozen=True)
class Ensemble:
    """Points and what was simulated at them."""

    points: Numbers
    simulated: Simulated


def invert(problem: Problem, size: int, steps: int, stream: Stream, progress: Progress) -> list[Ensemble]:
    """Return the ensemble of every step, the prior's first and the last one's simulated too.

    At each step every point z moves by  C_zf (C_ff + a R)^-1 (y + sqrt(a) e - f(z)),  e ~ N(0, R), with
    a = the number of steps, and covariances over the points that could be simulated.

    Arguments: the problem, the number of points and of steps, the random stream.
    """
    points = stream.child("prior").normals(size, problem.dimensions)
    history: list[Ensemble] = []
    progress.start("ensemble inversion", steps + 1)
    for step in range(steps + 1):
        stop_if_requested(progress)
        ensemble = Ensemble(points, problem.simulate(points, seed=step))
        history.append(ensemble)
        progress.advance()
        if step < steps:
            points = _moved(problem, ensemble, float(steps), stream.child("step", step))
    return history


def _moved(problem: Problem, ensemble: Ensemble, inflation: float, stream: Stream) -> Numbers:
    usable = np.asarray(np.isfinite(ensemble.simulated.values).all(axis=1))
    if usable.sum() < FEWEST_USABLE:
        raise CalorError(
            f"only {int(usable.sum())} of {len(usable)} points could be simulated; use larger cohorts"
        )
    points, values = ensemble.points[usable], ensemble.simulated.values[usable]
    variance = problem.variance + ensemble.simulated.variances[usable].mean(axis=0)
    from_mean_point = points - points.mean(axis=0)
    from_mean_value = values - values.mean(axis=0)
    n = len(points) - 1
    cross = from_mean_point.T @ from_mean_value / n
    scale = np.outer(from_mean_point.var(axis=0, ddof=1), from_mean_value.var(axis=0, ddof=1))
    squared = np.divide(cross**2, scale, out=np.zeros_like(cross), where=scale > 0)
    cross = cross * (squared / (squared + (1 + squared) / len(points)))
    spread = from_mean_value.T @ from_mean_value / n + inflation * np.diag(variance)
    noise = stream.normals(len(points), len(variance)) * np.sqrt(inflation * variance)
    moved = points + (problem.observed + noise - values) @ np.linalg.solve(spread, cross.T)
    # A point that could not be simulated starts again from one that could.
    substitutes = moved[np.arange(int((~usable).sum())) % len(moved)]
    result = np.empty_like(ensemble.points)
    result[usable], result[~usable] = moved, substitutes
    return result
