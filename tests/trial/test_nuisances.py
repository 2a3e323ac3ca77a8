"""What a corner puts into the bank is measured in the trial: noise, a fluctuation carried over, loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.study import Variable
from calor.trial.bank.bank import Bank
from calor.trial.bank.settings import RunSettings
from calor.trial.conduct.observation import Observer
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results import corners
from calor.trial.results.corners import NUISANCES, Corner, error_at_corners, worst_of
from calor.trial.results.monte_carlo import WithError
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

TEXT = """\
design: {type: parallel}
patients: 40
endpoint: {variable: %s}
analysis: {method: t-test}
"""
DIARY = "pain-diary, from_day: 1, to_day: 1"
EVERY = [(variable, place) for variable, nuisances in NUISANCES.items() for place in range(len(nuisances))]


def measured(bank: Bank, endpoint: str) -> np.ndarray:
    """Return the first endpoint of each of 4000 people whose true level is 5, less that level."""
    found = Observer(plan_of(protocol(TEXT % endpoint)), bank, 1, np.ones(1)).observe(np.arange(100))
    return np.asarray(found.endpoint[..., 0] - 5.0)


def even() -> Bank:
    bank = bank_of(
        protocol(TEXT % DIARY.replace("from_day: 1, to_day: 1", "from_day: 14, to_day: 14")), sd=0.0
    )
    return replace(bank, habits=replace(bank.habits, day_noise=np.full(400, 1e-9)))


@pytest.mark.parametrize(("variable", "place"), EVERY)
def test_what_is_put_is_what_stands_there(variable: Variable, place: int) -> None:
    nuisance = NUISANCES[variable][place]
    bank = even()
    put = nuisance.put(bank, np.linspace(0.1, 0.2, 400))
    assert np.array_equal(nuisance.of(put), np.linspace(0.1, 0.2, 400))
    for other in NUISANCES[variable]:
        if other is not nuisance:
            assert np.array_equal(other.of(put), other.of(bank))


def test_day_noise_is_scatter_of_the_rating() -> None:
    noise, _, _ = NUISANCES[Variable.PAIN_DIARY]
    found = measured(noise.put(even(), np.full(400, 1.1)), DIARY)
    assert found.std() == pytest.approx(np.sqrt(1.1**2 + 1 / 12), rel=0.05)


def test_a_larger_slow_fluctuation_was_larger_at_the_end_of_the_run_in_too() -> None:
    """What a person had on the last run-in day grows with the SD: twice the SD, twice the value."""
    _, slow, _ = NUISANCES[Variable.PAIN_DIARY]
    bank = even()
    before = np.linspace(-1.0, 1.0, 400)
    bank = replace(
        bank,
        slow_before=before,
        habits=replace(bank.habits, slow_sd=np.full(400, 0.5), slow_time=np.full(400, 1e9)),
    )
    twice = slow.put(bank, np.full(400, 1.0))
    assert twice.slow_before == pytest.approx(2 * before)
    found = measured(twice, DIARY)
    assert found.std() == pytest.approx(np.sqrt((2 * before).var() + 1 / 12), rel=0.05)
    assert slow.put(even(), np.full(400, 1.0)).slow_before == pytest.approx(0.0)  # of nothing it is nothing


def test_loss_takes_people_away() -> None:
    *_, loss = NUISANCES[Variable.PAIN_DIARY]
    endpoint = "pain-diary, from_day: 14, to_day: 14"
    found = measured(loss.put(even(), np.full(400, 0.05)), endpoint)
    assert np.isnan(found).mean() == pytest.approx(1 - np.exp(-0.05 * 13.5), abs=0.03)


@pytest.mark.parametrize(
    ("variable", "sd"), [("temperature-difference", 0.8), ("grip", 500 * np.sqrt(np.exp(0.1**2) - 1))]
)
def test_readings_scatter_as_was_put(variable: str, sd: float) -> None:
    endpoint = f"{variable}, from_day: 14, to_day: 14"
    scatter, _ = NUISANCES[Variable(variable)]
    found = measured(scatter.put(even(), np.full(400, 0.8 if variable != "grip" else 0.1)), endpoint)
    assert found.std() == pytest.approx(sd, rel=0.05)


def test_every_corner_is_simulated_as_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    banks = []

    class Watched(ReplicateSimulator):
        def __init__(self, trial: object, bank: Bank, *others: object) -> None:
            banks.append(bank)
            super().__init__(trial, bank, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(corners, "ReplicateSimulator", Watched)
    trial = protocol(TEXT % "pain-diary, from_day: 14, to_day: 14")
    bank = even()
    spread = np.linspace(0.0, 1.0, 401)[:400]
    bank = replace(
        bank,
        habits=replace(bank.habits, day_noise=1 + spread, slow_sd=0.5 + spread),
        loss_per_day=0.01 * (1 + spread),
    )
    found = error_at_corners(prepared(trial, bank, RunSettings(replicates=40)), Silent())
    assert len(found) == len(banks) == 8
    assert len({tuple(corner.at.values()) for corner in found}) == 8
    for corner, seen in zip(found, banks, strict=True):
        assert corner.replicates == 20
        for nuisance in NUISANCES[Variable.PAIN_DIARY]:
            assert np.all(nuisance.of(seen) == corner.at[nuisance.name])
    for nuisance in NUISANCES[Variable.PAIN_DIARY]:
        low, high = np.quantile(nuisance.of(bank), [0.025, 0.975])
        assert {corner.at[nuisance.name] for corner in found} == {low, high}


def test_a_run_of_one_replicate_has_corners_of_one() -> None:
    trial = protocol(TEXT % "pain-diary, from_day: 14, to_day: 14")
    found = error_at_corners(prepared(trial, even(), RunSettings(replicates=1)), Silent())
    assert [corner.replicates for corner in found] == [1]


def test_the_worst_corner_is_the_one_with_the_largest_error() -> None:
    rows = tuple(Corner({"noise": value}, WithError(value, 0.001), 10) for value in (0.04, 0.07, 0.05))
    assert worst_of(rows).at == {"noise": 0.07}


def test_a_level_holds_up_to_three_errors_above_it() -> None:
    assert Corner({}, WithError(0.05 + 3 * 0.004, 0.004), 10).holds(0.05)
    assert not Corner({}, WithError(0.05 + 3.01 * 0.004, 0.004), 10).holds(0.05)
