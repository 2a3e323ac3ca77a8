"""The corners of the nuisance parameters, and that a level which is not held at one of them is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.trial.bank.bank import Bank
from calor.trial.bank.settings import RunSettings
from calor.trial.results.corners import Corner, error_at_corners, worst_of
from calor.trial.results.monte_carlo import WithError
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

TEXT = """\
design: {type: parallel}
patients: 24
endpoint: {variable: pain-diary, from_day: 3, to_day: 7}
analysis: {method: t-test}
"""
SETTINGS = RunSettings(replicates=3000, executor=Threads(2))


def varied(bank: Bank) -> Bank:
    """Return a bank whose patients differ in day noise and slow fluctuation; loss is one for all."""
    n = len(bank.baseline)
    habits = replace(bank.habits, day_noise=np.linspace(0.5, 2.5, n), slow_sd=np.linspace(0.2, 1.2, n))
    return replace(bank, habits=habits)


def test_corners_are_both_ends_of_what_varies() -> None:
    trial = protocol(TEXT)
    corners = error_at_corners(prepared(trial, varied(bank_of(trial)), SETTINGS), Silent())
    assert len(corners) == 4  # loss does not vary
    assert sorted({round(corner.at["day noise (NRS)"], 6) for corner in corners}) == [0.55, 2.45]
    assert all(corner.replicates == 1500 and corner.holds(0.05) for corner in corners)
    assert worst_of(corners).error.value == max(corner.error.value for corner in corners)


@pytest.mark.parametrize(
    ("stated", "least", "largest"),
    [(0.02, 0.0046276, 0.0486226), (0.1, 0.0046276, 0.1), (0.0, 0.0, 0.0486226)],
)
def test_a_loss_that_is_stated_is_tried_over_what_is_known_about_losses(
    stated: float, least: float, largest: float
) -> None:
    """The table says 0.015 a month, log SD 0.6: 95 % of 0.015 exp(-1.96 0.6) to 0.015 exp(1.96 0.6)."""
    trial = protocol(TEXT + f"conduct: {{dropout_per_month: {stated}}}\n")
    corners = error_at_corners(prepared(trial, varied(bank_of(trial)), RunSettings(replicates=40)), Silent())
    assert len(corners) == 8
    found = sorted({corner.at["loss per day"] for corner in corners})
    expected = [-np.log(1 - share) * 12 / 365.25 for share in (least, largest)]
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("variable", ["temperature-difference", "grip"])
def test_readings_have_the_scatter_of_a_visit(variable: str) -> None:
    trial = protocol(TEXT.replace("pain-diary, from_day: 3", f"{variable}, from_day: 7"))
    bank = bank_of(trial)
    values = {name: np.linspace(0.1, 0.4, 400) for name in ("temperature_visit_sd", "grip_visit_sd")}
    bank = replace(bank, patients=replace(bank.patients, values=values))
    corners = error_at_corners(prepared(trial, bank, RunSettings(replicates=200)), Silent())
    assert len(corners) == 2
    assert all("scatter of a reading" in next(iter(corner.at)) for corner in corners)


def test_a_level_that_is_not_held_is_said() -> None:
    assert Corner({}, WithError(0.06, 0.005), 100).holds(0.05)
    assert not Corner({}, WithError(0.07, 0.005), 100).holds(0.05)
