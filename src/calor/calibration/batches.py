"""Simulation of many points in batches, each kept as it is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.calibration.checkpoints import Arrays, Checkpoints
from calor.calibration.problem import Numbers, Simulator
from calor.core.progress import Progress, stop_if_requested


@dataclass(frozen=True)
class Batches:
    """How points are simulated: so many at once, kept where, watched by whom (a step for each batch)."""

    size: int
    checkpoints: Checkpoints
    progress: Progress

    def simulate(self, name: str, simulator: Simulator, points: Numbers, seed: int) -> Numbers:
        """Return the summaries of points (n_points, n_targets).

        Arguments: the name under which they are kept, the simulator, the points, and the seed of the first
        batch's virtual people. Raises Stopped when the watcher asked to stop; finished batches are kept.
        """
        parts = []
        for number, first in enumerate(range(0, len(points), self.size)):
            stop_if_requested(self.progress)
            some = points[first : first + self.size]

            def make(some: Numbers = some, number: int = number) -> Arrays:
                return {"values": simulator(some, seed + number)}

            parts.append(self.checkpoints.kept(f"{name}-{number}", make)["values"])
            self.progress.advance()
        return np.concatenate(parts)

    def variances(self, name: str, simulator: Simulator, point: Numbers, repeats: int, seed: int) -> Numbers:
        """Return the Monte Carlo variance of each summary at a point, from repeats with other people."""
        values = self.simulate(name, simulator, np.tile(point, (repeats, 1)), seed)
        found = np.isfinite(values)
        count = np.maximum(found.sum(axis=0), 2)
        mean = np.where(found, values, 0.0).sum(axis=0) / count
        return np.asarray(np.where(found, (values - mean) ** 2, 0.0).sum(axis=0) / (count - 1))


def batches_of(points: int, size: int) -> int:
    """Return how many batches of a size so many points make."""
    return -(-points // size)
