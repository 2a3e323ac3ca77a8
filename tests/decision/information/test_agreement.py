"""Regression, reweighting and nested Monte Carlo agree within three errors; the figures keep their laws."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import numpy as np
import pytest

from benchmarks.information import Bank, made_up_bank, nested_monte_carlo, treat_above
from calor.decision.information.draws import together
from calor.decision.information.order import check_order
from calor.decision.information.partial import evppi
from calor.decision.information.perfect import evpi
from calor.decision.information.preposterior import preposterior
from calor.decision.information.regression import share_by_regression
from calor.decision.information.resampling import resample
from calor.decision.information.reweighting import evsi_by_reweighting, share_by_reweighting
from calor.decision.information.rivals import prior_probability, rival_probability
from calor.decision.information.sample import evsi
from calor.decision.information.settling import Rule, decisive, settled_now
from calor.decision.information.shares import share_of_variance
from calor.decision.information.widths import expected_width, prior_width, weighted_quantiles


@pytest.fixture(scope="module")
def bank() -> Bank:
    return made_up_bank(20, seed=1)


@pytest.mark.parametrize("deviation", [0.2, 0.5])
def test_three_ways_to_the_same_figures(bank, deviation) -> None:
    draws, decision = bank.draws, treat_above(bank.draws, 0.3)
    study, resamples = bank.study("n", deviation), resample(bank.draws, seed=1, count=200)
    nested = nested_monte_carlo(draws, decision, study, outer=400, inner=400, seed=1)
    after = preposterior(draws, study, seed=1)
    shares = (
        share_by_reweighting(draws, after, resamples),
        share_by_regression(draws, study, resamples, seed=1),
    )
    for share in shares:
        assert abs(share.value - nested.share[0]) < 3 * hypot(share.error, nested.share[1])
    for worth in (
        evsi(draws, decision, study, resamples),
        evsi_by_reweighting(draws, decision, after, resamples),
    ):
        assert abs(worth.value - nested.evsi[0]) < 3 * hypot(worth.error, nested.evsi[1])
    rival = rival_probability(draws, after, resamples)
    assert abs(rival.value - nested.rival[0]) < 3 * hypot(rival.error, nested.rival[1])
    # A linear reading of a skewed quantity is worth no more than what the result says.
    assert share_of_variance(draws, study, resamples).value < shares[0].value + 3 * shares[0].error


@pytest.mark.parametrize("deviation", [0.05, 0.2, 1.0, 20.0])
@pytest.mark.parametrize("threshold", [0.2, 0.4])
def test_the_order_holds(bank, deviation, threshold) -> None:
    draws, decision = bank.draws, treat_above(bank.draws, threshold)
    resamples = resample(draws, seed=1, count=50)
    sample = evsi(draws, decision, bank.study("n", deviation), resamples)
    partial = evppi(draws, decision, ["potency"], resamples, seed=1)
    perfect = evpi(draws, decision, resamples)
    assert 0.0 <= sample.value <= perfect.value
    assert partial.value <= perfect.value
    check_order(sample, perfect, partial)


def test_a_study_without_end_teaches_all_and_one_without_patients_nothing(bank) -> None:
    draws, decision = bank.draws, treat_above(bank.draws, 0.3)
    resamples = resample(draws, seed=1, count=20)
    endless, empty = bank.study("endless", 1e-6), bank.study("empty", 1e3)
    assert share_of_variance(draws, endless, resamples).value == pytest.approx(1.0, abs=1e-6)
    assert evsi(draws, decision, endless, resamples).value == pytest.approx(
        evpi(draws, decision, resamples).value, rel=0.01
    )
    assert share_of_variance(draws, empty, resamples).value < 1e-4
    assert evsi(draws, decision, empty, resamples).value == pytest.approx(0.0, abs=1e-9)
    after = preposterior(draws, empty, seed=1)
    assert rival_probability(draws, after, resamples).value == pytest.approx(1 / 6, abs=1e-4)
    assert expected_width(draws, after, resamples).value == pytest.approx(prior_width(draws), rel=0.01)
    settled = decisive(draws, after, Rule(0.1, certainty=0.7), resamples)
    assert settled.favour.value == (1.0 if settled_now(draws, Rule(0.1)) >= 0.7 else 0.0)


def test_groups_of_rivals(bank) -> None:
    """A group is known at least as well as its rivals; one group of all is known for certain."""
    resamples = resample(bank.draws, seed=1, count=20)
    after = preposterior(bank.draws, bank.study("n", 0.1), seed=1)
    antibody = {name: name.split("-")[1] for name in bank.draws.rivals}
    one, grouped = (
        rival_probability(bank.draws, after, resamples),
        rival_probability(bank.draws, after, resamples, antibody),
    )
    assert prior_probability(bank.draws) == pytest.approx(1 / 6)
    assert prior_probability(bank.draws, antibody) == pytest.approx(1 / 3)
    assert grouped.value > max(one.value, 1 / 3)
    all_in_one = rival_probability(bank.draws, after, resamples, dict.fromkeys(bank.draws.rivals, "any"))
    assert (all_in_one.value, all_in_one.error) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))
    with pytest.raises(ValueError, match="rivals without a group: central-igm"):
        rival_probability(bank.draws, after, resamples, {"central-igg": "igg"})


def test_intervals_after_a_result_cover_the_truth(bank) -> None:
    """Of results from all worlds, each world left out of its own, 90 % intervals hold 90 % of the truths."""
    after = preposterior(bank.draws, bank.study("n", 0.2), seed=3)
    low, high = weighted_quantiles(bank.truth, after.weights, np.array([0.05, 0.95])).T
    truth = bank.truth[after.source]
    covered = after.importance @ ((low <= truth) & (truth <= high))
    # 1,000 results: the error of the coverage is 0.01.
    assert covered == pytest.approx(0.9, abs=0.03)


def test_a_second_reading_teaches_more_and_less_than_twice(bank) -> None:
    resamples = resample(bank.draws, seed=1, count=20)
    study = bank.study("n", 0.4)
    one = share_of_variance(bank.draws, study, resamples).value
    two = share_of_variance(bank.draws, together(study, study), resamples).value
    double = share_of_variance(bank.draws, study.of_size(2), resamples).value
    assert one < two < 2 * one
    assert two == pytest.approx(double, abs=0.005)


def test_unequal_weights_are_copies(bank) -> None:
    """A world of weight 2 is two worlds: every figure that compares no world with itself is the same."""
    draws = bank.draws
    twice = np.concatenate([np.arange(draws.worlds), np.arange(0, draws.worlds, 3)])
    copied = replace(
        draws,
        quantity=draws.quantity[twice],
        rival=draws.rival[twice],
        weights=np.full(len(twice), 1 / len(twice)),
        scores=draws.scores[twice],
    )
    weighted = draws.weighted(np.bincount(twice).astype(float))
    study = bank.study("n", 0.2)
    study_copied = replace(study, means=study.means[twice], sampling=study.sampling[twice])
    for one, other in ((weighted, study), (copied, study_copied)):
        resamples = resample(one, seed=1, count=2)
        decision = treat_above(one, 0.3)
        found = (
            share_of_variance(one, other, resamples).raw,
            evpi(one, decision, resamples).raw,
            evsi(one, decision, other, resamples).raw,
        )
        if one is weighted:
            expected = found
    assert found == pytest.approx(expected, rel=2e-3)
    assert found[:2] == pytest.approx(expected[:2], rel=1e-9)
