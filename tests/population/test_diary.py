"""The diary scatters as published, starts where screening ended, and stays on its scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtri

from calor.core.arrays import Numbers
from calor.core.streams import Stream, Words
from calor.population.diary import (
    DiaryHabits,
    blinded_change,
    mean_of_filled,
    ratings,
    ratings_in_trial,
    slow_fluctuation,
)

STREAM = Stream(5).child("diary")
N = 20_000


def habits(
    n: int, *, noise: float = 1.2, missing: float = 0.0, slow: float = 0.0, time: float = 30.0
) -> DiaryHabits:
    return DiaryHabits(
        *(np.full(n, value) for value in (noise, missing, slow, time, -1.0, 3.0))
    )  # fmt: skip


def test_a_single_day_has_the_published_reliability() -> None:
    # F01: a reliability of 0.65 of one day when single days have a total SD of 2.
    level = 5.0 + np.sqrt(2.0**2 - 1.2**2) * STREAM.child("level").normals(N, 1)
    two_days = ratings(habits(N), np.repeat(level, 2, axis=1), STREAM, np.arange(N))
    assert np.corrcoef(two_days[:, 0], two_days[:, 1])[0, 1] == pytest.approx(0.65, abs=0.03)


def test_the_slow_fluctuation_is_stationary_with_its_correlation_time() -> None:
    path = slow_fluctuation(habits(N, slow=1.5, time=10.0), STREAM.child("slow").normals(N, 21))
    assert path[:, 0].std() == pytest.approx(1.5, rel=0.03)
    assert path[:, 20].std() == pytest.approx(1.5, rel=0.03)
    assert np.corrcoef(path[:, 0], path[:, 10])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.03)


def test_the_slow_fluctuation_goes_on_from_screening() -> None:
    scores = np.zeros((1, 3))
    path = slow_fluctuation(habits(1, slow=1.0, time=10.0), scores, before=np.array([2.0]))
    assert path[0] == pytest.approx(2.0 * np.exp(-np.arange(1, 4) / 10.0))


def test_selection_on_a_noisy_diary_regresses_to_the_mean() -> None:
    slow = slow_fluctuation(habits(N, slow=1.0), STREAM.child("slow").normals(N, 60))
    level = 4.0 + slow
    diary = ratings(habits(N, slow=1.0), level, STREAM, np.arange(N))
    run_in = mean_of_filled(diary[:, :7])
    chosen = run_in >= 5
    later = mean_of_filled(diary[:, 50:])
    assert run_in[chosen].mean() - later[chosen].mean() > 0.8
    assert later.mean() == pytest.approx(4.0, abs=0.05)


def test_blinded_treatment_changes_nothing_before_the_first_dose_and_settles_after_it() -> None:
    change = blinded_change(habits(1), np.array([-3.0, 0.0, 3.0, 60.0]))[0]
    assert change == pytest.approx([0.0, 0.0, -(1 - np.exp(-1)), -1.0], abs=1e-6)


def test_the_share_of_missed_days_is_as_asked() -> None:
    diary = ratings(habits(N, missing=0.2), np.full((N, 5), 5.0), STREAM, np.arange(N))
    assert np.isnan(diary).mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / (5 * N)))


@given(level=st.floats(-50, 50), noise=st.floats(0.01, 5), missing=st.floats(0, 0.9))
def test_ratings_are_whole_numbers_on_the_scale(level: float, noise: float, missing: float) -> None:
    written = ratings(habits(8, noise=noise, missing=missing), np.full((8, 3), level), STREAM, np.arange(8))
    filled = written[np.isfinite(written)]
    assert np.all((filled >= 0) & (filled <= 10) & (filled == np.round(filled)))


def test_the_mean_uses_filled_days_and_is_missing_without_any() -> None:
    diary = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    means = mean_of_filled(diary)
    assert means[0] == 2.0
    assert np.isnan(means[1])


def test_ratings_in_a_trial_follow_the_same_law_as_slow_fluctuation_and_day_noise() -> None:
    people, days = 40_000, np.array([2, 3, 9])
    same = DiaryHabits(*(np.full(people, value) for value in (1.2, 0.1, 1.0, 10.0, 0.0, 3.0)))
    before = np.full(people, 0.8)
    words = Stream(5).words(people, days)
    # A level far from the ends and in hundredths: rounding adds a variance of 1/12 and no shift.
    written = ratings_in_trial(same, np.full((people, 3), 5.0), days, before, words)
    assert np.isnan(written).mean() == pytest.approx(0.1, abs=3 * np.sqrt(0.09 / (3 * people)))
    complete = written[~np.isnan(written).any(axis=1)]
    expected = 5.0 + 0.8 * np.exp(-days / 10.0)
    error = 3 * complete.std(axis=0) / np.sqrt(len(complete))
    assert np.all(np.abs(complete.mean(axis=0) - expected) < error)
    decay = np.exp(-np.abs(days[:, None] - days[None, :]) / 10.0)
    covariance = decay - np.exp(-(days[:, None] + days[None, :]) / 10.0) + np.eye(3) * (1.44 + 1 / 12)
    assert np.allclose(np.cov(complete.T), covariance, atol=0.05)


def test_a_rating_in_a_trial_does_not_depend_on_the_other_days_asked_for() -> None:
    same = DiaryHabits(*(np.full(5, value) for value in (1.2, 0.1, 0.0, 10.0, 0.0, 3.0)))
    some, all_days = np.array([4, 6]), np.arange(1, 9)
    stream, rows = Stream(5), np.arange(5)
    few = ratings_in_trial(same, np.full((5, 2), 5.0), some, np.zeros(5), stream.words(rows, some))
    many = ratings_in_trial(same, np.full((5, 8), 5.0), all_days, np.zeros(5), stream.words(rows, all_days))
    assert np.array_equal(few, many[:, some - 1], equal_nan=True)


def _in_numpy(
    people: DiaryHabits, level: Numbers, days: NDArray[np.int64], slow: Numbers, words: Words
) -> Numbers:
    """The law of `ratings_in_trial`, day by day in NumPy with SciPy's quantile."""
    mean, variance, rows = slow.copy(), np.zeros(len(slow)), []
    for day, gap in enumerate(np.diff(days, prepend=0).tolist()):
        keep = np.exp(-gap / people.slow_time)
        mean = mean * keep
        variance = variance * keep**2 + people.slow_sd**2 * (1.0 - keep**2)
        total = variance + people.day_noise**2
        gain = np.divide(variance, total, out=np.zeros_like(total), where=total > 0)
        high, low = words[:, day] >> np.uint64(32), words[:, day] & np.uint64(2**32 - 1)
        deviation = ndtri((high.astype(float) + 0.5) * 2.0**-32) * np.sqrt(total)
        written = np.rint(np.clip(deviation + mean + level[:, day], 0.0, 10.0))
        mean, variance = mean + gain * deviation, variance - gain * variance
        rows.append(np.where(low.astype(float) * 2.0**-32 < people.missing_share, np.nan, written))
    return np.array(rows).T


