"""The type I error holds with the mechanism off, whatever diaries and loss are like."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol

REPLICATES = 4000
CORNERS = list(product((0.4, 2.5), (0.5, 2.0), (0.0, 0.02)))  # day noise, spread of patients, loss a day

SMALL = """\
design: {type: parallel}
patients: 24
visits: [7, 14]
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
"""


@pytest.mark.parametrize("method", ["ancova", "mmrm"])
@pytest.mark.parametrize(("noise", "sd", "loss"), CORNERS)
def test_the_level_holds_at_every_corner(method: str, noise: float, sd: float, loss: float) -> None:
    trial = protocol(SMALL + f"analysis: {{method: {method}, alpha: 0.025, sided: 1}}\n")
    # An effect that the mechanism, once off, must not show.
    bank = bank_of(trial, {"active": -1.0}, noise=noise, sd=sd, loss_per_day=loss).mechanism_off(1)
    found = ReplicateSimulator(plan_of(trial), bank, 5, np.ones(1)).run(REPLICATES, Silent(), Threads(2))
    level = 0.025
    assert found.rejected.mean() <= level + 3 * np.sqrt(level * (1 - level) / REPLICATES)
    assert found.rejected.mean() >= level - 4 * np.sqrt(level * (1 - level) / REPLICATES)
