"""The win ratio against pairs counted by hand, a closed form, and the spread of simulated estimates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.core.errors import InputError
from calor.trial.analysis import Contrast, Direction, Estimability
from calor.trial.analysis.win_ratio import HierarchicalData, Level, WinRatio

CONTRAST = Contrast(direction=Direction.GREATER)
INF = np.inf


def two_arms(active: list[float], control: list[float]) -> np.ndarray:
    return np.array([[*active, *control]])


def test_pairs_counted_by_hand() -> None:
    """Rescue decides first, where both were still seen; else the change, alike up to 1.

    Active: a has no rescue and gains 3; b takes rescue on day 10 and gains 5; c leaves on day 5, no gain.
    Control: d takes rescue on day 20, gains 0; e has none and gains 2.5.
    a-d: d had rescue, a none: won. a-e: 3 and 2.5 are alike: tie. b-d: b was first: lost. b-e: lost.
    c-d: c was not seen until day 20, and its gain is missing: tie. c-e: tie. So 1 won and 2 lost.
    """
    rescue = two_arms([INF, 10.0, INF], [20.0, INF])
    seen = two_arms([28.0, 28.0, 5.0], [28.0, 28.0])
    gain = two_arms([3.0, 5.0, np.nan], [0.0, 2.5])
    data = HierarchicalData((Level(rescue, seen_until=seen), Level(gain, 1.0)), np.array([[1, 1, 1, 0, 0]]))
    found = WinRatio().estimate(data, CONTRAST)
    assert found.effect[0] == pytest.approx(np.log(1 / 2))
    # W = 1/6, L = 1/3; gains of a, b, c: 3, -3, 0; of d, e: 2 - 1 and 0 - 1.
    assert found.standard_error[0] == pytest.approx(np.sqrt(18 / 2 / 3 + 2 / 1 / 2))


def test_what_matters_most_decides_alone() -> None:
    first = Level(two_arms([1.0, 1.0, 0.0], [0.0, 0.0, 1.0]))
    second = Level(two_arms([2.0, 2.0, 9.0], [10.0, 8.0, 1.0]))
    arm = np.array([[1, 1, 1, 0, 0, 0]])
    both = WinRatio().estimate(HierarchicalData((first, second), arm), CONTRAST)
    # On the first level 4 of 9 pairs are won and 1 is lost; of the 4 left the second wins 3 and loses 1.
    assert both.effect[0] == pytest.approx(np.log(7 / 2))
    alone = WinRatio().estimate(HierarchicalData((first,), arm), CONTRAST)
    assert alone.effect[0] == pytest.approx(np.log(4 / 1))


def normal_data(shift: float, n: int, n_replicates: int, seed: int, tie: float = 0.0) -> HierarchicalData:
    generator = np.random.default_rng(seed)
    arm = np.tile(np.repeat([1, 0], n), (n_replicates, 1))
    values = generator.normal(shift * arm, 1.0)
    return HierarchicalData((Level(values, tie),), arm)


@pytest.mark.parametrize("tie", [0.0, 0.5])
def test_of_normal_outcomes_it_is_the_ratio_of_two_normal_probabilities(tie: float) -> None:
    """The difference of two is N(shift, 2): W = Φ((shift - tie)/√2), L = Φ((-shift - tie)/√2)."""
    found = WinRatio().estimate(normal_data(0.4, 60, 600, 1, tie), CONTRAST)
    expected = np.log(norm.cdf((0.4 - tie) / np.sqrt(2)) / norm.cdf((-0.4 - tie) / np.sqrt(2)))
    error = found.effect.std(ddof=1) / np.sqrt(600)
    assert found.effect.mean() == pytest.approx(expected, abs=4 * error + 0.01)


def test_the_error_is_the_spread_of_estimates_and_the_level_holds() -> None:
    found = WinRatio().estimate(normal_data(0.0, 50, 2000, 2), CONTRAST)
    assert np.sqrt((found.standard_error**2).mean()) == pytest.approx(found.effect.std(ddof=1), rel=0.05)
    level = (found.p_value_one_sided <= 0.025).mean()
    assert level <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 2000)
    covered = (found.lower <= 0) & (found.upper >= 0)
    assert covered.mean() >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_exchanged_arms_change_the_sign_alone() -> None:
    data = normal_data(0.3, 20, 5, 3)
    there = WinRatio().estimate(data, CONTRAST)
    back = WinRatio().estimate(HierarchicalData(data.levels, 1 - data.arm), CONTRAST)
    np.testing.assert_allclose(back.effect, -there.effect)
    np.testing.assert_allclose(back.standard_error, there.standard_error)


def test_without_a_win_or_a_loss_there_is_no_estimate() -> None:
    data = HierarchicalData((Level(two_arms([5.0, 6.0], [1.0, 2.0])),), np.array([[1, 1, 0, 0]]))
    found = WinRatio().estimate(data, CONTRAST)
    assert found.estimability[0] == Estimability.TOO_FEW
    assert found.p_value_one_sided[0] == 1.0


def test_places_that_nobody_fills_do_not_count() -> None:
    whole = normal_data(0.3, 20, 3, 5)
    values = np.pad(whole.levels[0].values, ((0, 0), (0, 4)), constant_values=9.0)
    arm = np.pad(whole.arm, ((0, 0), (0, 4)), constant_values=-1)
    padded = WinRatio().estimate(HierarchicalData((Level(values),), arm), CONTRAST)
    np.testing.assert_allclose(padded.effect, WinRatio().estimate(whole, CONTRAST).effect)


def test_levels_that_do_not_fit_are_said() -> None:
    with pytest.raises(InputError, match="levels"):
        HierarchicalData((), np.array([[1, 0]]))
    with pytest.raises(InputError, match="levels"):
        HierarchicalData((Level(np.zeros((1, 3))),), np.array([[1, 0]]))
