"""Regimens of drugs become the right entries: units, weight, bioavailability, lag, infusion, procedure."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.engine.calendar import Action
from calor.regimen import parse_regimen
from calor.therapy import dosing, load_drug, warnings_of
from calor.therapy.dosing import acknowledgements_for
from calor.therapy.equations import equations_of
from calor.therapy.library import read_drug

DRUGS = Path(__file__).parent / "drugs"


def test_doses_per_kg_differ_and_fixed_doses_are_shared() -> None:
    drug = load_drug("infliximab")
    light, heavy = dosing(parse_regimen("5 mg/kg iv at day 1"), drug, [50.0, 100.0])
    assert (light.values[0], heavy.values[0]) == (250.0, 500.0)
    shared = dosing(parse_regimen("300 mg iv at day 1"), drug, [50.0, 100.0])
    assert shared[0] is shared[1]
    assert shared[0].states == ("infliximab_central",)


def test_an_infusion_is_switched_on_and_off() -> None:
    (calendar,) = dosing(parse_regimen("5 mg/kg iv over 2 h at week 0, 2"), load_drug("infliximab"), [70.0])
    assert calendar.times == pytest.approx([0, 2 / 24, 14, 14 + 2 / 24])
    assert calendar.values == pytest.approx([4200, -4200, 4200, -4200])
    assert set(calendar.actions) == {Action.RATE}


def test_what_lasts_no_time_arrives_at_once() -> None:
    text = "500 mg iv over 0.00000000001 minutes at day 300"
    (calendar,) = dosing(parse_regimen(text), load_drug("prednisolone"), [70.0])
    assert (calendar.times, calendar.values) == ([299.0], [500.0])
    assert set(calendar.actions) == {Action.ADD}


def test_immunoglobulin_enters_the_disease_in_grams() -> None:
    (calendar,) = dosing(parse_regimen("0.5 g/kg iv at day 1, 22"), load_drug("ivig"), [70.0])
    assert calendar.states == ("igg_plasma",)
    assert calendar.values == pytest.approx([35, 35])


def test_a_lag_moves_the_dose_and_bioavailability_stands_in_the_equations() -> None:
    drug = read_drug(DRUGS / "lagged.yaml")
    (calendar,) = dosing(parse_regimen("40 mg oral at day 3"), drug, [70.0])
    assert (calendar.times[0], calendar.values[0]) == pytest.approx((2.02, 40.0))
    assert calendar.states == ("lagged_oral_depot",)
    assert equations_of(drug).parameters["lagged_oral_bioavailability"].value == 0.8


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("40 mg sc at day 1", "has no route sc"),
        ("40 mg at day 1", "several routes"),
        ("1 plasma volume exchange at day 1", "cannot be given"),
    ],
)
def test_what_a_drug_cannot_do_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        dosing(parse_regimen(text), load_drug("prednisolone"), [70.0])


@pytest.mark.parametrize(
    ("drug", "text", "count"),
    [
        ("infliximab", "10 mg/kg iv at week 0, 2", 0),
        ("infliximab", "12 mg/kg iv at week 0", 1),
        ("infliximab", "700 mg iv at week 0", 0),
        ("infliximab", "800 mg iv at week 0", 1),
        ("ivig", "0.4 g/kg iv daily for 5 days", 0),
        ("ivig", "0.4 g/kg iv daily for 6 days", 1),
        ("ivig", "2 g/kg iv at day 1, 15", 0),
        ("prednisolone", "60 mg oral daily for 9 days", 0),
        ("prednisolone", "40 mg oral twice daily for 9 days", 1),
        ("prednisolone", "20 mg oral three times daily for 9 days", 0),
        ("methylprednisolone", "60 mg intrathecal at day 1", 1),
        ("efgartigimod", "10 mg/kg iv weekly for 4 weeks", 0),
        ("efgartigimod", "10 mg/kg iv weekly for 5 weeks", 1),
    ],
)
def test_labelled_maximum(drug: str, text: str, count: int) -> None:
    warnings = warnings_of(parse_regimen(text), load_drug(drug), 70.0)
    assert len(warnings) == count
    assert all("above the maximum" in warning for warning in warnings)


def test_a_procedure_scales_what_it_removes() -> None:
    drug = load_drug("plasma-exchange")
    (calendar,) = dosing(parse_regimen("1.5 plasma volumes exchange at day 1, 3"), drug, [70.0])
    kept = {removal.state: math.exp(-1.5 * removal.removal.value) for removal in drug.removals}
    assert set(calendar.states) == set(kept)
    for target, value in zip(calendar.targets, calendar.values, strict=True):
        assert value == pytest.approx(kept[calendar.states[target]])
    assert set(calendar.actions) == {Action.SCALE}


@given(
    weights=st.lists(st.floats(30, 180), min_size=1, max_size=4),
    amount=st.floats(0.1, 20),
    count=st.integers(1, 12),
    hours=st.sampled_from([0, 1, 2, 6]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_given_is_what_was_written(
    weights: list[float], amount: float, count: int, hours: int
) -> None:
    over = f" over {hours} h" if hours else ""
    regimen = parse_regimen(f"{amount!r} mg/kg iv{over} weekly for {count} doses")
    for weight, calendar in zip(weights, dosing(regimen, load_drug("infliximab"), weights), strict=True):
        added = calendar.actions == Action.ADD
        switched_on = (calendar.actions == Action.RATE) & (calendar.values > 0)
        total = calendar.values[added].sum() + calendar.values[switched_on].sum() * hours / 24
        assert total == pytest.approx(count * amount * weight)
        assert calendar.values[calendar.actions == Action.RATE].sum() == pytest.approx(0, abs=1e-6)


def test_only_the_routes_in_use_ask_for_their_acknowledgement() -> None:
    drug = load_drug("methylprednisolone")
    by_mouth = acknowledgements_for(parse_regimen("16 mg oral daily for 7 days"), drug)
    spinal = acknowledgements_for(parse_regimen("60 mg intrathecal at day 1"), drug)
    assert "intrathecal-steroid" not in {hazard.id for hazard in by_mouth}
    assert "intrathecal-steroid" in {hazard.id for hazard in spinal}
