"""The type I error at the corners of diaries and loss is the level, and each corner is what it says."""

from __future__ import annotations

import numpy as np

from calor.core.progress import Silent
from calor.trial.nuisance import type_one_error_at_corners
from calor.trial.settings import RunSettings
from tests.trial.made_up import bank_of, protocol

TEXT = """\
design: {type: parallel}
patients: 40
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: ancova}
"""


def test_the_level_holds_at_every_corner() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -1.0}, n_cells=12, loss_per_day=0.01).mechanism_off(1)
    settings = RunSettings(replicates=1500, seed=4)
    corners = type_one_error_at_corners(trial, bank, np.ones(1), settings, Silent())
    assert [(corner.noise, corner.loss) for corner in corners] == [
        (0.5, 0.0), (0.5, 2.0), (2.0, 0.0), (2.0, 2.0)
    ]  # fmt: skip
    for corner in corners:
        assert abs(corner.error.value - 0.05) < 4 * max(corner.error.mc_error, 0.005)
    assert len({corner.error.value for corner in corners}) > 1
