"""The integration against simulation-free truths, and the properties every boundary has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from calor.core.errors import InputError, UnsupportedError
from calor.trial.theory import (
    SequentialPlan,
    Spending,
    boundaries,
    equal_information,
    stopping_probabilities,
)
from calor.trial.theory.plan import PARAMETERS

NEEDED = {Spending.WANG_TSIATIS: 0.25, Spending.KIM_DEMETS: 2.0, Spending.HAYBITTLE_PETO: 4.0}


def plan_of(spending: Spending, information: tuple[float, ...], alpha: float, sided: int) -> SequentialPlan:
    return SequentialPlan(spending, information, alpha, sided, NEEDED.get(spending))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1, 3), min_size=2, max_size=2),
    st.floats(0.05, 0.95),
    st.floats(-1, 4),
)
def test_two_looks_equal_the_bivariate_normal(upper: list[float], first: float, drift: float) -> None:
    stopping = stopping_probabilities(np.full(2, -np.inf), np.array(upper), np.array([first, 1.0]), drift)
    correlation = np.sqrt(first)
    together = multivariate_normal.cdf(
        [upper[0] - drift * correlation, upper[1] - drift], cov=[[1, correlation], [correlation, 1]]
    )
    assert stopping.above.sum() == pytest.approx(1 - together, abs=1e-8)
    assert stopping.above[0] == pytest.approx(ndtr(drift * correlation - upper[0]), abs=1e-15)


@pytest.mark.parametrize("sided", [1, 2])
@pytest.mark.parametrize("spending", list(Spending))
def test_a_single_look_is_the_fixed_test(spending: Spending, sided: int) -> None:
    bounds = boundaries(plan_of(spending, (1.0,), 0.04, sided))
    np.testing.assert_allclose(bounds.critical_values, [-ndtri(0.04 / sided)], rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(Spending)),
    st.lists(st.floats(0.05, 1.0), min_size=1, max_size=6),
    st.floats(0.01, 0.2),
    st.sampled_from([1, 2]),
)
def test_every_boundary_spends_alpha_and_no_more(
    spending: Spending, steps: list[float], alpha: float, sided: int
) -> None:
    information = tuple(float(t) for t in np.cumsum(steps) / np.sum(steps))
    bounds = boundaries(plan_of(spending, (*information[:-1], 1.0), alpha, sided))
    lower = bounds.lower
    crossing = stopping_probabilities(lower, bounds.critical_values, bounds.information, 0.0)
    total = crossing.above.sum() + crossing.below.sum()
    assert total == pytest.approx(alpha, abs=1e-12)
    assert bounds.alpha_spent[-1] == pytest.approx(alpha, abs=1e-12)
    assert (np.diff(bounds.alpha_spent) >= 0).all()
    np.testing.assert_allclose(bounds.stage_levels, ndtr(-bounds.critical_values))


def test_more_nodes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(Spending.POCOCK, (0.1, 0.12, 0.5, 0.9, 1.0), 0.025, 1)
    coarse = boundaries(plan).critical_values
    monkeypatch.setattr("calor.trial.theory.sequential.PANEL_SCALES", 1.0)
    np.testing.assert_allclose(boundaries(plan).critical_values, coarse, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "error", "named"),
    [
        (lambda: plan_of(Spending.POCOCK, (0.5, 0.9), 0.025, 1), InputError, "last is 1"),
        (lambda: plan_of(Spending.POCOCK, (0.5, 0.5, 1.0), 0.025, 1), InputError, "rise"),
        (lambda: plan_of(Spending.POCOCK, (-0.5, 1.0), 0.025, 1), InputError, "above 0"),
        (lambda: plan_of(Spending.POCOCK, (float("nan"), 1.0), 0.025, 1), InputError, "above 0"),
        (lambda: plan_of(Spending.POCOCK, (), 0.025, 1), InputError, "0 looks"),
        (lambda: plan_of(Spending.POCOCK, (0.5, 0.5002, 1.0), 0.025, 1), UnsupportedError, "step"),
        (lambda: plan_of(Spending.POCOCK, (1.0,), 0.5, 1), InputError, "alpha"),
        (lambda: plan_of(Spending.POCOCK, (1.0,), 0.05, 3), InputError, "sided"),
        (lambda: equal_information(0), InputError, "looks"),
        (lambda: equal_information(21), InputError, "looks"),
        (lambda: SequentialPlan(Spending.POCOCK, (1.0,), 0.05, 1, 0.2), InputError, "no parameter"),
        (lambda: SequentialPlan(Spending.KIM_DEMETS, (1.0,), 0.05, 1), InputError, "gamma"),
        (lambda: SequentialPlan(Spending.WANG_TSIATIS, (1.0,), 0.05, 1, 1.5), InputError, "delta"),
    ],
)
def test_a_malformed_plan_is_refused_by_name(make: object, error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        make()  # type: ignore[operator]


def test_a_haybittle_peto_constant_that_spends_too_much_is_refused() -> None:
    plan = SequentialPlan(Spending.HAYBITTLE_PETO, equal_information(5), 0.025, 1, 1.5)
    with pytest.raises(InputError, match="before the last look"):
        boundaries(plan)


def test_a_look_too_early_to_spend_anything_is_unsupported() -> None:
    with pytest.raises(UnsupportedError, match=r"information 0\.001"):
        boundaries(plan_of(Spending.OBRIEN_FLEMING_TYPE_SPENDING, (0.001, 1.0), 0.025, 1))


def test_only_the_last_default_parameter_is_optional() -> None:
    assert [family for family, entry in PARAMETERS.items() if entry[3] is not None] == [
        Spending.HAYBITTLE_PETO
    ]
