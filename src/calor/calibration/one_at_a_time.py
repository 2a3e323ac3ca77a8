"""How strongly each score moves each summary: one moved at a time, with the same virtual people.

A summary depends on 50 to 70 scores by the equations and on a third of them noticeably. An emulator that is
told which ones needs far fewer points. The same people make the difference between two places exact but for
the few whom the move itself makes meet other criteria; people of their own would drown it in chance.
Source of the approach: Morris (1991), Technometrics 33:161-174.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calor.calibration.batches import Batches
from calor.calibration.problem import Mask, Simulator
from calor.core.arrays import Numbers

MOVE = 1.0
"""How far each score is moved, in prior SDs."""

LEAST_RELEVANCE = 0.1
"""Relevance of a score that moves a summary nowhere it was moved, beside a root mean square of 1: it may do
so elsewhere."""


def moved(place: Numbers, inputs: Mask) -> Numbers:
    """Return a place (n_scores,), then the place with each score moved that can move any summary."""
    columns = np.flatnonzero(inputs.any(axis=0))
    points = np.tile(place, (1 + len(columns), 1))
    points[1 + np.arange(len(columns)), columns] += MOVE
    return points


def effects(
    name: str, batches: Batches, simulate: Simulator, place: Numbers, inputs: Mask, seed: int
) -> Numbers:
    """Return how far each score moves each summary at a place (n_targets, n_scores), 0 where it is unknown.

    Arguments: the name under which what is simulated is kept; how; the simulator, all points of whose call
    share people; the place (n_scores,); which scores can move which summary; and the seed of the people.
    """

    points = moved(place, inputs)
    values = batches.simulate(name, simulate, points, seed, seed_step=0)
    found = np.zeros(inputs.shape)
    change = np.abs(values[1:] - values[0]).T
    found[:, inputs.any(axis=0)] = np.where(np.isfinite(change), change, 0.0)
    return found * inputs


def relevance(places: Sequence[Numbers], inputs: Mask) -> Numbers:
    """Return how large the slope of each summary in each score is expected to be (n_targets, n_scores).

    The root mean square of the effects at some places, each relative to the summary's own root mean square
    there, and of `LEAST_RELEVANCE`; 0 for a score that cannot move the summary.

    Arguments: effects (n_targets, n_scores) at each place, and which scores can move which summary.
    """
    squares = np.zeros(inputs.shape)
    for found in places:
        mean = (found**2).sum(axis=1) / np.maximum(inputs.sum(axis=1), 1)
        squares += found**2 / np.where(mean > 0, mean, 1.0)[:, None] / len(places)
    return np.asarray(np.sqrt(squares + LEAST_RELEVANCE**2) * inputs)
