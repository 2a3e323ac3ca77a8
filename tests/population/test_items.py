"""Items, score and criteria follow from the limb, the person and the visit, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calor.core.streams import Stream
from calor.population.items import ITEMS, NEEDED_OUTPUTS, Category, examine, levels
from calor.population.measurement import load_measurement
from calor.population.severity import (
    meets_budapest_clinical,
    meets_budapest_research,
    meets_iasp,
    severity_score,
    smallest_real_difference,
)

PEOPLE, VISIT = Stream(4), Stream(4).child("visit", 1)


def values(n: int) -> dict[str, np.ndarray]:
    return {row.identifier: np.full(n, row.value) for row in load_measurement()}


def outputs(n: int, level: float) -> dict[str, np.ndarray]:
    found = {name: np.full(n, level) for name in NEEDED_OUTPUTS}
    found["pain_nrs"] = np.full(n, 10 * level)
    found["grip_share"] = np.full(n, 1 - level)
    return found


def form(*names: str) -> np.ndarray:
    known = [item.name for item in ITEMS]
    assert set(names) <= set(known)
    return np.array([[name in names for name in known]])


def test_the_form_has_eight_symptoms_and_eight_signs() -> None:
    assert len(ITEMS) == 16
    assert sum(item.sign for item in ITEMS) == 8
    assert [item.category for item in ITEMS].count(Category.PAIN) == 1


def test_a_healthy_limb_shows_nothing() -> None:
    present = examine(outputs(50, 0.0), values(50), np.arange(50), PEOPLE, VISIT)
    assert severity_score(present).max() == 0


def test_a_wholly_inflamed_limb_scores_high() -> None:
    present = examine(outputs(500, 1.0), values(500), np.arange(500), PEOPLE, VISIT)
    assert severity_score(present).mean() > 14


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_more_disease_never_takes_an_item_away(low: float, high: float) -> None:
    low, high = sorted((low, high))
    mild = examine(outputs(20, low), values(20), np.arange(20), PEOPLE, VISIT)
    severe = examine(outputs(20, high), values(20), np.arange(20), PEOPLE, VISIT)
    assert np.all(severe | ~mild)


def test_a_person_shows_the_same_items_in_any_company() -> None:
    alone = examine(outputs(1, 0.3), values(1), np.array([7]), PEOPLE, VISIT)
    among = examine(outputs(9, 0.3), values(9), np.arange(9), PEOPLE, VISIT)
    assert np.array_equal(alone[0], among[7])


def test_another_visit_of_the_same_limb_differs_by_noise_only() -> None:
    n = 4000
    quiet = values(n) | {"item_visit_sd": np.zeros(n), "item_visit_shared_sd": np.zeros(n)}
    first = examine(outputs(n, 0.3), quiet, np.arange(n), PEOPLE, VISIT)
    second = examine(outputs(n, 0.3), quiet, np.arange(n), PEOPLE, Stream(4).child("visit", 2))
    assert np.array_equal(first, second)
    noisy = examine(outputs(n, 0.3), values(n), np.arange(n), PEOPLE, VISIT)
    assert not np.array_equal(first, noisy)


def test_half_of_people_show_a_symptom_at_its_half_level() -> None:
    n = 20_000
    limb = outputs(n, 0.0) | {"oedema": np.full(n, load_measurement()["item_half_oedema"].value)}
    present = examine(limb, values(n), np.arange(n), PEOPLE, VISIT)
    index = [item.name for item in ITEMS].index("oedema")
    assert present[:, index].mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))


def test_levels_are_never_negative_for_a_cold_limb() -> None:
    limb = outputs(1, 0.2) | {"temperature_difference": np.array([-2.0])}
    assert levels(limb)["temperature"][0] == 2.0


SYMPTOMS_IN_THREE = ("continuing pain", "allodynia or hyperalgesia", "colour asymmetry", "oedema")


def test_budapest_needs_three_symptom_and_two_sign_categories() -> None:
    assert not meets_budapest_clinical(form(*SYMPTOMS_IN_THREE, "allodynia"))[0]
    assert not meets_budapest_clinical(form(*SYMPTOMS_IN_THREE, "allodynia", "hyperalgesia to pinprick"))[0]
    assert meets_budapest_clinical(form(*SYMPTOMS_IN_THREE, "allodynia", "oedema seen"))[0]
    assert not meets_budapest_clinical(form(*SYMPTOMS_IN_THREE[1:], "allodynia", "oedema seen"))[0]


def test_the_research_criteria_need_symptoms_in_all_four() -> None:
    three = form(*SYMPTOMS_IN_THREE, "allodynia", "oedema seen")
    four = form(*SYMPTOMS_IN_THREE, "motor changes", "allodynia", "oedema seen")
    assert not meets_budapest_research(three)[0]
    assert meets_budapest_research(four)[0]


def test_the_criteria_of_1994_count_what_was_seen_before() -> None:
    now = form("continuing pain", "allodynia or hyperalgesia")
    assert not meets_iasp(now)[0]
    assert meets_iasp(now, earlier=form("oedema seen"))[0]
    assert not meets_iasp(form("oedema seen"), earlier=now)[0]


def test_the_smallest_real_difference_of_two_normal_scores() -> None:
    # SEM s at both visits: SRD = 1.96 sqrt(2) s.
    n, s = 100_000, 1.5
    noise = s * Stream(9).normals(n, 2)
    assert smallest_real_difference(noise[:, 0], noise[:, 1]) == pytest.approx(
        1.96 * np.sqrt(2) * s, rel=0.01
    )
