"""The tipping point of a protocol's trials, on made-up patients of whom many are lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.study import TippingPoint
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.tipping import TippingPoints, summary, tipping_points
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import SETTINGS, prepared

VISITS = """\
design: {type: parallel}
patients: 60
visits: [7, 14]
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
"""
ANCOVA = VISITS + "analysis: {method: ancova, tipping_point: {largest: 4}}\n"
ONE = np.ones(1)


def found(effect: float, loss_per_day: float, text: str = ANCOVA, largest: float = 4.0) -> TippingPoints:
    trial = protocol(text)
    bank = bank_of(trial, {"active": effect}, loss_per_day=loss_per_day)
    ready = prepared(trial, bank, replace(SETTINGS, seed=5))
    return tipping_points(ready, TippingPoint(largest=largest), Silent())


def test_the_more_patients_leave_the_sooner_a_trial_tips() -> None:
    few, many = found(-1.5, 0.005), found(-1.5, 0.04)
    assert few.significant.value > 0.95
    assert few.withstand.value > many.withstand.value
    assert np.isfinite(many.quartiles[1])
    assert 0 < many.quartiles[0] <= many.quartiles[1] <= many.quartiles[2]


def test_trials_without_missing_data_never_tip() -> None:
    whole = found(-3.0, 0.0)
    assert whole.withstand.value == 1.0
    assert np.isinf(whole.quartiles).all()


@pytest.mark.parametrize("method", ["mmrm", "clda"])
def test_it_stands_beside_an_analysis_of_visits(method: str) -> None:
    text = VISITS + f"analysis: {{method: {method}, tipping_point: {{largest: 2}}}}\n"
    assert found(-1.5, 0.01, text).trials == 200


def test_the_summary_counts_only_trials_that_were_significant() -> None:
    told = summary(np.array([0.0, 0.0, 1.0, 2.0, 3.0, np.inf]), 5.0)
    assert told.significant.value == pytest.approx(4 / 6)
    assert told.withstand.value == pytest.approx(1 / 4)
    assert told.quartiles.tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(summary(np.zeros(3), 5.0).quartiles).all()


def test_a_delta_in_the_protocol_moves_the_estimate_towards_harm() -> None:
    """A shift of 1 moves the estimate by the share of the active arm without a last visit."""
    effects, absent = {}, 0.0
    for delta in ("0", "1"):
        trial = protocol(VISITS + f"analysis: {{method: ancova, delta: {delta}}}\n")
        bank = bank_of(trial, {"active": -1.0}, loss_per_day=0.029)
        simulator = ReplicateSimulator(plan_of(trial), bank, 5, ONE)
        effects[delta] = simulator.run(100, Silent()).effect
        observed = simulator.observer.observe(np.arange(100))
        absent = np.isnan(observed.visits[observed.sequences == 0, -1]).mean()
    assert absent > 0.15
    assert (effects["1"] - effects["0"]).mean() == pytest.approx(absent, abs=0.03)
