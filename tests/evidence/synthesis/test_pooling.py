"""Closed forms, properties and refusals of meta-analysis and meta-regression."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Stopped
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, pool
from calor.evidence.synthesis.sensitivity import cumulative, leave_one_out

RANDOM = [Method.DL, Method.PM, Method.REML]
methods = st.sampled_from(list(Method))


@st.composite
def studies(draw: st.DrawFn, least: int = 2, most: int = 8) -> tuple[list[float], list[float]]:
    """Draw effects and variances of a common order of magnitude."""
    k = draw(st.integers(least, most))
    estimates = draw(st.lists(st.floats(-5, 5).map(lambda y: round(y, 4)), min_size=k, max_size=k))
    variances = draw(st.lists(st.floats(0.01, 4.0), min_size=k, max_size=k))
    return estimates, variances


def close(one: MetaAnalysis, other: MetaAnalysis, rel: float = 1e-7) -> None:
    assert one.estimate == pytest.approx(other.estimate, rel=rel, abs=1e-8)
    assert one.se == pytest.approx(other.se, rel=rel)
    assert one.tau2 == pytest.approx(other.tau2, rel=rel, abs=1e-8)
    assert one.i2 == pytest.approx(other.i2, rel=rel, abs=1e-5)
    assert one.q == pytest.approx(other.q, rel=rel, abs=1e-8)


def test_common_effect_by_hand() -> None:
    found = pool([1.0, 3.0], [0.5, 0.25], method=Method.FE)
    assert found.estimate == pytest.approx((2 * 1.0 + 4 * 3.0) / 6)
    assert found.se == pytest.approx(math.sqrt(1 / 6))
    assert found.weights == pytest.approx((1 / 3, 2 / 3))
    q = 2 * (1 - 7 / 3) ** 2 + 4 * (3 - 7 / 3) ** 2
    assert (found.q, found.q_df, found.h2) == pytest.approx((q, 1, q))
    assert found.i2 == pytest.approx(100 * (q - 1) / q)
    assert found.q_p == pytest.approx(math.erfc(math.sqrt(q / 2)))
    assert found.prediction_interval95 is None


@pytest.mark.parametrize("method", RANDOM)
def test_equal_variances_give_the_sample_variance(method: Method) -> None:
    """With one variance v for all studies, tau2 = max(0, s2 - v) by every method."""
    y = np.array([0.3, -1.1, 2.4, 0.9, 1.6])
    found = pool(list(y), [0.2] * 5, method=method)
    assert found.tau2 == pytest.approx(np.var(y, ddof=1) - 0.2, rel=1e-11)
    assert found.estimate == pytest.approx(np.mean(y), rel=1e-12)
    assert found.se == pytest.approx(math.sqrt(np.var(y, ddof=1) / 5), rel=1e-11)
    assert pool(list(y), [9.0] * 5, method=method).tau2 == 0.0


def test_knapp_hartung_with_equal_variances_is_the_t_interval_of_a_sample() -> None:
    y = np.array([0.3, -1.1, 2.4, 0.9, 1.6])
    found = pool(list(y), [0.2] * 5, knapp_hartung=True)
    half_width = 2.7764451051977987 * np.std(y, ddof=1) / math.sqrt(5)
    assert found.ci95 == pytest.approx((np.mean(y) - half_width, np.mean(y) + half_width), rel=1e-10)
    assert found.coefficients[0].df == 4


def test_regression_on_groups_pools_each_group() -> None:
    y, v = [1.0, 2.0, 4.0, 8.0, 9.0], [0.1, 0.2, 0.3, 0.1, 0.4]
    found = pool(y, v, method=Method.FE, moderators={"oral": [0, 0, 0, 1, 1]})
    first, second = pool(y[:3], v[:3], method=Method.FE), pool(y[3:], v[3:], method=Method.FE)
    assert found.estimate == pytest.approx(first.estimate, rel=1e-12)
    assert found.coefficients[1].estimate == pytest.approx(second.estimate - first.estimate, rel=1e-12)
    assert found.coefficients[1].se == pytest.approx(math.hypot(first.se, second.se), rel=1e-12)
    assert found.moderator_test is not None
    assert found.moderator_test.statistic == pytest.approx(found.coefficients[1].statistic ** 2)
    assert found.q == pytest.approx(first.q + second.q, rel=1e-12)


@given(data=studies(), method=methods, shift=st.floats(-100, 100), scale=st.floats(0.01, 100))
def test_the_result_moves_and_stretches_with_the_unit(
    data: tuple[list[float], list[float]], method: Method, shift: float, scale: float
) -> None:
    y, v = data
    before = pool(y, v, method=method)
    after = pool([shift + scale * value for value in y], [scale**2 * value for value in v], method=method)
    tolerance = 1e-7 * (1 + abs(shift) + scale)
    assert after.estimate == pytest.approx(shift + scale * before.estimate, rel=1e-7, abs=tolerance)
    assert after.se == pytest.approx(scale * before.se, rel=1e-6)
    assert after.tau2 == pytest.approx(scale**2 * before.tau2, rel=1e-6, abs=1e-7 * scale**2)
    assert after.i2 == pytest.approx(before.i2, rel=1e-6, abs=1e-4)


@given(data=studies(), method=methods, knapp_hartung=st.booleans(), seed=st.integers(0, 1000))
def test_the_order_of_the_studies_does_not_matter(
    data: tuple[list[float], list[float]], method: Method, knapp_hartung: bool, seed: int
) -> None:
    y, v = data
    assume(np.ptp(y) > 1e-3)
    order = np.random.default_rng(seed).permutation(len(y))
    before = pool(y, v, method=method, knapp_hartung=knapp_hartung)
    after = pool([y[i] for i in order], [v[i] for i in order], method=method, knapp_hartung=knapp_hartung)
    close(before, after)
    assert after.weights == pytest.approx([before.weights[i] for i in order], rel=1e-6)


@given(data=studies(), method=methods)
def test_what_every_result_satisfies(data: tuple[list[float], list[float]], method: Method) -> None:
    y, v = data
    found = pool(y, v, method=method)
    assert found.tau2 >= 0.0
    assert math.fsum(found.weights) == pytest.approx(1.0, abs=1e-12)
    assert min(found.weights) > 0.0
    assert min(y) - 1e-9 <= found.estimate <= max(y) + 1e-9
    assert found.ci95[0] < found.estimate < found.ci95[1]
    assert 0.0 <= found.i2 <= 100.0
    assert 0.0 <= found.q_p <= 1.0
    assert 0.0 <= found.p <= 1.0
    if method is not Method.FE:
        assert found.prediction_interval95 is not None
        assert found.tau2_ci95 is not None
        assert found.h2 >= 1.0
        assert found.prediction_interval95[0] <= found.ci95[0]
        assert found.prediction_interval95[1] >= found.ci95[1]
        assert 0.0 <= found.tau2_ci95[0] <= found.tau2_ci95[1]
        assert found.se >= pool(y, v, method=Method.FE).se * (1 - 1e-12)


@given(data=studies(), method=st.sampled_from([Method.FE, Method.REML]))  # DL and PM count it in k - 1
def test_a_study_without_information_changes_nothing(
    data: tuple[list[float], list[float]], method: Method
) -> None:
    """The limit v -> infinity of one study is the analysis without it (its weight goes to zero)."""
    y, v = data
    before, after = pool(y, v, method=method), pool([*y, 2.0], [*v, 1e7], method=method)
    assert after.estimate == pytest.approx(before.estimate, rel=1e-4, abs=1e-4)
    assert after.se == pytest.approx(before.se, rel=1e-4)
    assert after.weights[-1] < 1e-5


@given(data=studies())
def test_a_study_that_knows_everything_decides_the_common_effect(
    data: tuple[list[float], list[float]],
) -> None:
    y, v = data
    found = pool([*y, 1.25], [*v, 1e-9], method=Method.FE)
    assert found.estimate == pytest.approx(1.25, abs=1e-5)
    assert found.weights[-1] == pytest.approx(1.0, abs=1e-5)


def test_one_study_is_its_own_common_effect() -> None:
    found = pool([0.7], [0.04], method=Method.FE)
    assert (found.estimate, found.se, found.q, found.q_p, found.i2, found.h2) == pytest.approx(
        (0.7, 0.2, 0.0, 1.0, 0.0, 1.0)
    )


@given(data=studies(least=4), method=methods, slope=st.floats(-2, 2))
def test_a_moderator_that_explains_all_leaves_no_heterogeneity(
    data: tuple[list[float], list[float]], method: Method, slope: float
) -> None:
    x, v = data
    assume(np.ptp(x) > 0.1)
    found = pool([1.0 + slope * value for value in x], v, method=method, moderators={"x": x})
    assert found.coefficients[1].estimate == pytest.approx(slope, abs=1e-9)
    assert found.estimate == pytest.approx(1.0, abs=1e-9)
    assert found.tau2 == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("method", list(Method))
def test_the_most_extreme_variances_still_give_finite_results(method: Method) -> None:
    for y, v in (
        ([1e50, -1e50], [1e-50, 1e-40]),
        ([0.0, 0.0, 0.0], [1e-5, 1.0, 1e5]),
        ([1e40, 0.0, 2e40], [1e-5, 1.0, 1e5]),
        ([1e-50, 2e-50], [1e-50, 1e-50]),
        ([1e50, 1.0, -1e50], [1e50, 1e50, 1e50]),
    ):
        found = pool(y, v, method=method)
        assert all(
            math.isfinite(value) for value in (found.estimate, found.se, found.tau2, found.i2, found.h2)
        )


Y3, V3 = [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("y", "v", "others", "words"),
    [
        ([], [], {}, "no study"),
        ([1.0], [0.1], {}, "1 study for 1 coefficient"),
        ([1.0, 2.0], [0.1], {}, "2 estimates, 1 variances"),
        ([1.0, math.nan], [0.1, 0.1], {}, "yi: holds a number"),
        ([1.0, math.inf], [0.1, 0.1], {}, "yi: holds a number"),
        ([1.0, 1e51], [0.1, 0.1], {}, "yi: holds a number"),
        ([1.0, 2.0], [0.1, 0.0], {}, "vi: holds a variance"),
        ([1.0, 2.0], [0.1, -1.0], {}, "vi: holds a variance"),
        ([1.0, 2.0], [0.1, math.nan], {}, "vi: holds a variance"),
        ([1.0, 2.0], [0.1, 1e10], {}, "vi: the largest variance"),
        ([1.0, 2.0], [0.1, 0.1], {"studies": ["A"]}, "study: 1 labels for 2"),
        (Y3, V3, {"moderators": {"x": [1.0]}}, "x: has 1 values"),
        (Y3, V3, {"moderators": {"x": [1, 2, math.nan]}}, "moderators: holds"),
        (Y3, V3, {"moderators": {"x": [2, 2, 2]}}, "collinear"),
        (Y3, V3, {"moderators": {"x": [0, 0, 0]}}, "collinear"),
        (Y3, V3, {"moderators": {"x": [0, 1, 2], "z": [0, 1, 3]}}, "3 studies for 3 coefficients"),
        ([1.0, 2.0], [1.0, 1.0], {"moderators": {"x": [0, 1], "z": [1, 5]}}, "cannot tell 3 coefficients"),
        ([*Y3, 4.0], [*V3, 1.0], {"moderators": {"x": [0, 1, 2, 3], "z": [1, 3, 5, 7]}}, "collinear"),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    y: list[float], v: list[float], others: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError) as refused:
        pool(y, v, **others)
    assert words in str(refused.value)


def test_knapp_hartung_refuses_effects_that_are_all_the_same() -> None:
    with pytest.raises(UnsupportedError, match="no width"):
        pool([0.1, 0.1, 0.1], [0.1, 0.2, 0.3], knapp_hartung=True)


def test_one_study_has_no_knapp_hartung_interval() -> None:
    with pytest.raises(InputError, match=r"1 study for 1 coefficient.*\n.*\n  hint: leave Knapp-Hartung out"):
        pool([0.1], [0.1], method=Method.FE, knapp_hartung=True)


def test_leaving_out_and_accumulating_name_the_study() -> None:
    y, v, names = [1.0, 2.0, 4.0, 3.0], [0.1, 0.2, 0.3, 0.2], ["A", "B", "C", "D"]
    without = leave_one_out(y, v, studies=names)
    assert [step.study for step in without] == names
    assert without[1].analysis.studies == ("A", "C", "D")
    close(without[1].analysis, pool([1.0, 4.0, 3.0], [0.1, 0.3, 0.2]))
    steps = cumulative(y, v, studies=names)
    assert [step.study for step in steps] == ["B", "C", "D"]
    close(steps[-1].analysis, pool(y, v))


def test_leaving_out_keeps_the_moderators_beside_their_studies() -> None:
    y, v, x = [1.0, 2.0, 4.0, 3.0], [0.1, 0.2, 0.3, 0.2], [1.0, 5.0, 2.0, 7.0]
    step = leave_one_out(y, v, moderators={"x": x})[0]
    close(step.analysis, pool(y[1:], v[1:], moderators={"x": x[1:]}))


def test_one_study_cannot_be_left_out_of_two_with_random_effects_or_accumulated() -> None:
    with pytest.raises(InputError, match="leaving one of 2 studies out leaves one"):
        leave_one_out([1.0, 2.0], [0.1, 0.1])
    assert leave_one_out([1.0, 2.0], [0.1, 0.1], method=Method.FE)[0].analysis.estimate == 2.0
    with pytest.raises(InputError, match="cannot be accumulated"):
        cumulative([1.0], [0.1])


class Watcher:
    """Progress that is written down, and that asks for a stop after some steps."""

    def __init__(self, patience: int) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps = 0
        self.patience = patience

    @property
    def stop_requested(self) -> bool:
        return self.steps >= self.patience

    def start(self, stage: str, total: int) -> None:
        self.stages.append((stage, total))

    def advance(self, steps: int = 1) -> None:
        self.steps += steps


def test_long_work_tells_its_steps_and_obeys_the_wish_to_stop() -> None:
    y, v = [1.0, 2.0, 4.0, 3.0], [0.1, 0.2, 0.3, 0.2]
    watcher = Watcher(patience=100)
    leave_one_out(y, v, progress=watcher)
    cumulative(y, v, progress=watcher)
    assert watcher.stages == [("leaving out", 4), ("adding", 3)]
    assert watcher.steps == 7
    for function in (leave_one_out, cumulative):
        impatient = Watcher(patience=2)
        with pytest.raises(Stopped):
            function(y, v, progress=impatient)
        assert impatient.steps == 2
