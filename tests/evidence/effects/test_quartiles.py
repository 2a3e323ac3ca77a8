from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.evidence.effects import from_five_numbers, from_quartiles, from_range

EXPECTED_RANGE = {5: 2.326, 10: 3.078, 20: 3.735, 30: 4.086, 50: 4.498}
"""Expected range of n standard normal values, Wan et al. 2014 (doi:10.1186/1471-2288-14-135), table 1."""


@pytest.mark.parametrize(("n", "expected"), EXPECTED_RANGE.items())
def test_a_range_as_wide_as_expected_has_standard_deviation_one(n: int, expected: float) -> None:
    found = from_range(-expected / 2, 0.0, expected / 2, n)
    assert found.standard_deviation == pytest.approx(1.0, abs=0.015)  # Blom's approximation, worst at small n
    assert found.mean == 0.0


def test_equals_metablue_on_its_own_example() -> None:
    # R package metaBLUE, help page of Wan.std: X = (1, 4, 10), n = 30, type "S1" gives 2.205578
    assert from_range(1.0, 4.0, 10.0, 30).standard_deviation == pytest.approx(2.205578, abs=5e-7)


def test_weights_are_those_of_luo_by_hand() -> None:
    assert from_quartiles(1.0, 4.0, 9.0, 39).mean == pytest.approx(0.71 * 5.0 + 0.29 * 4.0, abs=1e-14)
    assert from_range(0.0, 4.0, 20.0, 16).mean == pytest.approx((4 / 12) * 10.0 + (8 / 12) * 4.0, abs=1e-14)
    outer, inner = 2.2 / (2.2 + 8.0), 0.7 - 0.72 / 16**0.55
    by_hand = outer * 10.0 + inner * 5.0 + (1 - outer - inner) * 4.0
    assert from_five_numbers(0.0, 1.0, 4.0, 9.0, 20.0, 16).mean == pytest.approx(by_hand, abs=1e-14)


@pytest.mark.parametrize("n", [9, 25, 101])
def test_normal_samples_give_back_their_mean_and_deviation_on_average(n: int) -> None:
    samples = np.sort(np.random.default_rng(5).normal(10.0, 3.0, (1500, n)), axis=1)
    low, q1, middle, q3, high = (samples[:, round(share * (n - 1))] for share in (0, 0.25, 0.5, 0.75, 1))
    estimates = {
        "quartiles": [from_quartiles(*map(float, row), n) for row in zip(q1, middle, q3, strict=True)],
        "range": [from_range(*map(float, row), n) for row in zip(low, middle, high, strict=True)],
        "five": [
            from_five_numbers(*map(float, row), n) for row in zip(low, q1, middle, q3, high, strict=True)
        ],
    }
    for name, groups in estimates.items():
        means = np.array([group.mean for group in groups])
        deviations = np.array([group.standard_deviation for group in groups])
        assert abs(np.mean(means) - 10.0) < 4.0 * np.std(means) / np.sqrt(1500), name
        assert abs(np.mean(deviations) / 3.0 - 1.0) < 0.05, name


@given(
    values=st.lists(st.floats(-100, 100), min_size=5, max_size=5, unique=True),
    n=st.integers(2, 400),
    shift=st.floats(-50, 50),
    scale=st.floats(0.1, 10),
)
def test_estimates_move_and_stretch_with_the_unit(
    values: list[float], n: int, shift: float, scale: float
) -> None:
    five = sorted(round(value, 3) for value in values)
    if len(set(five)) < 5:
        return
    moved = [shift + scale * value for value in five]
    for function, chosen in (
        (from_quartiles, slice(1, 4)),
        (from_range, slice(0, 5, 2)),
        (from_five_numbers, slice(0, 5)),
    ):
        before, after = function(*five[chosen], n), function(*moved[chosen], n)  # type: ignore[operator]
        assert after.mean == pytest.approx(shift + scale * before.mean, abs=1e-9)
        assert after.standard_deviation == pytest.approx(scale * before.standard_deviation, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda: from_quartiles(3.0, 2.0, 4.0, 10), "q1"),
        (lambda: from_quartiles(1.0, 5.0, 4.0, 10), "median"),
        (lambda: from_quartiles(2.0, 2.0, 2.0, 10), "q3"),
        (lambda: from_quartiles(1.0, 2.0, 3.0, 1), "n"),
        (lambda: from_range(1.0, 0.0, 3.0, 10), "minimum"),
        (lambda: from_range(1.0, 1.0, 1.0, 10), "maximum"),
        (lambda: from_five_numbers(2.0, 1.0, 3.0, 4.0, 5.0, 10), "minimum"),
        (lambda: from_five_numbers(0.0, 1.0, 3.0, 6.0, 5.0, 10), "q3"),
        (lambda: from_five_numbers(0.0, 1.0, 1.0, 1.0, 5.0, 10), "q3"),
        (lambda: from_five_numbers(0.0, 1.0, float("nan"), 2.0, 5.0, 10), "median"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call: Callable[[], object], key: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.problems[0].place.key == key
