"""What a run keeps for its report: weighted quantiles, people of 100, the effect within a person."""

from __future__ import annotations

import numpy as np
import pytest

from calor.report.context.people import weighted_quantiles
from tests.report.saved_trial import lips


def test_quantiles_with_equal_weights_are_those_of_midpoints() -> None:
    values = np.array([[3.0, 30.0], [1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    found = weighted_quantiles(values, np.full(4, 0.25), (0.125, 0.5, 0.875))
    # Steps stand at 1/8, 3/8, 5/8, 7/8; half lies between the second and the third value.
    assert found == pytest.approx(np.array([[1.0, 10.0], [2.5, 25.0], [4.0, 40.0]]))


def test_a_person_of_double_weight_counts_twice() -> None:
    twice = weighted_quantiles(np.array([1.0, 2.0, 2.0]), np.full(3, 1 / 3), (0.5,))
    once = weighted_quantiles(np.array([1.0, 2.0]), np.array([1 / 3, 2 / 3]), (0.5,))
    assert twice[0] == pytest.approx(2.0)
    assert once[0] == pytest.approx(1.0 + (0.5 - 1 / 6) / (1 / 2))


def test_the_mean_within_people_is_the_effect_over_the_window() -> None:
    """A rival's mean difference of true pain over days 6 to 42 is its effect, but for clipping of a diary."""
    run = lips()
    (entry,) = run.context["within_person"]
    days = np.array(entry["days"])
    window = (days >= 6) & (days <= 42)
    for rival in run.result["rivals"]:
        mean = np.array(entry["by_rival"][rival["name"]])[window].mean()
        assert mean == pytest.approx(rival["predicted_mean"], abs=0.05)


def test_people_of_100_add_up_and_stand_for_one_denominator() -> None:
    (entry,) = lips().context["responders"]
    assert sum(entry["of_100"].values()) == 100
    low, high = (f(entry["only_with_it_by_rival"].values()) for f in (min, max))
    assert low - 0.5 <= entry["of_100"]["better only with it"] <= high + 0.5


def test_what_was_known_that_day_is_kept() -> None:
    context = lips().context
    assert context["evidence"]["own"] == "goebel-2017-lips"
    assert {each["id"] for each in context["evidence"]["records"]} == {"goebel-2017-lips", "goebel-2010"}
    assert context["numbers"]["fit"]["targets"] > len(context["numbers"]["fit"]["studies"]) > 10
    by_id = {each["id"]: each for each in context["references"]}
    assert by_id["goebel-2017-lips"]["doi"] == "10.3310/eme04050"
    assert by_id["kuitwaard-2009"]["doi"] == "10.1002/ana.21737"
