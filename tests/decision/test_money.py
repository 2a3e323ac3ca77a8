"""Money: every number has a source or says that it has none; costs by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.decision.bank.bank import Enrolling
from calor.decision.money.figures import ASSUMED, default_figures, money_with
from calor.decision.money.running import price_of_course, running_of, stakes_of
from calor.study.arms import Arm
from tests.decision.asked import asked

ONE_OF_EACH = Path(__file__).parents[2] / "examples" / "designs"
FEE = {"months_before": 6, "months_after": 3, "sites": 10, "accrual": 0.5, "per_screened": 100}


def arm(drug: str, regimen: str) -> Arm:
    return Arm.model_validate({"name": drug, "treatments": [{"drug": drug, "regimen": regimen}]})


def test_every_number_has_a_source_with_its_grade_or_says_why_it_is_assumed() -> None:
    for figure in default_figures().values():
        assert figure.unit
        assert figure.words
        assert len(figure.source) > 5
        assert figure.grade in {ASSUMED, "verified", "secondary"}
    assert {key for key, each in default_figures().items() if each.grade != ASSUMED} == {
        "threshold", "incidence", "ivig_per_gram", "infliximab_per_100_mg", "adalimumab_per_40_mg", "accrual",
        "accrual_early",
    }  # fmt: skip


def test_three_infusions_of_infliximab_cost_what_the_source_says() -> None:
    """5,360 pounds: 3 times 4 vials of 100 mg at 446.69 for 350 mg each (fact price-antitnf-uk)."""
    price = price_of_course(arm("infliximab", "5 mg/kg iv over 2 h at week 0, 2, 6"), money_with())
    assert price == pytest.approx(5360, abs=1)


def test_immunoglobulin_is_paid_by_the_gram_and_an_unknown_drug_as_assumed() -> None:
    assert price_of_course(arm("ivig", "0.5 g/kg iv at day 1, 22"), money_with()) == pytest.approx(
        2 * 35 * 73
    )
    other = price_of_course(
        arm("prednisolone", "30 mg oral daily for 14 days"), money_with({"other_course": 9})
    )
    assert other == 9
    assert price_of_course(Arm(name="placebo"), money_with()) == 0


def test_a_trial_costs_its_set_up_patients_screening_drugs_and_months() -> None:
    """100 patients, half of them on 5,110 pounds of drug, four screened for each; 10 sites times 0.5 a month.

    months 6 + 100 / 5 + 3 + 42 days; money 250,000 + 100 (4,000 + 400 + 2,555) + 8,000 a month.
    """
    money = money_with(FEE)
    running = running_of(asked().candidates[0].sized(100), Enrolling(4, 1), money)
    months = 6 + 20 + 3 + 42 / 30.4375
    assert running.months(100) == pytest.approx(months, abs=0.01)
    assert running.cost(100) == pytest.approx(250_000 + 100 * (4000 + 400 + 2555) + 8000 * months, rel=1e-3)


def test_a_protocol_s_own_cost_and_accrual_count() -> None:
    text = """id: mine
title: Mine
question: {quantity: {like: goebel-2017-lips}}
candidates:
  - like: goebel-2017-lips
    vary:
      cost: [{fixed: 1000, per_patient: 10, per_site: 5, per_month: 0}]
      conduct.accrual: [{sites: 2, patients_per_site_per_month: 1}]
"""
    running = running_of(asked(text).candidates[0], Enrolling(2, 1), money_with(FEE))
    assert running.cost(50) == pytest.approx(1000 + 10 * 50 + 2 * 5)
    assert running.months(50) == pytest.approx(6 + 25 + 3 + 42 / 30.4375, abs=0.01)


def test_a_study_that_treats_nobody_costs_people_and_screening() -> None:
    money = money_with(FEE | {"cohort_fixed": 1000, "cohort_per_person": 50, "per_month": 0})
    assert running_of(asked().candidates[2], Enrolling(2, 1), money).cost(100) == pytest.approx(
        1000 + 100 * (50 + 200)
    )


def test_people_come_into_a_cohort_at_a_rate_of_its_own() -> None:
    """100 people at 10 sites: 20 months at 0.5, 10 at 1; a trial in the same people keeps its own rate."""
    money = money_with(FEE | {"accrual_cohort": 1})
    cohort, trial = (running_of(asked().candidates[place], Enrolling(2, 1), money) for place in (2, 0))
    assert cohort.patients_per_month == 10
    assert trial.patients_per_month == 5
    assert {"accrual_cohort", "accrual_cohort_early"} <= set(money_with().assumed)


def test_who_enters_a_run_in_is_recruited_treated_and_seen_as_a_patient_is() -> None:
    """40 randomised of 80 who enter, 4 screened for each randomised; prednisolone in the run-in and for half.

    Months 6 + 80 / (7 x 3.04) + 3 + 56 days. For each randomised two patients at 4,000, four screened at 100,
    two run-ins and half a course at 200.
    """
    money = money_with(FEE | {"sites": 7, "per_month": 0})
    text = "id: mine\ntitle: Mine\nquestion: {rivals: antibody}\n"
    text += "candidates:\n  - like: randomised-withdrawal.yaml\n"
    (withdrawal,) = asked(text, ONE_OF_EACH).candidates
    running = running_of(withdrawal, Enrolling(4, 2), money)
    assert running.months(40) == pytest.approx(6 + 80 / (7 * 3.04) + 3 + 56 / 30.4375, abs=0.01)
    assert running.cost(40) == pytest.approx(250_000 + 40 * (2 * 4000 + 4 * 100 + 2.5 * 200))


def test_a_trial_at_sites_recruits_at_them() -> None:
    text = "id: mine\ntitle: Mine\nquestion: {rivals: antibody}\n"
    text += "candidates:\n  - {like: whole-sites.yaml, vary: {conduct.accrual: [null]}}\n"
    (trial,) = asked(text, ONE_OF_EACH).candidates
    assert running_of(trial, Enrolling(2, 1), money_with()).patients_per_month == pytest.approx(12 * 3.04)


def test_who_gains_is_counted_from_incidence() -> None:
    stakes = stakes_of(money_with({"incidence": 10, "population": 1e6, "reached": 0.3}))
    assert stakes.people_per_year == pytest.approx(30)


def test_a_number_that_is_set_says_what_it_replaced() -> None:
    figure = money_with({"incidence": 5}).figures["incidence"]
    assert (figure.value, figure.grade) == (5, "set")
    assert "26.2" in figure.source
    assert "incidence" not in money_with({"incidence": 5}).assumed


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"incidense": 5}, "did you mean incidence"), ({"discount": 3}, "0 to 1"), ({"sites": -1}, "0 or more")],
)
def test_what_money_does_not_know_is_refused(changes: dict[str, float], what: str) -> None:
    with pytest.raises(InputError, match=what):
        money_with(changes)
