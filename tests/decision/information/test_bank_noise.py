"""True values of the worlds: the right covariance whatever the number of people; unmoved without noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.information import made_up_bank
from calor.decision.information.bank_noise import true_means, true_targets
from calor.decision.information.draws import Study


def test_values_without_noise_stay() -> None:
    bank = made_up_bank(20, seed=1, each=50)
    exact = np.repeat(bank.truth[:, None, None], 2, axis=1)
    draws = replace(bank.draws, quantity=exact[:, :, 0])
    assert true_targets(draws, exact)[:, 0] == pytest.approx(bank.truth, abs=1e-12)
    other = np.random.default_rng(1).normal(size=(draws.worlds, 1, 2)) + exact
    means = np.repeat(other[:, :1], 2, axis=1)
    study = Study(name="two", means=means, sampling=np.tile(np.eye(2), (draws.worlds, 1, 1)))
    assert true_means(draws, exact, study) == pytest.approx(means[:, 0], abs=1e-9)


def test_the_covariance_within_a_rival_is_that_between_halves() -> None:
    """Quantity and two statistics, one of the same people: their joint covariance, as the halves show it."""
    bank = made_up_bank(6, seed=1)
    stream = np.random.default_rng(2)
    of_its_own = stream.normal(0, 0.3, (len(bank.truth), 1))
    second = 0.5 * bank.truth[:, None] + of_its_own + stream.normal(0, 0.2, bank.halves.shape)
    means = np.stack([bank.halves, second], axis=2)
    study = Study(name="two", means=means, sampling=np.tile(np.eye(2), (len(means), 1, 1)))
    targets = bank.halves[:, :, None]
    found = np.column_stack([true_targets(bank.draws, targets), true_means(bank.draws, targets, study)])
    for index in (0, 3):
        chosen = bank.draws.rival == index
        halves = np.concatenate([targets, means], axis=2)[chosen]
        centred = halves - halves.mean(axis=(0, 1))
        a, b = centred[:, 0] - centred[:, 0].mean(axis=0), centred[:, 1] - centred[:, 1].mean(axis=0)
        between = (a.T @ b + b.T @ a) / (2 * chosen.sum())
        covariance = np.cov(found[chosen].T, bias=True)
        assert covariance == pytest.approx(between, rel=1e-6, abs=1e-9)
        assert found[chosen].mean(axis=0) == pytest.approx(halves.mean(axis=(0, 1)), abs=1e-12)


def test_a_study_of_the_quantity_itself_sees_the_true_quantity() -> None:
    bank = made_up_bank(20, seed=1, each=100)
    targets = bank.halves[:, :, None]
    same = true_means(bank.draws, targets, bank.study("same", 0.2))
    assert same == pytest.approx(true_targets(bank.draws, targets), abs=1e-9)
    # With two people in a world the noise (SD 0.28) hides the true values; the map brings them nearer.
    noisy = made_up_bank(2, seed=1)
    found = true_targets(noisy.draws, noisy.halves[:, :, None])[:, 0]
    assert np.mean((found - noisy.truth) ** 2) < 0.9 * np.mean((noisy.halves.mean(axis=1) - noisy.truth) ** 2)


def test_what_a_study_sees_varies_no_more_than_the_halves_say() -> None:
    """Few worlds and much noise: the halves may contradict each other, and no more is made of them.

    Of one statistic the variance is that between halves, or 0 where it is negative.
    """
    for seed in range(20):
        bank = made_up_bank(2, seed=seed, each=8)
        other_people = bank.truth[:, None] + np.random.default_rng(seed).normal(0, 0.4, bank.halves.shape)
        study = replace(bank.study("n", 0.2), means=other_people[:, :, None])
        found = true_means(bank.draws, bank.halves[:, :, None], study)[:, 0]
        for index in range(6):
            chosen = bank.draws.rival == index
            between = np.cov(other_people[chosen].T, bias=True)[0, 1]
            assert np.var(found[chosen]) == pytest.approx(max(between, 0.0), rel=1e-6, abs=1e-12)
