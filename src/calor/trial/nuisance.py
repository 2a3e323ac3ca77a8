"""The type I error at the corners of what is unknown and of no interest: diaries, their drift, and loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from calor.core.progress import Progress
from calor.population.patients import Numbers
from calor.trial.bank import Bank
from calor.trial.characteristics import type_one_error
from calor.trial.monte_carlo import WithError
from calor.trial.protocol import Protocol
from calor.trial.replicates import ReplicateSimulator
from calor.trial.settings import RunSettings

NOISE = (0.5, 2.0)
LOSS = (0.0, 2.0)
"""Factors on the scatter of the diary (days and drift) and on the hazard of loss."""


@dataclass(frozen=True)
class Corner:
    """The type I error at one corner: factors on the diary's scatter and on loss, and the error."""

    noise: float
    loss: float
    error: WithError


def type_one_error_at_corners(
    protocol: Protocol, null_bank: Bank, weights: Numbers, settings: RunSettings, progress: Progress
) -> tuple[Corner, ...]:
    """Return the type I error with the diary's scatter halved and doubled, loss taken away and doubled.

    Arguments: the protocol; its bank with the mechanism off; the weight of each rival (n_rivals,); the
    settings, whose replicates are simulated at each corner.
    """
    found = []
    for noise, loss in product(NOISE, LOSS):
        habits = null_bank.habits
        habits = replace(habits, day_noise=noise * habits.day_noise, slow_sd=noise * habits.slow_sd)
        bank = replace(
            null_bank,
            habits=habits,
            slow_before=np.asarray(noise * null_bank.slow_before),
            loss_per_day=np.asarray(loss * null_bank.loss_per_day),
        )
        simulator = ReplicateSimulator(protocol, bank, settings.seed, weights)
        replicates = simulator.run(settings.replicates, progress, settings.workers)
        found.append(Corner(noise, loss, type_one_error(bank, replicates)))
    return tuple(found)
