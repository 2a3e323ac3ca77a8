"""Simulation of many points in batches, each kept as it is done."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from calor.calibration.problem import Simulator
from calor.core.arrays import Numbers
from calor.core.executors import Executor, at_hand
from calor.core.progress import Progress
from calor.store.piece_files import Arrays
from calor.store.pieces import Pieces


@dataclass(frozen=True)
class Batches:
    """How points are simulated: so many at once, kept where, watched by whom (a step for each batch),
    by whom."""

    size: int
    pieces: Pieces
    progress: Progress
    executor: Executor = field(default_factory=at_hand)

    def simulate(
        self, name: str, simulator: Simulator, points: Numbers, seed: int, seed_step: int = 1
    ) -> Numbers:
        """Return the summaries of points (n_points, n_targets).

        Arguments: the name under which they are kept, the simulator, the points, the seed of the first
        batch's virtual people, and how far on that of the next batch is (0: the same people).
        Raises Stopped when the watcher asked to stop; finished batches are kept.
        """
        firsts = range(0, len(points), self.size)
        batches = {
            f"{name}-{number}": (points[first : first + self.size], seed + seed_step * number)
            for number, first in enumerate(firsts)
        }
        parts = self.pieces.kept_each(batches, _Simulated(simulator), self.executor, self.progress)
        return np.concatenate([part["values"] for part in parts])

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


@dataclass(frozen=True)
class _Simulated:
    """The task of a batch: points (n_points, n_scores), and the seed of its virtual people."""

    simulator: Simulator

    def __call__(self, batch: tuple[Numbers, int], _: Progress) -> Arrays:
        return {"values": self.simulator(*batch)}


def batches_of(points: int, size: int) -> int:
    """Return how many batches of a size so many points make."""
    return -(-points // size)
