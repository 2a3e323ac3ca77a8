"""What to run next: branches add up, an adaptive plan is never worse, the right study follows a result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.information import made_up_bank
from calor.decision.information.draws import Draws, Study, together
from calor.decision.information.following import next_after
from calor.decision.information.resampling import resample
from calor.decision.information.shares import share_of_variance

WORLDS = 3000


def switched() -> tuple[Draws, Study, Study, Study]:
    """Q = a if s < 0 else b. One study shows s; one shows a, one b. What follows depends on s alone."""
    a, b = np.random.default_rng(1).normal(size=(2, WORLDS))
    s = np.tile([-1.0, 1.0], WORLDS // 2)
    quantity = np.where(s < 0, a - 3, b + 3)
    draws = Draws(
        quantity=np.repeat(quantity[:, None], 2, axis=1),
        rival=np.zeros(WORLDS, dtype=np.int64),
        rivals=("only",),
        weights=np.full(WORLDS, 1 / WORLDS),
        scores=np.zeros((WORLDS, 0)),
        parameters=(),
    )

    def reading(name: str, what: np.ndarray) -> Study:
        return Study(
            name=name,
            means=np.repeat(what[:, None], 2, axis=1)[:, :, None],
            sampling=np.full((WORLDS, 1, 1), 0.05**2),
        )

    return draws, reading("s", s), reading("a", a), reading("b", b)


def test_what_follows_depends_on_the_result() -> None:
    draws, first, shows_a, shows_b = switched()
    resamples = resample(draws, seed=1, count=50)
    plan = next_after(draws, first, [shows_a, shows_b], resamples, seed=1, branches=2)
    low, high = plan.branches
    assert (low.best, high.best) == (0, 1)
    assert (low.mean, high.mean) == (pytest.approx(-3, abs=0.1), pytest.approx(3, abs=0.1))
    assert low.deviation == pytest.approx(1.0, abs=0.1)
    assert low.shares[0].value == pytest.approx(1.0, abs=0.02)
    assert low.shares[1].value == pytest.approx(0.0, abs=0.02)
    # Var Q = 9 + 1. Knowing s leaves 1: a fixed second study removes half of it, an adaptive one all.
    assert plan.fixed == pytest.approx(0.95, abs=0.01)
    assert plan.adaptive == pytest.approx(1.0, abs=0.01)


def test_a_plan_adds_up() -> None:
    bank = made_up_bank(20, seed=1, each=150)
    resamples = resample(bank.draws, seed=1, count=50)
    studies = [bank.study("sharp", 0.2), bank.study("blurred", 0.6)]
    plan = next_after(bank.draws, studies[1], studies, resamples, seed=1)
    assert sum(branch.probability for branch in plan.branches) == pytest.approx(1.0)
    assert [branch.best for branch in plan.branches] == [0, 0, 0]
    assert sum(branch.probability * branch.mean for branch in plan.branches) == pytest.approx(
        bank.truth.mean(), abs=0.03
    )
    both = share_of_variance(bank.draws, together(*studies), resamples)
    alone = [share_of_variance(bank.draws, study, resamples).value for study in studies]
    assert both.value > max(alone)
    assert plan.adaptive >= plan.fixed >= both.value - 3 * both.error


def test_a_study_that_sees_nothing_follows_nothing() -> None:
    bank = made_up_bank(20, seed=1, each=50)
    blind = replace(bank.study("blind", 0.2), means=np.zeros((bank.draws.worlds, 2, 1)))
    plan = next_after(
        bank.draws, bank.study("first", 0.3), [blind], resample(bank.draws, seed=1, count=10), seed=1
    )
    assert [branch.shares[0].value for branch in plan.branches] == [0.0, 0.0, 0.0]
    assert plan.adaptive == plan.fixed


def test_the_errors_of_a_branch_are_those_of_repeated_draws() -> None:
    """The spread of a branch's shares over 30 independent sets of 300 worlds is the error that each gives."""
    found, errors = [], []
    for seed in range(30):
        quantity, unseen = np.random.default_rng(seed).normal(size=(2, 300))
        draws = Draws(
            quantity=np.repeat(quantity[:, None], 2, axis=1),
            rival=np.zeros(300, dtype=np.int64),
            rivals=("only",),
            weights=np.full(300, 1 / 300),
            scores=np.zeros((300, 0)),
            parameters=(),
        )
        seen = np.repeat((quantity + unseen)[:, None, None], 2, axis=1)
        study = Study(name="blurred", means=seen, sampling=np.full((300, 1, 1), 0.5))
        first = replace(study, means=np.repeat(quantity[:, None, None], 2, axis=1))
        plan = next_after(draws, first, [study], resample(draws, seed=1, count=50), seed=1, branches=2)
        found.append([branch.shares[0].value for branch in plan.branches])
        errors.append([branch.shares[0].error for branch in plan.branches])
    # The first reading leaves 1/3 of the variance; the second one then varies by 1/3 + 1 + 0.5 and removes
    # (1/3) / (1/3 + 1.5) of it. The standard deviation of 30 numbers has an error of 13 %.
    assert np.mean(found) == pytest.approx((1 / 3) / (1 / 3 + 1.5), abs=0.015)
    assert np.std(found, axis=0, ddof=1) == pytest.approx(np.mean(errors, axis=0), rel=0.45)
