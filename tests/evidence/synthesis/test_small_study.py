"""Small-study tests: their meaning on made-up funnels, their symmetry, their refusals."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.small_study import (
    EXACT_RANKS_UP_TO,
    Side,
    egger_test,
    random_effects_egger_test,
    rank_test,
    trim_and_fill,
)

ERRORS = np.linspace(0.1, 1.0, 25)
NOISE = np.random.default_rng(8).normal(size=25)
SLANTED = 0.2 - 1.5 * ERRORS + 0.2 * ERRORS * NOISE
VARIANCES = list(ERRORS**2)


def test_a_slanted_funnel_is_found_and_its_limit_is_the_effect_without_error() -> None:
    for test in (egger_test(list(SLANTED), VARIANCES), random_effects_egger_test(list(SLANTED), VARIANCES)):
        assert test.statistic < 0.0
        assert test.p < 0.001
        assert test.limit == pytest.approx(0.2, abs=0.1)
        assert test.limit_ci95[0] < test.limit < test.limit_ci95[1]
    assert rank_test(list(SLANTED), VARIANCES).tau < -0.3
    filled = trim_and_fill(list(SLANTED), VARIANCES)
    assert filled.side is Side.RIGHT
    assert filled.missing > 0
    assert len(filled.analysis.studies) == 25 + filled.missing


def test_mirroring_the_effects_mirrors_every_result() -> None:
    y, mirrored = list(SLANTED), list(-SLANTED)
    assert egger_test(y, VARIANCES).statistic == pytest.approx(-egger_test(mirrored, VARIANCES).statistic)
    assert rank_test(y, VARIANCES).tau == pytest.approx(-rank_test(mirrored, VARIANCES).tau)
    one, other = trim_and_fill(y, VARIANCES), trim_and_fill(mirrored, VARIANCES)
    assert (one.side, other.side) == (Side.RIGHT, Side.LEFT)
    assert one.missing == other.missing
    assert one.analysis.estimate == pytest.approx(-other.analysis.estimate)


def test_the_side_can_be_chosen() -> None:
    found = trim_and_fill(list(SLANTED), VARIANCES, side=Side.LEFT)
    assert (found.side, found.missing) == (Side.LEFT, 0)


def test_a_symmetric_funnel_has_nothing_missing() -> None:
    y, v = [0.5, -0.5, 1.0, -1.0, 0.1, -0.1], [0.25, 0.25, 1.0, 1.0, 0.01, 0.01]
    assert egger_test(y, v).statistic == pytest.approx(0.0, abs=1e-12)
    assert rank_test(y, v).tau == pytest.approx(0.0, abs=1e-12)
    untied = [0.5, -0.45, 1.0, -1.05, 0.1, -0.12]
    assert trim_and_fill(untied, v, method=Method.FE).missing == 0


def test_exact_and_normal_ranks_meet_where_one_takes_over() -> None:
    generator = np.random.default_rng(4)
    v = generator.uniform(0.1, 1.0, EXACT_RANKS_UP_TO + 1)
    y = generator.normal(0.0, np.sqrt(v)) + 0.1 * v
    exact, normal = rank_test(list(y[:-1]), list(v[:-1])), rank_test(list(y), list(v))
    assert exact.p == pytest.approx(normal.p, abs=0.02)


@pytest.mark.parametrize("test", [egger_test, random_effects_egger_test, rank_test, trim_and_fill])
def test_too_few_studies_or_equal_variances_are_refused(test: object) -> None:
    with pytest.raises(InputError):
        test([1.0, 2.0], [0.1, 0.2])  # type: ignore[operator]
    with pytest.raises(InputError, match="all the same"):
        test([1.0, 2.0, 3.0, 1.5], [0.1] * 4)  # type: ignore[operator]


def test_equal_effects_are_refused_where_nothing_can_be_said() -> None:
    with pytest.raises(UnsupportedError):
        egger_test([1.0, 1.0, 1.0, 1.0], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(UnsupportedError, match="all the same"):
        rank_test([0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4])
    assert trim_and_fill([1.0, 1.0, 1.0, 1.0], [0.1, 0.2, 0.3, 0.4]).missing == 0
