"""A trial that stops at a look has enrolled more than it looked at: those who came while data matured."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol

TEXT = """\
design: {type: group-sequential, looks: [0.25, 0.5, 1.0]}
patients: 80
endpoint: {variable: pain-diary, from_day: 8, to_day: 28}
analysis: {method: t-test}
%s
"""
ACCRUAL = "conduct: {accrual: {sites: %d, patients_per_site_per_month: %g}}"


def run(conduct: str, effect: float) -> Replicates:
    trial = protocol(TEXT % conduct)
    return ReplicateSimulator(plan_of(trial), bank_of(trial, {"active": effect}), 3, np.ones(1)).run(
        40, Silent()
    )


@pytest.mark.parametrize(
    ("conduct", "overrun"),
    [
        ("", 0),
        (ACCRUAL % (3, 2.0), 6),  # 6 a month over 28 days: 5.52
        (ACCRUAL % (5, 4.0), 18),  # 20 a month over 28 days: 18.4
        (ACCRUAL % (100, 1.0), 60),  # 92, but no more than the 80 that were planned
    ],
)
def test_accrual_over_the_follow_up_comes_on_top(conduct: str, overrun: int) -> None:
    """An effect of 5 points is seen by the second look at the latest."""
    found = run(conduct, -5.0)
    assert found.rejected.all()
    assert set(found.look) <= {0, 1}
    assert (found.look == 0).any()
    looked = np.array([20, 40])[found.look]
    assert np.array_equal(found.enrolled, np.minimum(looked + overrun, 80))
    assert found.randomised.sum(axis=1) == pytest.approx(found.enrolled)


def test_a_trial_that_goes_to_its_end_enrols_what_was_planned() -> None:
    found = run(ACCRUAL % (5, 4.0), 0.0)
    assert np.all(found.enrolled[found.look == 2] == 80)
    assert (found.look == 2).any()
