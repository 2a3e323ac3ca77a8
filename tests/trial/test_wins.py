"""A protocol analysed by the win ratio: its true value is theory's, and the analysis finds it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol

TEXT = """\
design: {type: parallel}
patients: 80
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: win-ratio, wins: {%s}}
estimand: {rescue: %s}
conduct: {rescue: {per_month: 0.5, log_hazard_per_point: 0.5, relief_nrs: 0}}
"""
ONE = np.ones(1)


def trial_of(wins: str, rescue: str = "treatment-policy") -> Protocol:
    return protocol(TEXT % (wins, rescue))


def test_without_events_the_true_value_is_that_of_two_normal_samples() -> None:
    """Means of seven days: true spread 1 between people, noise about 1/7 + 1/84; the shift is 0.8."""
    trial = trial_of("tie_within: 0.5")
    bank = bank_of(trial, {"active": -0.8}, n=1600)
    spread = np.sqrt(2 * (bank.pain[0, :, 0].var() + (1 + 1 / 12) / 7))
    expected = np.log(norm.cdf((0.8 - 0.5) / spread) / norm.cdf((-0.8 - 0.5) / spread))
    assert truth_of(plan_of(trial), bank, seed=1).by_cell(bank).mean() == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize(
    ("wins", "rescue"),
    [("tie_within: 0.5", "treatment-policy"), ("first: [rescue], tie_within: 0.5", "composite")],
)
def test_the_analysis_is_unbiased_and_covers(wins: str, rescue: str) -> None:
    trial = trial_of(wins, rescue)
    bank = bank_of(trial, {"active": -0.5}, n=800, n_cells=2)
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(600, Silent())
    (found,) = performance(plan_of(trial), bank, replicates, truth_of(plan_of(trial), bank, seed=2)) or []
    assert found.true_value.value > 0.2
    assert abs(found.bias.value) < 0.06
    assert found.coverage.value > 0.92
    assert (replicates.benefit == (replicates.rejected[:, 0] & (replicates.effect > 0))).all()


def test_with_the_mechanism_off_the_level_holds() -> None:
    trial = trial_of("first: [rescue], tie_within: 1", "composite")
    bank = bank_of(trial, {"active": -1.0}).mechanism_off(1)
    found = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(2000, Silent())
    assert found.rejected.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
    assert found.rejected.mean() >= 0.05 - 4 * np.sqrt(0.05 * 0.95 / 2000)
