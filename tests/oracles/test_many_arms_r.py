"""Boundaries of several arms against one control, against R (scripts/oracles/many_arms.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.theory import (
    ManyArmPlan,
    SequentialPlan,
    Spending,
    boundaries,
    many_arm_boundaries,
    selection_critical_value,
)
from calor.trial.theory.many_arms import error_up_to

ORACLE = json.loads((Path(__file__).parent / "many_arms.json").read_text(encoding="utf-8"))
FAMILIES = {"obf": Spending.OBRIEN_FLEMING, "pocock": Spending.POCOCK}


def _plan(
    case: dict[str, Any], spending: Spending, information: tuple[float, ...], ratio: float
) -> ManyArmPlan:
    return ManyArmPlan(SequentialPlan(spending, information, case["alpha"]), case["arms"], ratio)


@pytest.mark.parametrize("place", range(len(ORACLE["mams"])))
def test_mams_boundaries_have_the_familywise_error_that_they_are_made_for(place: int) -> None:
    """MAMS drops arms below its futility bound for good, and counts on it (binding)."""
    case = ORACLE["mams"][place]
    active, control = (np.atleast_1d(case[name]).astype(float) for name in ("active", "control"))
    upper = np.atleast_1d(case["upper"])
    plan = _plan(case, FAMILIES[case["shape"]], tuple(active / active[-1]), float(active[0] / control[0]))
    lower = np.full(len(upper) - 1, float(case["futility"]))
    assert error_up_to(plan, upper, lower) == pytest.approx(case["alpha"], abs=1e-7)


@pytest.mark.parametrize(
    "place",
    [place for place, case in enumerate(ORACLE["mams"]) if case["futility"] < -10 or case["active"] == 1],
)
def test_boundaries_without_binding_futility_are_those_of_mams(place: int) -> None:
    case = ORACLE["mams"][place]
    active, control = (np.atleast_1d(case[name]).astype(float) for name in ("active", "control"))
    plan = _plan(case, FAMILIES[case["shape"]], tuple(active / active[-1]), float(active[0] / control[0]))
    np.testing.assert_allclose(many_arm_boundaries(plan), np.atleast_1d(case["upper"]), atol=1e-6)


@pytest.mark.parametrize("place", range(len(ORACLE["spending"])))
def test_boundaries_by_spending_are_those_of_mvtnorm(place: int) -> None:
    case = ORACLE["spending"][place]
    plan = _plan(case, Spending.OBRIEN_FLEMING_TYPE_SPENDING, tuple(case["information"]), case["ratio"])
    np.testing.assert_allclose(many_arm_boundaries(plan), case["upper"], atol=1e-6)


@pytest.mark.parametrize("place", range(len(ORACLE["selecting"])))
def test_the_critical_value_after_a_choice_is_that_of_mvtnorm(place: int) -> None:
    case = ORACLE["selecting"][place]
    found = selection_critical_value(case["alpha"], case["arms"], 1, case["information"], case["ratio"])
    assert found == pytest.approx(case["critical"], abs=1e-6)


def test_three_stages_are_those_that_mams_publishes() -> None:
    """MAMS 3.0.2, article on reproducibility: K = J = 3, alpha 0.05, futility at 0: 3.613, 2.555, 2.086."""
    looks = SequentialPlan(Spending.OBRIEN_FLEMING, (1 / 3, 2 / 3, 1.0), 0.05)
    found = error_up_to(ManyArmPlan(looks, 3), np.array([3.613, 2.555, 2.086]), np.zeros(2))
    assert found == pytest.approx(0.05, abs=3e-4)  # its third digit


@pytest.mark.parametrize("spending", [Spending.OBRIEN_FLEMING_TYPE_SPENDING, Spending.POCOCK])
@pytest.mark.parametrize("information", [(0.5, 1.0), (0.3, 0.6, 1.0)])
def test_one_arm_has_the_boundaries_of_a_group_sequential_test(
    spending: Spending, information: tuple[float, ...]
) -> None:
    looks = SequentialPlan(spending, information, 0.025)
    found = many_arm_boundaries(ManyArmPlan(looks, 1))
    np.testing.assert_allclose(found, boundaries(looks).critical_values, atol=1e-7)


def test_keeping_every_arm_is_dunnett_s_test_and_keeping_fewer_asks_for_less() -> None:
    once = SequentialPlan(Spending.POCOCK, (1.0,), 0.05)
    all_kept, three, two, one = (selection_critical_value(0.05, 4, kept, 0.5) for kept in (4, 3, 2, 1))
    assert all_kept == pytest.approx(many_arm_boundaries(ManyArmPlan(once, 4))[0], abs=1e-8)
    assert one < two < three < all_kept
