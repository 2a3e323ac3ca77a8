"""Scores of a forecast against closed forms of the normal distribution, and their invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import norm

from calor.trial.forecast.scores import Forecast, Shares, jackknife_error, overlap

N = 20_000


def normal(mean: float = 0.0, sd: float = 1.0, n: int = N, *, is_size: bool = False) -> Forecast:
    values = mean + sd * norm.ppf((np.arange(n) + 0.5) / n)
    return Forecast(
        np.abs(values) if is_size else values,
        np.full(n, 1 / n),
        np.arange(n) % 40,
        (0.0, 10.0) if is_size else (-10.0, 10.0),
        is_size,
    )


@pytest.mark.parametrize("published", [-1.5, 0.0, 0.8, 2.0])
def test_the_log_score_of_a_normal_forecast_is_its_log_density(published: float) -> None:
    assert normal(0.2, 0.7).log_score(published) == pytest.approx(norm.logpdf(published, 0.2, 0.7), abs=0.05)


def test_a_size_has_the_density_of_both_signs() -> None:
    found = normal(0.3, 0.8, is_size=True).log_score(0.5)
    assert found == pytest.approx(np.log(norm.pdf(0.5, 0.3, 0.8) + norm.pdf(-0.5, 0.3, 0.8)), abs=0.05)


def test_a_density_integrates_to_one_also_on_a_scale_of_sizes() -> None:
    grid = np.linspace(0, 8, 2001)
    assert np.trapezoid(normal(0.0, 1.0, 2000, is_size=True).density(grid), grid) == pytest.approx(
        1, abs=1e-3
    )


def test_what_no_trial_showed_is_worth_one_trial_spread_over_the_scale() -> None:
    assert normal(0.0, 0.1, 500).log_score(9.0) == pytest.approx(np.log(1 / 20 / 501), rel=1e-6)


def test_the_interval_of_a_normal_forecast() -> None:
    assert normal(1.0, 2.0).interval.pair() == pytest.approx([1 - 1.96 * 2, 1 + 1.96 * 2], abs=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 3.0])
def test_the_overlap_of_two_normal_forecasts(shift: float) -> None:
    # 2 Phi(-d / 2), Inman and Bradley 1989
    assert overlap(normal(n=2000), normal(shift, n=2000)) == pytest.approx(2 * norm.cdf(-shift / 2), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(some.floats(0.1, 50.0), some.integers(5, 200))
def test_only_relative_weights_matter(factor: float, n: int) -> None:
    one = normal(n=n)
    other = Forecast(one.values, factor * one.weights, one.worlds, one.limits)
    assert other.log_score(0.4) == pytest.approx(one.log_score(0.4))
    assert other.mean == pytest.approx(one.mean)
    assert overlap(one, other) == pytest.approx(1, abs=1e-6)


def test_a_share_of_one_does_not_make_the_density_infinite() -> None:
    ones = Forecast(np.ones(50), np.full(50, 0.02), np.arange(50), (0.0, 1.0), narrowest=0.02)
    assert ones.log_score(1.0) == pytest.approx(norm.logpdf(0, 0, 0.02), abs=0.05)


def test_the_share_of_trials_with_a_direction_and_its_log_score() -> None:
    shown = np.arange(1000) < 900
    shares = Shares(shown, np.full(1000, 1e-3), np.arange(1000) % 10)
    assert shares.probability == pytest.approx(0.9)
    assert shares.log_score == pytest.approx(np.log(0.9), abs=1e-3)
    never = Shares(np.zeros(1000, dtype=bool), shares.weights, shares.worlds)
    assert never.log_score == pytest.approx(np.log(0.5 / 1001))


def test_the_jackknife_error_of_a_mean_is_that_of_the_worlds_means() -> None:
    generator = np.random.default_rng(3)
    worlds = np.repeat(np.arange(20), 30)
    values = generator.normal(size=600) + generator.normal(size=20)[worlds]
    forecast = Forecast(values, np.ones(600), worlds, (-10.0, 10.0))
    means = [values[worlds == world].mean() for world in range(20)]
    error = jackknife_error(
        worlds, lambda world: (forecast if world is None else forecast.without_world(world)).mean
    )
    assert error == pytest.approx(np.std(means, ddof=1) / np.sqrt(20))
    assert jackknife_error(np.zeros(5, dtype=np.int64), lambda _: 0.0) == float("inf")
