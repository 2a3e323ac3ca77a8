"""What every design does: conduct replicates and say how each one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.trial.analysis import Estimate
from calor.trial.conduct.observation import Observed
from calor.trial.conduct.roster import Positions

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """How some replicates ended.

    Arguments: what was observed; who was enrolled when the trial ended (r, n); the estimate of each contrast
    that the trial reports (n_contrasts of (r,)), and by each alternative of the design; whether each is
    significant (r, n_contrasts); the look at which the trial ended (r,), from 0; whether it stopped for
    futility (r,); whether it went on in the subgroup (r,); how many places were filled before the design
    chose who fills the others (None: it does not choose); and what the design names as its own numbers
    (n_own of (r,)), NaN where a trial has none.
    """

    observed: Observed
    enrolled: Flags
    estimates: list[Estimate]
    rejected: Flags
    look: Positions
    futile: Flags
    enriched: Flags
    alternatives: tuple[list[Estimate], ...] = ()
    places_before_choice: int | None = None
    own_numbers: tuple[Numbers, ...] = ()


class Conductor(Interface):
    """A design at work on one protocol and bank."""

    def conduct(self, numbers: Positions) -> Outcome:
        """Return how the replicates with some numbers (r,) ended."""


def first_places(observed: Observed, count: Positions | int) -> Flags:
    """Return which places were filled among the first so many of each replicate, (r, n)."""
    place = np.arange(observed.sequences.shape[1])
    return np.asarray(place[None, :] < np.broadcast_to(count, len(observed.cells))[:, None])
