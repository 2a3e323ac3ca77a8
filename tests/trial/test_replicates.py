"""Replicates are allocated in blocks, keyed by their numbers, and analysed with the right type I error."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits
from calor.population.patients import Patients
from calor.study import Protocol
from calor.trial.bank.bank import Bank, Cell, Counts
from calor.trial.bank.intervals import weighted_interval
from calor.trial.conduct.roster import Stage
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.truth import truth_of
from tests.trial.made_up import nobody_s_past

PARALLEL = """\
id: null-trial
title: Nothing against nothing
population: {duration_months: {at_least: 12, at_most: 60}, pain_nrs: {at_least: 0}}
design: {type: parallel}
arms: [{name: active}, {name: placebo}]
control: placebo
allocation: {ratio: [2, 1], block_size: 6}
patients: 40
endpoint: {variable: pain-diary, from_day: 3, to_day: 9}
analysis: {method: ancova, alpha: 0.05, sided: 2}
"""
CROSSOVER = (
    PARALLEL.replace("{type: parallel}", "{type: crossover, period_days: 10, washout_days: 4}")
    .replace("ratio: [2, 1]", "ratio: [1, 1]")
    .replace("method: ancova", "method: crossover")
)
N, CELLS = 300, 3


def protocol(text: str) -> Protocol:
    return check_protocol(parse_document(text, "trial.yaml"))


def bank_of(trial: Protocol, effect: float = 0.0) -> Bank:
    """Return a bank of made-up patients; arm 0 lowers the true level by `effect` in its period."""
    generator = np.random.default_rng(1)
    days = int(layout_of(trial).starts[-1]) + trial.endpoint.to_day
    level = generator.normal(5.0, 1.5, size=N)
    followed = layout_of(trial).followed
    pain = np.repeat(np.repeat(level[None, :, None], len(followed), axis=0), days, axis=2)
    starts = [int(start) for start in layout_of(trial).starts] + [days]
    for sequence, arms in enumerate(followed):
        for period, arm in enumerate(arms):
            if arm == 0:
                pain[sequence, :, starts[period] : starts[period + 1]] += effect
    habits = DiaryHabits(*(np.full(N, value) for value in (1.0, 0.1, 0.8, 20.0, -0.3, 3.0)))
    cells = tuple(Cell(i % 2, i, i * N // CELLS, (i + 1) * N // CELLS) for i in range(CELLS))
    return Bank(
        patients=Patients(np.arange(N), np.zeros(N, dtype=np.int64), {}),
        history=nobody_s_past(N),
        baseline=level + generator.normal(0, 0.5, size=N),
        covariates={},
        slow_before=generator.normal(0, 0.8, size=N),
        habits=habits,
        outputs={"pain_nrs": pain},
        course_of=np.arange(len(followed))[:, None, None],
        stop_days=(),
        rescue_days=(),
        loss_per_day=np.full(N, 0.002),
        cells=cells,
        counts=Counts(N, N, 0, CELLS, CELLS, 0),
        stream=Stream(1),
    )


def simulator(trial: Protocol, effect: float = 0.0) -> ReplicateSimulator:
    return ReplicateSimulator(
        plan_of(trial), bank_of(trial, effect), seed=3, rival_weights=np.array([0.5, 0.5])
    )


def test_every_block_holds_the_ratio() -> None:
    observed = simulator(protocol(PARALLEL)).observer.observe(np.arange(20))
    blocks = observed.sequences[:, :36].reshape(20, 6, 6)
    assert np.all((blocks == 0).sum(axis=2) == 4)
    assert len(np.unique(blocks.reshape(-1, 6), axis=0)) == 15  # every order of 4 and 2 occurs


def test_a_replicate_is_the_same_in_any_chunk() -> None:
    trial = simulator(protocol(PARALLEL))
    alone, together = trial.observer.observe(np.array([7])), trial.observer.observe(np.arange(5, 12))
    assert np.array_equal(alone.endpoint[0], together.endpoint[2], equal_nan=True)
    assert np.array_equal(alone.baseline[0], together.baseline[2])


def test_patients_come_from_their_replicate_cell() -> None:
    roster = simulator(protocol(PARALLEL)).observer.rosters.draw(np.arange(30), Stage("whole", 40))
    assert len(np.unique(roster.cells)) == CELLS
    assert np.all(roster.people // (N // CELLS) == roster.cells[:, None])


def test_results_do_not_depend_on_threads() -> None:
    trial = simulator(protocol(PARALLEL))
    one, four = (trial.run(900, Silent(), Threads(workers)) for workers in (1, 4))
    for name, values in vars(one).items():
        assert np.array_equal(values, getattr(four, name), equal_nan=True)


@pytest.mark.parametrize("text", [PARALLEL, PARALLEL.replace("ancova", "t-test"), CROSSOVER])
def test_without_an_effect_the_type_one_error_is_alpha(text: str) -> None:
    replicates = 4000
    outcome = simulator(protocol(text)).run(replicates, Silent())
    error = 3 * np.sqrt(0.05 * 0.95 / replicates)
    assert abs(outcome.significant.mean() - 0.05) < error
    assert abs(outcome.effect.mean()) < 3 * outcome.effect.std() / np.sqrt(replicates)


@pytest.mark.parametrize("text", [PARALLEL, CROSSOVER])
def test_the_estimate_finds_the_true_effect(text: str) -> None:
    trial = protocol(text)
    bank = bank_of(trial, effect=-1.0)
    truth = truth_of(plan_of(trial), bank, seed=1).by_cell(bank)
    assert truth == pytest.approx(-1.0, abs=0.05)
    outcome = simulator(trial, effect=-1.0).run(1000, Silent())
    # Rounding and the ends of the scale take a little of a shift in the level.
    assert outcome.effect.mean() == pytest.approx(-1.0, abs=0.06)


def test_lost_patients_have_no_endpoint_after_they_left() -> None:
    trial = protocol(PARALLEL)
    bank = bank_of(trial)
    lost = ReplicateSimulator(
        plan_of(trial), Bank(**{**vars(bank), "loss_per_day": np.full(N, 50.0)}), 3, np.array([0.5, 0.5])
    )
    assert np.isnan(lost.observer.observe(np.arange(3)).endpoint).all()


def test_a_weighted_interval_is_the_plain_one_when_weights_are_equal() -> None:
    values = np.random.default_rng(0).normal(size=2001)
    interval = weighted_interval(values, np.ones(len(values)))
    assert (interval.lower, interval.upper) == pytest.approx(
        tuple(np.quantile(values, (0.025, 0.975))), abs=0.02
    )
