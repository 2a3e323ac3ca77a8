"""What people are given: one calendar for all where no dose depends on them, their own where it does."""

from __future__ import annotations

import numpy as np
import pytest

from calor.population.giving import calendars_of
from calor.population.patients import Patients
from calor.regimen import parse_regimen
from calor.study.treatments import ArmTreatment
from calor.therapy.library import load_drug

WEIGHTS = np.array([70.0, 50.0, 70.0, 91.5])
PEOPLE = Patients(np.arange(4), np.zeros(4, dtype=np.int64), {"body_weight": WEIGHTS})


def given(drug: str, regimen: str) -> ArmTreatment:
    return ArmTreatment(load_drug(drug), parse_regimen(regimen))


def test_people_share_a_calendar_where_no_dose_depends_on_weight() -> None:
    found = calendars_of((given("piroxicam", "20 mg oral daily for 30 days"),), PEOPLE)
    assert all(each is found[0] for each in found)
    assert found[0].values.sum() == pytest.approx(600.0)
    assert len(calendars_of((), PEOPLE)[0]) == 0


def test_a_dose_per_weight_is_each_persons_own() -> None:
    both = (given("ivig", "0.5 g/kg iv at day 1"), given("piroxicam", "20 mg oral daily for 3 days"))
    found = calendars_of(both, PEOPLE)
    assert len(found) == len(WEIGHTS)
    assert found[0].values.tolist() == found[2].values.tolist()
    amounts = [each.values[each.targets == each.states.index("igg_plasma")].sum() for each in found]
    assert np.array(amounts) / amounts[0] == pytest.approx(WEIGHTS / 70.0)
