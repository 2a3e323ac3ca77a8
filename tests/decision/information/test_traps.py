"""The traps of the value of information, one test each: what a naive estimator gets wrong and calor does not.

Trap 4 (in-sample forests) stands in `test_chemotherapy.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.information import RIVALS, Bank, made_up_bank, treat_above
from calor.core.errors import CalorError, UnsupportedError
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.likelihood import log_likelihood, posterior_weights
from calor.decision.information.order import check_order
from calor.decision.information.partial import share_by_group
from calor.decision.information.perfect import evpi
from calor.decision.information.preposterior import preposterior
from calor.decision.information.resampling import resample
from calor.decision.information.rivals import rival_probability
from calor.decision.information.shares import share_of_variance
from calor.decision.information.updating import observe


@pytest.fixture(scope="module")
def bank() -> Bank:
    return made_up_bank(20, seed=1)


def naive(draws: Draws) -> Draws:
    """The draws with both halves of the people taken together, so that their noise passes for signal."""
    return replace(draws, quantity=np.repeat(draws.quantity.mean(axis=1, keepdims=True), 2, axis=1))


def naive_study(study: Study) -> Study:
    return replace(study, means=np.repeat(study.means.mean(axis=1, keepdims=True), 2, axis=1))


def test_trap_1_noise_of_the_bank_is_not_information(bank) -> None:
    """Few people who scatter much: a study of the same people looks better than a sharper one of others.

    The truth is Var(q) / (Var(q) + v) for both, with v = 0.6 and 0.4 times Var(q).
    """
    noisy = made_up_bank(2, seed=1)
    variance = float(np.var(noisy.truth))
    stream = np.random.default_rng(3)
    other_people = noisy.truth[:, None] + stream.normal(0, 0.4, noisy.halves.shape)
    same = noisy.study("same people", np.sqrt(0.6 * variance))
    others = replace(noisy.study("other people", np.sqrt(0.4 * variance)), means=other_people[:, :, None])
    resamples = resample(noisy.draws, seed=1, count=50)
    wrong = [
        share_of_variance(naive(noisy.draws), naive_study(one), resamples).value for one in (same, others)
    ]
    right = [share_of_variance(noisy.draws, one, resamples) for one in (same, others)]
    assert wrong[0] > wrong[1]
    assert right[0].value < right[1].value
    for found, expected in zip(right, (1 / 1.6, 1 / 1.4), strict=True):
        assert abs(found.value - expected) < 3 * found.error


def test_trap_1_perfect_information_is_not_inflated_either(bank) -> None:
    """EVPI of true effects; with one half deciding and the other valuing (too low); and of naive means."""
    resamples = resample(bank.draws, seed=1, count=2)
    truth = np.maximum(bank.truth - 0.3, 0).mean() - max(bank.truth.mean() - 0.3, 0)
    decision = treat_above(bank.draws, 0.3)
    deciding = np.argmax(decision.payoffs, axis=2)[:, ::-1]
    by_halves = np.take_along_axis(decision.payoffs, deciding[:, :, None], axis=2).mean()
    by_halves -= decision.payoffs.mean(axis=(0, 1)).max()
    inflated = evpi(naive(bank.draws), treat_above(naive(bank.draws), 0.3), resamples).value
    found = evpi(bank.draws, decision, resamples).value
    assert by_halves < 0.97 * truth < found < 1.015 * truth < inflated


@pytest.mark.parametrize("deviation", [0.1, 0.3])
def test_trap_1_banks_of_20_and_200_people_agree(bank, deviation) -> None:
    found = []
    for people in (20, 200):
        other = made_up_bank(people, seed=1)
        found.append(
            share_of_variance(
                other.draws, other.study("n", deviation), resample(other.draws, seed=1, count=2)
            )
        )
    assert found[0].value == pytest.approx(found[1].value, abs=0.02)


def test_trap_2_a_normal_law_a_world_stands_for_replicates(bank) -> None:
    """Results of 40 people whose outcomes are skewed (exponential): the same share as from the formula."""
    patients, sd = 40, 2.0
    study = bank.study("n = 40", sd / np.sqrt(patients))
    stream = np.random.default_rng(1)
    skewed = (stream.exponential(1.0, (len(bank.truth), 10, patients)).mean(axis=2) - 1) * sd
    results = bank.truth[:, None] + skewed
    correlation = np.corrcoef(np.repeat(bank.truth, 10), results.ravel())[0, 1]
    share = share_of_variance(bank.draws, study, resample(bank.draws, seed=1, count=100))
    assert share.value == pytest.approx(correlation**2, abs=0.01)
    tenth = share_of_variance(bank.draws, study.of_size(0.1), resample(bank.draws, seed=1, count=2))
    variance = np.var(bank.truth)
    assert tenth.value == pytest.approx(variance / (variance + sd**2 / 4), abs=0.01)


def test_trap_3_values_are_held_within_their_bounds_and_raw_ones_are_published() -> None:
    """Twelve worlds of two people: what is seen of others may seem to tell more than there is to know."""
    raws = []
    for seed in range(20):
        small = made_up_bank(2, seed=seed, each=2)
        other_people = small.truth[:, None] + np.random.default_rng(seed).normal(0, 0.4, small.halves.shape)
        others = replace(small.study("n", 0.05), means=other_people[:, :, None])
        share = share_of_variance(small.draws, others, resample(small.draws, seed=1, count=5))
        assert 0.0 <= share.value <= 1.0
        raws.append(share.raw)
    assert max(raws) > 1.0


def test_trap_3_an_order_that_is_broken_by_more_than_three_errors_is_an_error() -> None:
    def figure(raw: float, error: float = 0.1) -> Estimate:
        return Estimate.of(raw, raw + error * np.random.default_rng(int(abs(10 * raw))).normal(size=200), 0.0)

    check_order(figure(0.9), figure(1.2), figure(1.0))
    check_order(figure(1.4), figure(1.2))
    check_order(figure(-0.2), figure(1.2))
    with pytest.raises(CalorError, match=r"EVSI 2 is above EVPI 1 by more than 3 errors"):
        check_order(figure(2.0), figure(1.0))
    with pytest.raises(CalorError, match=r"EVPPI 2 is above EVPI 1"):
        check_order(figure(0.5), figure(1.0), figure(2.0))
    with pytest.raises(CalorError, match="below 0"):
        check_order(figure(-1.0), figure(1.0))


def test_trap_4_and_5_what_says_nothing_beyond_the_rival_is_worth_nothing_beyond_it(bank) -> None:
    """A bystander and a sign of the rival add nothing, and neither do ten parameters without meaning."""
    sign = bank.draws.rival + np.random.default_rng(1).normal(0, 0.01, bank.draws.worlds)
    meaningless = np.random.default_rng(2).normal(size=(bank.draws.worlds, 10))
    draws = replace(
        bank.draws,
        scores=np.column_stack([bank.draws.scores, sign, meaningless]),
        parameters=(*bank.draws.parameters, "sign", *(f"m{index}" for index in range(10))),
    )
    resamples = resample(draws, seed=1, count=100)
    groups = {
        "potency": ["potency"],
        "bystander": ["bystander"],
        "sign": ["sign"],
        "ten": draws.parameters[3:],
    }
    found = share_by_group(draws, groups, resamples, seed=1)
    means = np.array([bank.truth[draws.rival == index].mean() for index in range(len(RIVALS))])
    assert abs(found.rival.value - means.var() / bank.truth.var()) < 3 * found.rival.error
    increments = {one.name: one.increment for one in found.groups}
    assert increments["potency"].value == pytest.approx(1 - means.var() / bank.truth.var(), abs=0.06)
    for name in ("bystander", "sign", "ten"):
        assert 0.0 <= increments[name].value < 0.01


def test_trap_6_what_sees_the_same_in_every_world_teaches_exactly_nothing(bank) -> None:
    resamples = resample(bank.draws, seed=1, count=50)
    blind = replace(bank.study("blind", 0.2), means=np.full((bank.draws.worlds, 2, 1), 0.7))
    found = share_of_variance(bank.draws, blind, resamples)
    assert (found.value, found.error, found.raw) == (0.0, 0.0, 0.0)
    after = preposterior(bank.draws, blind, seed=1)
    assert rival_probability(bank.draws, after, resamples).value == pytest.approx(1 / 6, abs=1e-9)
    unrelated = np.random.default_rng(5).normal(0, 0.3, (bank.draws.worlds, 1, 1))
    noise = replace(bank.study("unrelated", 0.2), means=np.repeat(unrelated, 2, axis=1))
    assert share_of_variance(bank.draws, noise, resamples).value < 0.01


def test_trap_7_a_result_that_is_believed_already_would_be_told_twice(bank) -> None:
    """Once its result is in the posterior, the same study removes less: the past needs its own fit."""
    study = bank.study("known", 0.3)
    known = observe(bank.draws, study, np.array([0.2]))
    resamples = resample(bank.draws, seed=1, count=50)
    before = share_of_variance(bank.draws, study, resamples)
    after = share_of_variance(known.draws, study, resample(known.draws, seed=1, count=50))
    assert after.value < before.value - 3 * before.error


def test_trap_8_a_world_is_no_witness_of_its_own_result(bank) -> None:
    """A study so sharp that a result names its world: with it, the rival would be known for certain.

    Without it, a world says of its neighbours no more than where they lie.
    """
    sharp = bank.study("sharp", 1e-6)
    with_itself = posterior_weights(
        bank.draws, log_likelihood(bank.truth[:, None], sharp.sampling, bank.truth[:, None])
    )
    same = bank.draws.rival[:, None] == bank.draws.rival
    assert np.mean(np.sum(with_itself * same, axis=1)) > 0.9
    after = preposterior(bank.draws, sharp, seed=1)
    rows = np.arange(len(after.source))
    assert np.all(after.weights[rows, after.source] == 0.0)
    found = rival_probability(bank.draws, after, resample(bank.draws, seed=1, count=50))
    blurred = preposterior(bank.draws, bank.study("blurred", 0.02), seed=1)
    expected = rival_probability(bank.draws, blurred, resample(bank.draws, seed=1, count=50))
    assert abs(found.value - expected.value) < 0.04


def test_trap_8_too_few_effective_worlds_are_refused(bank) -> None:
    study = bank.study("sharp", 0.001)
    with pytest.raises(UnsupportedError, match="effective worlds of 2400"):
        observe(bank.draws, study, np.array([2.5]))
    assert observe(bank.draws, bank.study("n = 80", 0.2), np.array([0.3])).effective > 50
