"""The same numbers for the same seed: on any number of threads, and whatever other candidates there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.information import Bank, made_up_bank, treat_above
from calor.decision.information.draws import Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.following import next_after
from calor.decision.information.partial import evppi_by_group
from calor.decision.information.preposterior import preposterior
from calor.decision.information.resampling import Resamples, resample
from calor.decision.information.rivals import rival_probability
from calor.decision.information.sample import evsi
from calor.decision.information.shares import share_of_variance
from calor.decision.information.widths import expected_width


@pytest.fixture(scope="module")
def bank() -> Bank:
    return made_up_bank(20, seed=1, each=100)


@pytest.fixture(scope="module")
def resamples(bank) -> Resamples:
    return resample(bank.draws, seed=1, count=50)


@pytest.fixture(scope="module")
def studies(bank) -> list[Study]:
    return [bank.study(f"n {index}", 0.1 * 1.3**index) for index in range(6)]


def figures(bank: Bank, study: Study, resamples: Resamples) -> list[Estimate]:
    after = preposterior(bank.draws, study, seed=1)
    return [
        share_of_variance(bank.draws, study, resamples),
        evsi(bank.draws, treat_above(bank.draws, 0.3), study, resamples),
        rival_probability(bank.draws, after, resamples),
        expected_width(bank.draws, after, resamples),
    ]


def test_any_number_of_workers_gives_the_same_bits(bank, studies, resamples) -> None:
    alone = [figures(bank, study, resamples) for study in studies]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda study: figures(bank, study, resamples), reversed(studies)))[::-1]
    assert alone == together
    for one, other in zip(alone, together, strict=True):
        for first, second in zip(one, other, strict=True):
            assert np.array_equal(first.resampled, second.resampled)


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_linear_algebra_change_nothing(bank, studies, resamples, threads) -> None:
    with threadpool_limits(threads, user_api="blas"):
        found = figures(bank, studies[2], resamples)
        plan = next_after(bank.draws, studies[3], studies[:2], resamples, seed=1)
        known = evppi_by_group(
            bank.draws, treat_above(bank.draws, 0.3), {"p": ["potency"]}, resamples, seed=1
        )
    assert found == figures(bank, studies[2], resamples)
    assert plan == next_after(bank.draws, studies[3], studies[:2], resamples, seed=1)
    assert known == evppi_by_group(
        bank.draws, treat_above(bank.draws, 0.3), {"p": ["potency"]}, resamples, seed=1
    )


def test_another_seed_gives_other_results(bank, studies) -> None:
    one, other = (preposterior(bank.draws, studies[0], seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.weights, other.weights)


def test_adding_a_candidate_changes_no_other(bank, studies, resamples) -> None:
    few, many = (
        [share_of_variance(bank.draws, study, resamples) for study in some] for some in (studies[:3], studies)
    )
    assert many[:3] == few
    short = next_after(bank.draws, studies[0], studies[1:3], resamples, seed=1)
    long = next_after(bank.draws, studies[0], studies[1:], resamples, seed=1)
    for one, other in zip(short.branches, long.branches, strict=True):
        assert one.shares == other.shares[:2]


def test_resamples_keep_the_rivals_weights_and_do_not_depend_on_their_number(bank) -> None:
    few, many = (resample(bank.draws, seed=1, count=count) for count in (10, 30))
    assert np.array_equal(few.weights, many.weights[:10])
    for index in range(6):
        of_rival = many.weights[:, bank.draws.rival == index].sum(axis=1)
        assert of_rival == pytest.approx(np.full(30, 1 / 6))
    assert many.weights.mean(axis=0) == pytest.approx(bank.draws.weights, rel=0.9)
    # Of n worlds drawn with replacement about exp(-1) are left out.
    assert np.mean(many.weights == 0) == pytest.approx(np.exp(-1), abs=0.01)
