"""Resamples of worlds, common to all studies, so that differences between studies are paired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.decision.information.draws import Draws

RESAMPLES = 500
"""How many resamples unless told: the error of a standard error is then 3 %."""


@dataclass(frozen=True)
class Resamples:
    """Weights of the worlds in each bootstrap resample, (n_resamples, n_worlds); every row sums to one."""

    weights: Numbers

    @property
    def count(self) -> int:
        """The number of resamples."""
        return len(self.weights)


def resample(draws: Draws, *, seed: int, count: int = RESAMPLES) -> Resamples:
    """Return bootstrap resamples of worlds, drawn within each rival, whose total weight stays what it is.

    Arguments: the draws; the seed; how many resamples. A resample depends on the seed and its number alone.
    """
    weights = np.zeros((count, draws.worlds))
    stream = Stream(seed, ("information", "resamples"))
    for rival, name in enumerate(draws.rivals):
        members = np.flatnonzero(draws.rival == rival)
        if len(members) == 0:
            continue
        uniforms = stream.child(name).uniforms(count, len(members))
        drawn = (uniforms * len(members)).astype(np.int64)
        flat = drawn + len(members) * np.arange(count)[:, None]
        times = np.bincount(flat.ravel(), minlength=count * len(members)).reshape(count, len(members))
        share = times * draws.weights[members]
        total = share.sum(axis=1, keepdims=True)
        before = draws.weights[members].sum()
        weights[:, members] = before * share / np.where(total > 0, total, 1.0)
    return Resamples(weights)
