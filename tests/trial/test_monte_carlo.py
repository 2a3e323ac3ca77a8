"""Monte Carlo errors hold what they say: replicates, the patients of a finite bank, and its worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.model.rivals import load_rivals
from calor.population.posterior import Posterior
from calor.study import Protocol
from calor.trial.bank.bank import Bank, Cell
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import assurance_of, power_of
from calor.trial.results.monte_carlo import MonteCarlo, WithError, jackknife_variance
from calor.trial.results.over_cells import over_cells
from calor.trial.runs import enough
from tests.trial.made_up import bank_of, protocol, with_level
from tests.trial.runs.made_up_runs import prepared

TEXT = """\
design: {type: parallel}
patients: 24
endpoint: {variable: pain-diary, from_day: 8, to_day: 10}
analysis: {method: t-test}
"""
ONE = np.ones(1)


def replicates_of(trial: Protocol, bank: Bank, count: int) -> Replicates:
    return ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(count, Silent(), Threads(2))


def test_the_jackknife_is_the_variance_over_new_worlds() -> None:
    # Worlds that three rivals share: what is random is the worlds, the trials, and who gets how many trials.
    generator = np.random.default_rng(0)
    n_worlds, trials, shares = 20, 600, [0.5, 0.3, 0.2]
    found, variance = [], []
    for _ in range(1500):
        world = generator.normal(0.5, 0.15, n_worlds)
        power = np.clip(world + np.array([-0.1, 0.0, 0.2])[:, None], 0, 1)
        rivals, worlds = generator.choice(3, trials, p=shares), generator.integers(0, n_worlds, trials)
        hits = (generator.random(trials) < power[rivals, worlds]).astype(float)
        found.append(hits.mean())
        variance.append(jackknife_variance(hits, rivals, worlds))
    assert np.mean(variance) == pytest.approx(np.var(found), rel=3 * np.sqrt(2 / 1500))


def test_the_error_of_a_bank_of_one_world_holds_its_patients() -> None:
    trial = protocol(TEXT)
    banks = [bank_of(trial, {"active": -1.2}, n=20, n_cells=1, seed=seed) for seed in range(1, 81)]
    powers = [power_of(bank, replicates_of(trial, bank, 1500)) for bank in banks]
    true = np.var([power.value for power in powers], ddof=1)
    told = np.mean([power.mc_error**2 for power in powers])
    by_replicates = np.mean([power.replicates_error**2 for power in powers])
    assert told == pytest.approx(true, rel=3 * np.sqrt(2 / 79))
    assert told > 5 * by_replicates


ENRICHED = """\
design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 40}
patients: 80
endpoint: {variable: pain-diary, from_day: 8, to_day: 10}
analysis: {method: ancova, alpha: 0.025, sided: 1}
"""


def of_people(trial: Protocol, seed: int) -> Bank:
    """Return a bank of one world of 40 people, each with an effect of their own."""
    bank = bank_of(trial, n=40, n_cells=1, seed=seed)
    pain = bank.pain.copy()
    pain[0] += np.random.default_rng(seed).normal(-0.4, 1.0, 40)[:, None]
    return with_level(bank, pain)


def test_the_error_after_enrichment_holds_the_patients_and_not_the_choice_of_them() -> None:
    trial = protocol(ENRICHED)
    found = []
    for seed in range(1, 41):
        bank = of_people(trial, seed)
        replicates = ReplicateSimulator(plan_of(trial), bank, seed, ONE).run(600, Silent(), Threads(2))
        average = MonteCarlo(bank, replicates).mean
        found.append([average(replicates.effect), average(replicates.enriched)])
    for effect_or_share in zip(*found, strict=True):
        true = np.var([number.value for number in effect_or_share], ddof=1)
        told = np.mean([number.mc_error**2 for number in effect_or_share])
        assert told == pytest.approx(true, rel=3 * np.sqrt(2 / 39))
    assert all(share.mc_error <= np.sqrt(share.value * (1 - share.value)) for _, share in found)


def test_no_error_exceeds_the_spread_of_a_single_trial() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -1.2}, n=20, n_cells=1)
    # Of four trials the patients' part alone was as much as 1.06 for a share of 3 in 4.
    found = ReplicateSimulator(plan_of(trial), bank, 192, ONE).run(4, Silent())
    share = MonteCarlo(bank, found).mean(found.significant)
    assert share.value == 0.75
    assert share.mc_error == pytest.approx(np.sqrt(0.75 * 0.25))


def test_none_or_all_of_the_trials_leave_an_error() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial)
    found = MonteCarlo(bank, replicates_of(trial, bank, 100))
    # Laplace's rule: after none of 100 the chance of the next is 1 / 102.
    expected = np.sqrt(1 / 102 * 101 / 102 / 100)
    for happened in (False, True):
        share = found.share(np.full(100, happened))
        assert share.value == float(happened)
        assert share.mc_error == pytest.approx(expected)


def test_persons_who_live_under_two_rivals_count_once() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -1.2}, n=20, n_cells=1)
    twice = replace(
        bank,
        patients=bank.patients.take(np.tile(np.arange(20), 2)),
        baseline=np.tile(bank.baseline, 2),
        covariates={name: np.tile(values, 2) for name, values in bank.covariates.items()},
        slow_before=np.tile(bank.slow_before, 2),
        habits=bank.habits.take(np.tile(np.arange(20), 2)),
        outputs={name: np.tile(values, (1, 2, 1)) for name, values in bank.outputs.items()},
        loss_per_day=np.tile(bank.loss_per_day, 2),
        cells=(Cell(0, 0, 0, 20), Cell(1, 0, 20, 40)),
    )
    one = power_of(bank, replicates_of(trial, bank, 6000))
    simulator = ReplicateSimulator(plan_of(trial), twice, 3, np.ones(2))
    two = power_of(twice, simulator.run(6000, Silent(), Threads(2)))
    assert two.bank_error == pytest.approx(one.bank_error, rel=0.25)


def test_an_error_is_never_below_that_of_the_replicates() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, n_cells=20)
    replicates = replicates_of(trial, bank, 500)
    rate = MonteCarlo(bank, replicates).mean(replicates.rejected[:, 0])
    assert (
        rate.mc_error >= rate.replicates_error == pytest.approx(np.sqrt(rate.value * (1 - rate.value) / 499))
    )
    assert WithError(0.5, 0.05, 0.03).bank_error == pytest.approx(0.04)


def test_the_error_of_cells_is_that_of_a_mean_over_worlds() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, n_cells=8)
    values = np.arange(8.0) ** 2
    assert over_cells(bank.cells, values, ONE).mean.mc_error == pytest.approx(values.std(ddof=1) / np.sqrt(8))


def test_assurance_is_the_mean_power_over_draws() -> None:
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -1.2}, n_cells=40)
    replicates = replicates_of(trial, bank, 1000)
    found = assurance_of(bank, replicates, ONE)
    assert found.mean == power_of(bank, replicates)
    assert found.interval.lower < found.mean.value < found.interval.upper
    assert (found.draws, found.effective_draws) == (40, pytest.approx(40))
    assert found.rival_range.pair() == [found.mean.value, found.mean.value]
    assert "rests on 40 draws" in found.warnings[0]


def preparation(effect_sd: float, built: list[int]) -> object:
    """Return a stand-in for the preparation of a trial whose effect varies from world to world."""

    def prepare(trial: Protocol, settings: RunSettings, _progress: object, scenario: Scenario) -> Prepared:
        built.append(settings.worlds)
        n = 20 * settings.worlds
        bank = bank_of(trial, n=n, n_cells=settings.worlds)
        effect = np.repeat(np.random.default_rng(2).normal(-0.8, effect_sd, settings.worlds), 20)
        pain = bank.pain.copy()
        pain[0] += effect[:, None]
        bank = with_level(bank, pain)
        return prepared(trial, bank, settings, scenario)

    return prepare


def test_worlds_are_added_until_the_whole_error_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    monkeypatch.setattr(enough, "prepare_trial", preparation(0.5, built))
    monkeypatch.setattr(enough, "worlds_that_fit", lambda *_: 10_000)
    settings = RunSettings(worlds=20, replicates=200, decision_error=0.025, executor=Threads(2))
    found = enough.simulate_enough(protocol(TEXT), settings, Silent(), Scenario())
    simulated = found.simulated
    power = power_of(simulated.ready.bank, simulated.replicates)
    assert power.mc_error <= 0.025
    assert built[0] == 20
    assert simulated.ready.settings.worlds == built[-1] > 40
    assert found.shortfall == ()


def test_what_cannot_be_known_as_well_as_asked_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    monkeypatch.setattr(enough, "prepare_trial", preparation(0.5, built))
    monkeypatch.setattr(enough, "worlds_that_fit", lambda *_: 10_000)
    few = Posterior(("x",), {rival.name: np.zeros((30, 1)) for rival in load_rivals()}, {}, {})
    settings = RunSettings(worlds=20, replicates=200, decision_error=0.02, executor=Threads(2))
    found = enough.simulate_enough(protocol(TEXT), settings, Silent(), Scenario(few))
    assert built == [20, 30]
    assert "power" in found.shortfall[0]
    assert "stops at 30 worlds" in found.shortfall[0]
