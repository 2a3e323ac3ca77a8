"""Numbers in words: no sign on zero, no exponents, percents that add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calor.report.numbers import fixed_text, interval_text, percentages, short_text, with_error_text


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (-0.28, 2, True, "-0.28"),
        (-0.004, 2, True, "0.00"),
        (0.004, 2, True, "0.00"),
        (-5.08e-07, 2, False, "0.00"),
        (0.006, 2, True, "+0.01"),
        (1234.4, 0, False, "1,234"),
    ],
)
def test_a_fixed_number_of_decimals(value: float, digits: int, signed: bool, text: str) -> None:
    assert fixed_text(value, digits, signed=signed) == text


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (-5.08e-07, 1.0, "0.00"),
        (0.0, 0.0, "0.00"),
        (0.00123456, 0.002, "0.00123"),
        (4.0, 1.0, "4"),
        (0.8349, 1.0, "0.835"),
        (123_456.0, 1.0, "123,000"),
        (9.996, 1.0, "10"),
        (-31.04, 1.0, "-31"),
        (100.0, 1.0, "100"),
    ],
)
def test_significant_figures_without_an_exponent(value: float, scale: float, text: str) -> None:
    assert short_text(value, scale=scale) == text


def test_an_interval_and_an_error() -> None:
    assert interval_text([-1.3, -0.001]) == "-1.30 to 0.00"
    assert with_error_text({"value": 0.2944, "mc_error": 0.02}, 3) == "0.294 ± 0.020"


def test_percents_by_largest_remainder() -> None:
    # 4.5, 11.5, 0 and 84 would round to 5, 12, 0 and 84, which is 101; the first remainder of .5 wins.
    shares = {"measured": 0.045, "derived": 0.115, "calibrated": 0.0, "assumed": 0.84}
    assert percentages(shares) == {"measured": 5, "derived": 11, "calibrated": 0, "assumed": 84}


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_percents_of_a_whole_add_up_to_a_hundred(counts: list[int]) -> None:
    shares = {str(place): count / sum(counts) for place, count in enumerate(counts)}
    found = percentages(shares)
    assert sum(found.values()) == 100
    assert all(abs(found[name] - 100 * share) < 1 + 1e-6 for name, share in shares.items())


def test_what_is_no_share_is_a_fault() -> None:
    with pytest.raises(ValueError, match="not shares"):
        percentages({"a": float("nan")})
