"""Closed forms and identities of effects of means, counts and pairs; refusals by name."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.evidence.effects import (
    Continuity,
    Effect,
    GroupCount,
    GroupMean,
    Measure,
    PairedMeans,
    change_from_baseline_difference,
    change_from_baseline_standardised,
    change_standard_deviation,
    crossover_mean_difference,
    crossover_standardised_difference,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    risk_difference,
    same_measure,
    small_sample_correction,
    standardised_mean_difference,
    within_patient_correlation,
)

groups = st.builds(GroupMean, st.floats(-20, 20), st.floats(0.1, 10), st.integers(2, 300))
counts = st.integers(1, 200).flatmap(lambda n: st.builds(GroupCount, st.integers(0, n), st.just(n)))
NEVER = Continuity.NEVER
COUNT_EFFECTS = (log_odds_ratio, log_risk_ratio, risk_difference)


def test_mean_difference_by_hand() -> None:
    found = mean_difference(GroupMean(4.0, 2.0, 8), GroupMean(6.0, 3.0, 18), study="A 2000")
    assert (found.study, found.estimate, found.variance) == ("A 2000", -2.0, 1.0)
    assert found.measure is Measure.MEAN_DIFFERENCE
    assert found.interval() == pytest.approx((-2.0 - 1.959963985, -2.0 + 1.959963985), abs=1e-9)
    assert found.interval(0.9, 24)[1] == pytest.approx(-2.0 + 1.710882080, abs=1e-9)


def test_small_sample_correction_by_hand() -> None:
    # J(2) = Gamma(1)/Gamma(1/2), J(3) = Gamma(3/2)/(sqrt(3/2) Gamma(1)), and 1 - 3/(4m - 1) for large m
    assert small_sample_correction(2) == pytest.approx(1.0 / math.sqrt(math.pi), abs=1e-14)
    assert small_sample_correction(3) == pytest.approx(math.sqrt(math.pi) / 2 / math.sqrt(1.5), abs=1e-14)
    assert small_sample_correction(1000) == pytest.approx(1.0 - 3.0 / 3999.0, abs=1e-7)


@given(active=groups, control=groups)
def test_swapping_the_arms_changes_the_sign_only(active: GroupMean, control: GroupMean) -> None:
    for function in (mean_difference, standardised_mean_difference):
        one, other = function(active, control), function(control, active)
        assert one.estimate == pytest.approx(-other.estimate, abs=1e-12)
        assert one.variance == pytest.approx(other.variance, rel=1e-12)


@given(active=groups, control=groups, shift=st.floats(-10, 10), scale=st.floats(0.1, 10))
def test_hedges_g_has_no_unit(active: GroupMean, control: GroupMean, shift: float, scale: float) -> None:
    def moved(group: GroupMean) -> GroupMean:
        return GroupMean(shift + scale * group.mean, scale * group.standard_deviation, group.n)

    before = standardised_mean_difference(active, control)
    after = standardised_mean_difference(moved(active), moved(control))
    assert after.estimate == pytest.approx(before.estimate, rel=1e-9, abs=1e-9)
    assert after.variance == pytest.approx(before.variance, rel=1e-9)


def test_table_effects_by_hand() -> None:
    active, control = GroupCount(4, 12), GroupCount(9, 15)
    ratio = log_odds_ratio(active, control)
    assert ratio.estimate == pytest.approx(math.log(4 * 6 / (8 * 9)), abs=1e-14)
    assert ratio.variance == pytest.approx(1 / 4 + 1 / 8 + 1 / 9 + 1 / 6, abs=1e-14)
    risk = log_risk_ratio(active, control)
    assert risk.estimate == pytest.approx(math.log((4 / 12) / (9 / 15)), abs=1e-14)
    assert risk.variance == pytest.approx(1 / 4 - 1 / 12 + 1 / 9 - 1 / 15, abs=1e-14)
    difference = risk_difference(active, control)
    assert difference.estimate == pytest.approx(4 / 12 - 9 / 15, abs=1e-14)
    assert difference.variance == pytest.approx(4 * 8 / 12**3 + 9 * 6 / 15**3, abs=1e-14)


def test_another_correction_than_a_half_can_be_asked_for() -> None:
    found = log_odds_ratio(GroupCount(0, 10), GroupCount(5, 10), added=0.25)
    assert found.estimate == pytest.approx(math.log(0.25 * 5.25 / (10.25 * 5.25)), abs=1e-14)


@given(active=counts, control=counts, continuity=st.sampled_from([Continuity.ZERO_CELL, Continuity.ALWAYS]))
def test_any_two_groups_have_finite_effects_that_change_sign_with_the_arms(
    active: GroupCount, control: GroupCount, continuity: Continuity
) -> None:
    for function in COUNT_EFFECTS:
        one = function(active, control, continuity=continuity)
        other = function(control, active, continuity=continuity)
        assert one.estimate == pytest.approx(-other.estimate, abs=1e-12)
        assert one.variance == pytest.approx(other.variance, rel=1e-12)


@given(active=counts, control=counts)
def test_counting_the_other_outcome_turns_the_odds_ratio_round(
    active: GroupCount, control: GroupCount
) -> None:
    events = log_odds_ratio(active, control)
    others = log_odds_ratio(
        GroupCount(active.n - active.events, active.n), GroupCount(control.n - control.events, control.n)
    )
    assert events.estimate == pytest.approx(-others.estimate, abs=1e-12)
    assert events.variance == pytest.approx(others.variance, rel=1e-12)


def test_crossover_by_the_handbooks_example() -> None:
    # Cochrane Handbook 5.1, section 16.4.6.4: means 7.0 and 6.5, SDs 2.38 and 2.21, n 10, correlation 0.68
    # give a mean difference of 0.5 with standard error 0.583
    found = crossover_mean_difference(PairedMeans(7.0, 6.5, 2.38, 2.21, 10, 0.68))
    assert found.estimate == 0.5
    assert found.standard_error == pytest.approx(0.583, abs=5e-4)


@given(first=st.floats(0.1, 50), second=st.floats(0.1, 50), r=st.floats(-0.99, 0.99))
def test_correlation_and_change_undo_each_other(first: float, second: float, r: float) -> None:
    change = change_standard_deviation(first, second, r)
    # the correlation is a small difference of large numbers where one spread dwarfs the other
    tolerance = 1e-12 * (first / second + second / first)
    assert within_patient_correlation(first, second, change) == pytest.approx(r, abs=tolerance)


def test_without_correlation_pairs_are_two_groups() -> None:
    paired = PairedMeans(5.0, 4.0, 2.0, 3.0, 20, 0.0)
    apart = mean_difference(GroupMean(5.0, 2.0, 20), GroupMean(4.0, 3.0, 20))
    assert crossover_mean_difference(paired).variance == pytest.approx(apart.variance, abs=1e-14)


def test_changes_from_baseline_by_hand() -> None:
    active = PairedMeans(4.0, 7.0, 2.0, 2.0, 16, 0.5)  # after, before; the change has SD 2
    control = PairedMeans(6.0, 7.0, 3.0, 3.0, 9, 0.5)  # the change has SD 3
    found = change_from_baseline_difference(active, control)
    assert (found.estimate, found.variance) == pytest.approx((-2.0, 4 / 16 + 9 / 9), abs=1e-14)
    standardised = change_from_baseline_standardised(active, control)
    g1, g2 = small_sample_correction(15) * -1.5, small_sample_correction(8) * -1 / 3
    assert standardised.estimate == pytest.approx(g1 - g2, abs=1e-14)
    assert standardised.variance == pytest.approx(1 / 16 + g1**2 / 32 + 1 / 9 + g2**2 / 18, abs=1e-14)


def test_a_closer_correlation_makes_a_crossover_more_precise() -> None:
    variances = [
        crossover_standardised_difference(PairedMeans(5.0, 4.0, 2.0, 2.5, 12, r)).variance
        for r in (-0.5, 0.0, 0.5, 0.9)
    ]
    assert variances == sorted(variances, reverse=True)


def test_effects_of_different_measures_are_not_mixed() -> None:
    means = mean_difference(GroupMean(4.0, 2.0, 8), GroupMean(6.0, 3.0, 18), study="A")
    risks = risk_difference(GroupCount(1, 5), GroupCount(3, 5), study="B")
    assert same_measure([means, means]) is Measure.MEAN_DIFFERENCE
    with pytest.raises(InputError, match=r"A \(mean difference\), B \(risk difference\)"):
        same_measure([means, risks])
    with pytest.raises(InputError, match="no effect"):
        same_measure([])


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda: GroupMean(math.nan, 1.0, 5), "mean"),
        (lambda: GroupMean(1.0, 0.0, 5), "standard_deviation"),
        (lambda: GroupMean(1.0, -1.0, 5), "standard_deviation"),
        (lambda: GroupMean(1.0, math.inf, 5), "standard_deviation"),
        (lambda: GroupMean(1.0, 1.0, 1), "n"),
        (lambda: GroupMean(1.0, 1.0, 5.5), "n"),  # type: ignore[arg-type]
        (lambda: GroupMean(1.0, 1.0, math.nan), "n"),  # type: ignore[arg-type]
        (lambda: GroupCount(-1, 5), "events"),
        (lambda: GroupCount(6, 5), "events"),
        (lambda: GroupCount(0, 0), "n"),
        (lambda: PairedMeans(1.0, 1.0, 1.0, 1.0, 5, 1.0), "correlation"),
        (lambda: PairedMeans(1.0, 1.0, 1.0, 1.0, 5, -1.2), "correlation"),
        (lambda: PairedMeans(1.0, 1.0, 0.0, 1.0, 5, 0.5), "first_standard_deviation"),
        (lambda: PairedMeans(1.0, 1.0, 1.0, 0.0, 5, 0.5), "second_standard_deviation"),
        (lambda: PairedMeans(1.0, math.nan, 1.0, 1.0, 5, 0.5), "second_mean"),
        (lambda: PairedMeans(1.0, 1.0, 1.0, 1.0, 1, 0.5), "n"),
        (lambda: within_patient_correlation(2.0, 2.0, 4.1), "change"),
        (lambda: within_patient_correlation(2.0, 5.0, 2.9), "change"),
        (lambda: small_sample_correction(1.0), "degrees_of_freedom"),
        (lambda: crossover_standardised_difference(PairedMeans(1, 2, 1, 1, 2, 0.5)), "degrees_of_freedom"),
        (lambda: Effect("A", math.nan, 1.0, Measure.MEAN_DIFFERENCE), "estimate"),
        (lambda: Effect("A", 0.0, 0.0, Measure.MEAN_DIFFERENCE), "variance"),
        (lambda: log_odds_ratio(GroupCount(0, 5), GroupCount(2, 5), continuity=NEVER), "continuity"),
        (lambda: log_odds_ratio(GroupCount(5, 5), GroupCount(2, 5), continuity=NEVER), "continuity"),
        (lambda: log_risk_ratio(GroupCount(1, 5), GroupCount(0, 5), continuity=NEVER), "continuity"),
        (lambda: log_risk_ratio(GroupCount(5, 5), GroupCount(5, 5), continuity=NEVER), "variance"),
        (lambda: risk_difference(GroupCount(0, 5), GroupCount(5, 5), continuity=NEVER), "variance"),
        (lambda: risk_difference(GroupCount(0, 5), GroupCount(1, 5), added=0.0), "added"),
    ],
)  # fmt: skip
def test_impossible_numbers_are_refused_by_name(call: Callable[[], object], key: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.problems[0].place.key == key
