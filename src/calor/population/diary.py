"""The pain diary: what a person writes down each day, which is not the true level.

rating(d) = round(clip(level(d) + slow(d) + blinded(d) + day noise, 0, 10)), or nothing on a missed day.

The slow fluctuation is an Ornstein-Uhlenbeck process. The value it has on the last screening day goes on
into the trial, so that regression to the mean after selection on a diary happens by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream, Words
from calor.population import diary_code
from calor.population.patients import Identifiers

LOWEST, HIGHEST = 0.0, 10.0


@dataclass(frozen=True)
class DiaryHabits:
    """How some people's diaries scatter; every array is (n,).

    Arguments: SD of a day's rating, share of missed days, SD and correlation time (days) of the slow
    fluctuation, change of reported pain by blinded treatment and the time it takes (days).
    """

    day_noise: Numbers
    missing_share: Numbers
    slow_sd: Numbers
    slow_time: Numbers
    blinded_shift: Numbers
    blinded_time: Numbers

    @classmethod
    def of(cls, values: Mapping[str, Numbers]) -> DiaryHabits:
        """Return the habits that measurement parameters describe."""
        return cls(
            values["diary_day_noise"],
            values["diary_missing_share"],
            values["slow_fluctuation_sd"],
            values["slow_fluctuation_time"],
            values["placebo_shift"],
            values["placebo_onset_time"],
        )

    def take(self, rows: NDArray[np.int64]) -> DiaryHabits:
        """Return the habits of some people, by position."""
        return DiaryHabits(
            self.day_noise[rows],
            self.missing_share[rows],
            self.slow_sd[rows],
            self.slow_time[rows],
            self.blinded_shift[rows],
            self.blinded_time[rows],
        )


def slow_fluctuation(habits: DiaryHabits, scores: Numbers, before: Numbers | None = None) -> Numbers:
    """Return the slow fluctuation on consecutive days.

    x(d+1) = a x(d) + s sqrt(1 - a^2) z with a = exp(-1/tau): exact for daily steps.

    Arguments: habits (n,), standard normal scores (n, n_days), and the value on the day before the first
    (n,); without it the first day has the stationary distribution. Returns (n, n_days), in NRS points.
    """
    keep = np.exp(-1.0 / habits.slow_time)
    fresh = habits.slow_sd * np.sqrt(1.0 - keep**2)
    path = np.empty_like(scores)
    path[:, 0] = habits.slow_sd * scores[:, 0] if before is None else keep * before + fresh * scores[:, 0]
    for day in range(1, scores.shape[1]):
        path[:, day] = keep * path[:, day - 1] + fresh * scores[:, day]
    return path


def blinded_change(habits: DiaryHabits, days_since_first_dose: Numbers) -> Numbers:
    """Return the change of reported pain by blinded treatment as such, (n, n_days), in NRS points.

    shift (1 - exp(-t / tau)) from the first dose on; the same in every blinded arm.
    """
    elapsed = np.maximum(days_since_first_dose, 0.0)[None, :]
    return np.asarray(habits.blinded_shift[:, None] * (1.0 - np.exp(-elapsed / habits.blinded_time[:, None])))


def ratings(habits: DiaryHabits, level: Numbers, stream: Stream, identifiers: Identifiers) -> Numbers:
    """Return the ratings that people write down for a level, NaN on missed days.

    Arguments: habits (n,), the level with its slow fluctuation (n, n_days), the stream of this diary and the
    numbers that key its rows (n,). Returns whole numbers from 0 to 10, (n, n_days).
    """
    n_days = level.shape[1]
    noise = habits.day_noise[:, None] * stream.child("day noise").normals(identifiers, n_days)
    written = np.round(np.clip(level + noise, LOWEST, HIGHEST))
    missed = stream.child("missed").uniforms(identifiers, n_days) < habits.missing_share[:, None]
    return np.where(missed, np.nan, written)


def ratings_in_trial(
    habits: DiaryHabits, level: Numbers, days: NDArray[np.int64], slow_before: Numbers, words: Words
) -> Numbers:
    """Return the ratings that people write down on some study days, NaN on missed days.

    The sum of the slow fluctuation and the day noise is drawn day by day from its own law given the days
    before: with prediction m and variance P of the slow part, v = P + noise^2, the day's deviation is
    m + sqrt(v) z and then m += P / v (deviation - m), P -= P^2 / v. That is exact, and takes one score a day.

    Arguments: habits (n,); the level without fluctuation (n, n_days); study days (n_days,), increasing, day 1
    being the day after the last run-in day; the slow fluctuation on that last day (n,); random words
    (n, n_days), whose upper half gives the score and whose lower half the missed days.
    Source: Kalman (1960), J Basic Eng 82:35-45 (the innovations form).
    """
    gaps = np.diff(days, prepend=0)
    kinds, gap_of_day = np.unique(gaps, return_inverse=True)
    keep = np.array([np.exp(-gap / habits.slow_time) for gap in kinds.tolist()]).reshape(
        len(kinds), len(level)
    )
    fresh = habits.slow_sd**2 * (1.0 - keep**2)
    return diary_code.ratings(
        words, level, gap_of_day, keep, fresh, slow_before, habits.day_noise**2, habits.missing_share
    )


def written_window(
    habits: DiaryHabits,
    level: Numbers,
    days: NDArray[np.int64],
    slow_before: Numbers,
    stream: Stream,
    identifiers: Identifiers,
) -> Numbers:
    """Return the mean of the ratings that people write down on some study days, (n,).

    Arguments: as for `ratings_in_trial`; the stream of this diary and the numbers that key its rows (n,).
    """
    words = stream.child("diary").words(identifiers, days - 1)
    return mean_of_filled(ratings_in_trial(habits, level, days, slow_before, words))


def mean_of_filled(diary: Numbers) -> Numbers:
    """Return the mean of the days that were filled in, NaN where none was; (..., n_days) -> (...)."""
    filled = np.isfinite(diary)
    count = filled.sum(axis=-1)
    total = np.where(filled, diary, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
