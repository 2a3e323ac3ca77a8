"""Power comes from a posterior or an assumption; its error holds the finite bank; theory confirms it."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.population.measurement import load_measurement
from calor.population.posterior import Posterior
from calor.study import Protocol
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import power_of
from calor.trial.results.truth import truth_of
from calor.trial.runs.sizing import find_size, sized
from calor.trial.theory import CrossoverEndpoint, MeanEndpoint, fixed_power, fixed_sample_size
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

TEXT = """\
design: {type: parallel}
patients: 60
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: t-test}
"""
ONE = np.ones(1)


def test_an_assumed_effect_replaces_that_of_the_drugs() -> None:
    trial = protocol(TEXT)
    bank = Scenario(assumed_effect=-0.7).apply(plan_of(trial), bank_of(trial, {"active": -3.0}))
    assert truth_of(plan_of(trial), bank, seed=1).by_cell(bank) == pytest.approx(-0.7, abs=0.03)


def test_the_size_that_is_found_is_that_of_theory() -> None:
    trial = protocol(TEXT)
    bank = Scenario(assumed_effect=-0.7).apply(plan_of(trial), bank_of(trial, n_cells=1))
    sd = np.sqrt(bank.pain[0, :, 0].var() + (1.0 + 1 / 12) / 7)
    theory = fixed_sample_size(MeanEndpoint(0.7, float(sd)), 0.8, 0.05, 2)
    found = find_size(prepared(trial, bank, RunSettings(replicates=3000, executor=Threads(2))), 0.8, Silent())
    assert found.found.patients == pytest.approx(theory.n_total, abs=8)
    assert found.found.power.value >= 0.8


CROSSED = """\
design: {type: crossover, period_days: 14, washout_days: 7}
patients: 20
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: crossover}
"""


def test_an_assumed_effect_in_a_crossover_is_there_in_the_periods_of_the_active_arm() -> None:
    trial = protocol(CROSSED)
    bank = Scenario(assumed_effect=-0.35).apply(plan_of(trial), bank_of(trial, {"active": -3.0}, n_cells=1))
    assert truth_of(plan_of(trial), bank, seed=1).by_cell(bank) == pytest.approx(-0.35, abs=0.03)
    first = (
        bank.pain[bank.course_of[0, 0, 0]]
        - bank.pain[bank.course_of[layout_of(trial).control_throughout, 0, 0]]
    )
    assert np.all(first[:, :14] == pytest.approx(-0.35))
    assert np.all(first[:, 14:] == 0)
    theory = fixed_power(
        CrossoverEndpoint(0.35, np.sqrt(2 * (1.0 + 1 / 12) / 7), period_adjusted=True), 20, 0.05, 2
    )
    found = power_of(bank, ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(4000, Silent(), Threads(2)))
    assert found.value == pytest.approx(theory, abs=3 * found.mc_error + 0.005)


@pytest.mark.parametrize(
    "design",
    [
        "type: sample-size-reestimation, interim_patients: 30, most_patients: 90, assumed_difference: 0.7, "
        "power: 0.8",
        "type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 30",
    ],
)
def test_a_design_that_looks_at_some_of_its_patients_is_sized_with_their_share_kept(design: str) -> None:
    text = TEXT.replace("type: parallel", design).replace("t-test}", "t-test, alpha: 0.025, sided: 1}")
    trial = protocol(text)
    bank = Scenario(assumed_effect=-0.9).apply(plan_of(trial), bank_of(trial))
    found = find_size(prepared(trial, bank, RunSettings(replicates=600, executor=Threads(2))), 0.8, Silent())
    assert found.found.power.value >= 0.8
    assert all(size.power.value < 0.8 for size in found.tried if size.patients < found.found.patients)
    for size in (20, found.found.patients):
        other = sized(trial, size)
        Protocol.model_validate(other.model_dump())
        assert other.design.interim_patients == size // 2
    assert found.found.enrolled.value <= 1.5 * found.found.patients


def test_the_error_of_a_power_holds_the_spread_between_worlds() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -0.7}, n=400, n_cells=20)
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(2000, Silent())
    power = power_of(bank, replicates)
    by_cell = [replicates.benefit[replicates.cells == cell].mean() for cell in range(20)]
    assert power.mc_error == pytest.approx(np.std(by_cell, ddof=1) / np.sqrt(20), rel=0.15)
    assert power.mc_error > np.sqrt(power.value * (1 - power.value) / 2000)


def test_a_posterior_gives_worlds_and_weights_and_leaves_the_rest_to_the_prior() -> None:
    table: ParameterTable = load_measurement()
    rivals = load_rivals()
    fitted = table["diary_day_noise"]
    posterior = Posterior(
        ("diary_day_noise",),
        {rival.name: np.full((5, 1), 2.0) for rival in rivals},
        {rival.name: float(place + 1) for place, rival in enumerate(rivals)},
        {},
    )
    scenario = Scenario(posterior)
    assert scenario.status is ResultStatus.POSTERIOR
    weights = scenario.weights(rivals)
    assert weights == pytest.approx(np.arange(1, 7) / 21)
    worlds = scenario.worlds(table, rivals[0], Stream(1), 8)
    prior = Scenario().worlds(table, rivals[0], Stream(1), 8)
    assert worlds["diary_day_noise"] == pytest.approx(fitted.value * np.exp(2.0 * fitted.prior_sd))
    assert np.array_equal(worlds["placebo_shift"], prior["placebo_shift"])
