"""Composition: zero exposure changes nothing, actions on one slot multiply, units are consistent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import UnsupportedError
from calor.engine.calendar import Calendar
from calor.model.disease import Disease
from calor.model.sbml import inconsistencies
from calor.regimen import parse_regimen
from calor.therapy import compose, drug_ids, load_drug
from calor.therapy.dosing import calendar_of
from calor.therapy.library import read_drug
from tests.therapy.roadrunner_oracle import simulate

DRUGS = Path(__file__).parent / "drugs"


@pytest.mark.parametrize("name", drug_ids())
def test_units_of_every_equation_are_consistent(disease: Disease, name: str) -> None:
    assert inconsistencies(compose(disease, [load_drug(name)]).sbml) == ()


OUTPUTS = ["pain_nrs", "innate", "igg_plasma", "cortisol", "temperature_difference"]
TIMES = [10.0, 100.0]


@pytest.fixture(scope="module")
def untreated(disease: Disease) -> np.ndarray:
    return simulate(disease.antimony(), Calendar.empty(), TIMES, OUTPUTS)


@pytest.mark.parametrize("name", drug_ids())
def test_zero_exposure_changes_nothing(disease: Disease, untreated: np.ndarray, name: str) -> None:
    composed = compose(disease, [load_drug(name)])
    together = simulate(composed.antimony, Calendar.empty(), TIMES, OUTPUTS)
    assert together == pytest.approx(untreated, rel=1e-7, abs=1e-9)


def test_actions_on_one_slot_multiply(disease: Disease) -> None:
    lagged, chained = read_drug(DRUGS / "lagged.yaml"), read_drug(DRUGS / "chained.yaml")
    composed = compose(disease, [lagged, chained])
    calendar = calendar_of(parse_regimen("40 mg oral at day 1"), lagged, 70)
    factors = ["lagged_on_tissue_tnf", "chained_on_tissue_tnf", "slot_tissue_tnf"]
    values = simulate(composed.antimony, calendar, [0.5], factors, {"chained_central": 30.0})[0]
    assert values[0] < 1
    assert values[1] < 1
    assert values[2] == pytest.approx(values[0] * values[1], rel=1e-12)


def test_an_action_is_its_formula(disease: Disease) -> None:
    drug = read_drug(DRUGS / "lagged.yaml")
    values = simulate(
        compose(disease, [drug]).antimony, Calendar.empty(), [0.0], ["slot_tissue_tnf"],
        {"lagged_central": 60.0},
    )  # fmt: skip
    assert values[0, 0] == pytest.approx(1 - 0.5 * 6 / (2 + 6), rel=1e-12)


def test_the_order_of_drugs_does_not_matter(disease: Disease) -> None:
    drugs = [load_drug("ivig"), load_drug("prednisolone")]
    assert compose(disease, drugs).antimony == compose(disease, drugs[::-1]).antimony


def test_without_drugs_it_is_the_disease(disease: Disease) -> None:
    assert compose(disease, []).antimony == disease.antimony()


def test_the_same_drug_twice_is_refused(disease: Disease) -> None:
    with pytest.raises(UnsupportedError, match="stands twice"):
        compose(disease, [load_drug("ivig"), load_drug("ivig")])


def test_varying_numbers_are_named_for_the_population(disease: Disease) -> None:
    composed = compose(disease, [load_drug("infliximab")])
    spread = {row.identifier: row.patient_sd for row in composed.varying}
    assert spread["infliximab_clearance"] == pytest.approx(np.sqrt(np.log1p(0.341**2)))
    assert "infliximab_exchange" not in spread
