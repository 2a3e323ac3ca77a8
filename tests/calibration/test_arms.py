"""What an arm gives to each patient."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.arms import calendars_of
from calor.calibration.studies import Given, load_studies

WEIGHTS = np.array([70.0, 50.0, 70.0, 91.5])


def test_people_share_a_calendar_where_no_dose_depends_on_weight() -> None:
    found = calendars_of((Given(drug="piroxicam", regimen="20 mg oral daily for 30 days"),), WEIGHTS)
    assert all(each is found[0] for each in found)
    assert found[0].values.sum() == pytest.approx(600.0)
    assert len(calendars_of((), WEIGHTS)[0]) == 0


def test_a_dose_per_weight_is_each_persons_own() -> None:
    given = (
        Given(drug="ivig", regimen="0.5 g/kg iv at day 1"),
        Given(drug="piroxicam", regimen="20 mg oral daily for 3 days"),
    )
    found = calendars_of(given, WEIGHTS)
    assert len(found) == len(WEIGHTS)
    assert found[0].values.tolist() == found[2].values.tolist()
    amounts = [each.values[each.targets == each.states.index("igg_plasma")].sum() for each in found]
    assert np.array(amounts) / amounts[0] == pytest.approx(WEIGHTS / 70.0)


def test_the_days_of_a_study_are_those_its_items_need() -> None:
    study = next(each for each in load_studies().studies if each.study == "sigtermans-2009-ketamine")
    assert study.days.tolist() == [7, 8, *range(81, 88)]
