"""Simulation of many points in batches, each kept as it is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.calibration.problem import Simulator
from calor.core.arrays import Numbers
from calor.core.progress import Progress, stop_if_requested
from calor.store.piece_files import Arrays
from calor.store.pieces import Pieces


@dataclass(frozen=True)
class Batches:
    """How points are simulated: so many at once, kept where, watched by whom (a step for each batch)."""

    size: int
    pieces: Pieces
    progress: Progress

    def simulate(
        self, name: str, simulator: Simulator, points: Numbers, seed: int, seed_step: int = 1
    ) -> Numbers:
        """Return the summaries of points (n_points, n_targets).

        Arguments: the name under which they are kept, the simulator, the points, the seed of the first
        batch's virtual people, and how far on that of the next batch is (0: the same people).
        Raises Stopped when the watcher asked to stop; finished batches are kept.
        """
        parts = []
        for number, first in enumerate(range(0, len(points), self.size)):
            stop_if_requested(self.progress)
            some = points[first : first + self.size]

            def make(some: Numbers = some, number: int = number) -> Arrays:
                return {"values": simulator(some, seed + seed_step * number)}

            parts.append(self.pieces.kept(f"{name}-{number}", make)["values"])
            self.progress.advance()
        return np.concatenate(parts)

    def variances(
        self, name: str, simulator: Simulator, points: Numbers, values: Numbers, seed: int
    ) -> Numbers:
        """Return the Monte Carlo variance of each summary, averaged over points (n_targets,).

        Half the mean squared difference between two simulations of a point with other people; 0 for a
        summary that no point shows twice.

        Arguments: the name under which they are kept, the simulator, the points, what they showed before
        (n_points, n_targets), and the seed of the first batch's virtual people.
        """
        halves = (self.simulate(name, simulator, points, seed) - values) ** 2 / 2
        found = np.isfinite(halves)
        return np.asarray(np.where(found, halves, 0.0).sum(axis=0) / np.maximum(found.sum(axis=0), 1))


def batches_of(points: int, size: int) -> int:
    """Return how many batches of a size so many points make."""
    return -(-points // size)