@pytest.mark.parametrize("n", [1, 4, 7, 1001])
def test_machine_code_writes_the_diary_of_numpy_bit_for_bit(n: int) -> None:
    chance = np.random.default_rng(n)
    people = DiaryHabits(
        day_noise=chance.uniform(0.0, 2.0, n) * (np.arange(n) % 3 > 0),
        missing_share=chance.uniform(0.0, 0.4, n),
        slow_sd=chance.uniform(0.0, 1.5, n) * (np.arange(n) % 2 > 0),
        slow_time=chance.uniform(2.0, 60.0, n),
        blinded_shift=np.zeros(n),
        blinded_time=np.ones(n),
    )
    days = np.array([3, 4, 5, 9, 10, 30])
    level = chance.uniform(-0.5, 10.5, (n, 12)).astype(np.float32)[
        :, ::2
    ]  # no row of its own, single precision
    slow = chance.normal(size=n)
    words = chance.integers(0, 2**64, (n, len(days)), dtype=np.uint64)
    words[0, :2] = 0, 2**64 - 1  # the furthest ends of the quantile
    found = ratings_in_trial(people, level, days, slow, words)
    assert np.array_equal(found, _in_numpy(people, level, days, slow, words), equal_nan=True)
    nobody = ratings_in_trial(people.take(np.arange(0)), level[:0], days, slow[:0], words[:0])
    assert nobody.shape == (0, len(days))
