from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from calor.core.errors import InputError
from calor.evidence.effects import (
    critical_value,
    pooled_standard_deviation_from_difference,
    standard_deviation_from_interval,
    standard_deviation_from_standard_error,
    standard_error_from_interval,
    standard_error_from_p,
)

errors = st.floats(1e-3, 1e3)
freedoms = st.one_of(st.none(), st.integers(1, 500))


def test_critical_values_are_the_tables() -> None:
    assert critical_value(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert critical_value(0.90) == pytest.approx(1.644853626951473, abs=1e-12)
    assert critical_value(0.95, 1) == pytest.approx(12.706204736174698, abs=1e-9)
    assert critical_value(0.95, 23) == pytest.approx(2.0686576104190406, abs=1e-12)


@given(error=errors, estimate=st.floats(-1e3, 1e3), level=st.floats(0.5, 0.999), df=freedoms)
def test_an_interval_gives_back_the_error_it_was_made_of(
    error: float, estimate: float, level: float, df: int | None
) -> None:
    half_width = critical_value(level, df) * error
    found = standard_error_from_interval(
        estimate - half_width, estimate + half_width, level=level, degrees_of_freedom=df
    )
    assert found == pytest.approx(error, rel=1e-9)


@given(error=errors, z=st.floats(0.05, 6.0), df=freedoms, sign=st.sampled_from([-1, 1]))
def test_a_p_value_gives_back_the_error_it_was_made_of(
    error: float, z: float, df: int | None, sign: int
) -> None:
    tail = float(stats.norm.sf(z) if df is None else stats.t.sf(z, df))
    for p, two_sided in ((2.0 * tail, True), (tail, False)):
        found = standard_error_from_p(sign * z * error, p, degrees_of_freedom=df, two_sided=two_sided)
        assert found == pytest.approx(error, rel=1e-8)


def test_standard_deviations_by_the_handbooks_example() -> None:
    # Cochrane Handbook, chapter 6: a 95% interval of 30 to 34.2 in 25 patients has t = 2.064 on 24
    assert standard_deviation_from_interval(30.0, 34.2, 25) == pytest.approx(5 * 4.2 / (2 * 2.0639), rel=1e-4)
    assert standard_deviation_from_standard_error(0.5, 16) == 2.0
    assert pooled_standard_deviation_from_difference(1.0, 8, 8) == 2.0


def test_the_pooled_deviation_is_undone_by_the_difference_of_equal_groups() -> None:
    error = math.sqrt(3.0**2 / 11 + 3.0**2 / 19)
    assert pooled_standard_deviation_from_difference(error, 11, 19) == pytest.approx(3.0, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda: standard_error_from_interval(2.0, 1.0), "lower"),
        (lambda: standard_error_from_interval(1.0, 1.0), "upper"),
        (lambda: standard_error_from_interval(math.nan, 1.0), "lower"),
        (lambda: standard_error_from_interval(0.0, math.inf), "upper"),
        (lambda: standard_error_from_interval(0.0, 1.0, level=1.0), "level"),
        (lambda: standard_error_from_interval(0.0, 1.0, level=95.0), "level"),
        (lambda: standard_error_from_interval(0.0, 1.0, degrees_of_freedom=0), "degrees_of_freedom"),
        (lambda: standard_error_from_p(0.0, 0.5), "estimate"),
        (lambda: standard_error_from_p(1.0, 0.0), "p"),
        (lambda: standard_error_from_p(1.0, 1.0), "p"),
        (lambda: standard_error_from_p(1.0, 0.5, two_sided=False), "p"),
        (lambda: standard_error_from_p(1.0, 0.04, degrees_of_freedom=-2), "degrees_of_freedom"),
        (lambda: standard_deviation_from_standard_error(-1.0, 10), "standard_error"),
        (lambda: standard_deviation_from_standard_error(1.0, 1), "n"),
        (lambda: standard_deviation_from_interval(0.0, 1.0, 1), "n"),
        (lambda: pooled_standard_deviation_from_difference(1.0, 0, 5), "n1"),
        (lambda: pooled_standard_deviation_from_difference(1.0, 5, 0), "n2"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call: Callable[[], object], key: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.problems[0].place.key == key
