"""What is believed before a study, and what a study would see of it: one row a world."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers

HALVES = 2
"""A world's people are split into two halves, so that noise of a finite bank is never counted as signal."""


@dataclass(frozen=True, kw_only=True)
class Draws:
    """What is believed before a study: worlds with their weights, and the quantity that is asked for.

    Arguments: the quantity's true value by half of each world's people (n_worlds, 2); the rival of each world
    (n_worlds,), an index into `rivals`; the rivals' names; weights (n_worlds,) that sum to one; standardised
    parameters (n_worlds, n_parameters) and their names. Where a quantity is known without people, its two
    halves are the same. Raises ValueError where shapes disagree, a number is not finite or a weight negative.
    """

    quantity: Numbers
    rival: NDArray[np.int64]
    rivals: tuple[str, ...]
    weights: Numbers
    scores: Numbers
    parameters: tuple[str, ...]

    def __post_init__(self) -> None:
        worlds = len(self.weights)
        _expect("quantity", self.quantity, (worlds, HALVES))
        _expect("scores", self.scores, (worlds, len(self.parameters)))
        _expect("weights", self.weights, (worlds,))
        if self.rival.shape != (worlds,) or not np.all((self.rival >= 0) & (self.rival < len(self.rivals))):
            raise ValueError("each world needs the index of its rival")
        if np.any(self.weights < 0) or not np.isclose(self.weights.sum(), 1.0):
            raise ValueError("weights are not negative and sum to one")

    @property
    def worlds(self) -> int:
        """The number of worlds."""
        return len(self.weights)

    @property
    def rival_weights(self) -> Numbers:
        """The total weight of each rival, (n_rivals,)."""
        totals = np.zeros(len(self.rivals))
        np.add.at(totals, self.rival, self.weights)
        return totals

    @property
    def certain(self) -> bool:
        """Whether the quantity is the same in every world, so that no study can teach anything about it."""
        return bool(np.ptp(self.quantity) <= 1e-12 * np.abs(self.quantity).max())

    def weighted(self, weights: Numbers) -> Draws:
        """Return the same worlds under other weights, (n_worlds,), which are scaled to sum to one."""
        return replace(self, weights=weights / weights.sum())


@dataclass(frozen=True, kw_only=True)
class Study:
    """What one candidate would see: expected statistics by half, and how one such study scatters about them.

    Arguments: a name; the expected statistics by half of each world's people (n_worlds, 2, n_statistics); the
    covariance of the statistics in one such study, given the world (n_worlds, n_statistics, n_statistics);
    and the part of it that more patients do not take away (n_statistics, n_statistics), None for none. Raises
    ValueError where shapes disagree or a number is not finite.
    """

    name: str
    means: Numbers
    sampling: Numbers
    lasting: Numbers | None = None

    def __post_init__(self) -> None:
        worlds, _, statistics = self.means.shape
        _expect(f"means of {self.name}", self.means, (worlds, HALVES, statistics))
        _expect(f"sampling of {self.name}", self.sampling, (worlds, statistics, statistics))

    @property
    def statistics(self) -> int:
        """The number of statistics that the study gives."""
        return int(self.means.shape[2])

    def of_size(self, ratio: float) -> Study:
        """Return the study with `ratio` times as many patients: what they take away divided by it."""
        lasting = np.zeros(self.sampling.shape[1:]) if self.lasting is None else self.lasting
        return replace(self, sampling=(self.sampling - lasting) / ratio + lasting)


def together(*studies: Study) -> Study:
    """Return several studies as one: all their statistics, which scatter independently given the world."""
    if len(studies) == 1:
        return studies[0]
    sizes = [study.statistics for study in studies]
    ends = np.cumsum(sizes)
    sampling = np.zeros((len(studies[0].means), ends[-1], ends[-1]))
    for study, end, size in zip(studies, ends, sizes, strict=True):
        sampling[:, end - size : end, end - size : end] = study.sampling
    return Study(
        name=" + ".join(study.name for study in studies),
        means=np.concatenate([study.means for study in studies], axis=2),
        sampling=sampling,
    )


def _expect(what: str, numbers: Numbers, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless an array has a shape and only finite numbers."""
    if numbers.shape != shape:
        raise ValueError(f"{what}: the shape is {numbers.shape}, expected {shape}")
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{what}: not all numbers are finite")
