"""How far an emulator errs near a point, learnt from its own errors at the training points it left out.

An emulator errs more where it has few points or the summary bends. One error for all places makes an
inference too sure of what it has not explored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers

Singles = NDArray[np.float32]

SQUARINGS = (2, 1, 0, None)
"""Times tried to square the emulator's kernel: each narrows what counts as near by sqrt 2. None: one error
for all places."""

POINTS_OF_AVERAGE = 10.0
"""The average error counts as so many points: far from all points it is what is stated."""


@dataclass(frozen=True)
class LocalError:
    """The mean squared error near a point.

    v(x) = (sum_i k(x, x_i) r_i^2 + c m) / (sum_i k(x, x_i) + c),  k = exp(-|x - x_i|^2 / 2) ^ (2 ^ squarings)

    Arguments: squared errors r^2 at the training points (n,), their mean m, and the squarings.
    """

    squares: Singles
    average: float
    squarings: int | None

    def at(self, kernel: Singles) -> Numbers:
        """Return the mean squared error at points (m,), given exp(-|x - x_i|^2 / 2) (m, n)."""
        if self.squarings is None:
            return np.full(len(kernel), self.average)
        # Squaring exp(-d^2 / 2) halves the square of its length: no new exponentials for each width.
        near = kernel
        for _ in range(self.squarings):
            near = near * near
        weighted, weight = near @ self.squares, near.sum(axis=1)
        error = (weighted + POINTS_OF_AVERAGE * self.average) / (weight + POINTS_OF_AVERAGE)
        return np.asarray(error, dtype=np.float64)


def learn(kernel: Numbers, errors: Numbers) -> LocalError:
    """Return the local error with what counts as near chosen so that left-out errors are likeliest.

    -(1/2) sum_i (log v_-i + r_i^2 / v_-i) is largest, v_-i the local error at a point learnt without it.

    Arguments: exp(-|x_i - x_j|^2 / 2) between training points (n, n), and left-out errors (n,).
    """
    squares = errors**2
    average = float(squares.mean())
    # A point's own error would vouch for itself: without its diagonal the kernel knows only the others'.
    others = (kernel - np.diag(np.diag(kernel))).astype(np.float32)
    choices = [LocalError(squares.astype(np.float32), average, squarings) for squarings in SQUARINGS]
    if average == 0:
        return choices[-1]

    def score(choice: LocalError) -> float:
        variance = choice.at(others)
        return -0.5 * float((np.log(variance) + squares / variance).sum())

    return max(choices, key=score)
