"""A choice between options, and what each is worth in each world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.decision.information.bank_noise import true_targets
from calor.decision.information.draws import HALVES, Draws


@dataclass(frozen=True)
class Decision:
    """A choice between options: what each is worth to one person, by half of each world's people.

    Arguments: the options' names; payoffs (n_worlds, 2, n_options) in one currency, a person. Raises
    ValueError where there are fewer than two options, shapes disagree or a payoff is not finite.
    """

    options: tuple[str, ...]
    payoffs: Numbers

    def __post_init__(self) -> None:
        if len(self.options) < 2 or self.payoffs.shape[1:] != (HALVES, len(self.options)):
            raise ValueError("a decision needs two options or more, and a payoff of each by world and half")
        if not np.all(np.isfinite(self.payoffs)):
            raise ValueError("not all payoffs are finite")

    @property
    def gains(self) -> Numbers:
        """What each further option is worth more than the first, by half, (n_worlds, 2, n_options - 1)."""
        return self.payoffs[:, :, 1:] - self.payoffs[:, :, :1]


def gains(draws: Draws, decision: Decision) -> Numbers:
    """Return the true gain of every option over the first one (whose gain is 0), (n_worlds, n_options)."""
    true = true_targets(draws, decision.gains)
    return np.concatenate([np.zeros((draws.worlds, 1)), true], axis=1)
