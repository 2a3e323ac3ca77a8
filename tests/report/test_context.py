"""What a run keeps for its report: weighted quantiles, people of 100, the effect within a person."""

from __future__ import annotations

import numpy as np
import pytest

import calor
from calor.report.context.outcomes import outcomes_of
from calor.report.context.people import weighted_quantiles
from tests.report.saved_trial import lips, three_drugs


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


def test_pain_among_the_six_outcomes_is_that_within_the_same_person() -> None:
    """Fewer people are followed for the six outcomes: quantiles scatter, the rivals' means hardly do."""
    run = lips()
    (within,), (entry,) = run.context["within_person"], run.context["outcomes"]
    pain = entry["outcomes"][0]
    assert [each["name"] for each in entry["outcomes"]][0::4] == ["Pain", "TNF in the limb"]
    assert len(entry["outcomes"]) == 6
    at = [within["days"].index(day) for day in entry["days"]]
    for rival, means in pain["by_rival"].items():
        assert np.array(means) == pytest.approx(np.array(within["by_rival"][rival])[at], abs=0.1)
    for outcome in entry["outcomes"]:
        assert (np.diff(np.array(outcome["quantiles"]), axis=1) >= 0).all()
    # An anti-inflammatory drug raises neither cytokine in the median person, nor lowers their grip.
    last = {each["name"]: each["quantiles"][-1][2] for each in entry["outcomes"]}
    assert last["TNF in the limb"] <= 1.0
    assert last["IL-6 in the limb"] <= 1.0
    assert last["Grip strength"] >= 0.0


def test_an_assumed_effect_has_no_other_outcomes() -> None:
    found = calor.Trial.published("goebel-2017-lips").run(worlds=2, replicates=100, assume_effect=-1.0)
    assert outcomes_of(found.finished.ready) == []


def test_a_contrast_is_of_the_drugs_of_its_arms_alone() -> None:
    first, second, third = three_drugs().context["contrasts"]
    assert first["drugs"] == ["prednisolone"]
    assert (second["drugs"], second["arms"], second["against"]) == (["piroxicam"], ["piroxicam"], ["placebo"])
    assert third["drugs"] == ["ivig"]


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


def test_every_contrast_is_kept_under_each_rival() -> None:
    run = three_drugs()
    assert [each["label"] for each in run.context["contrasts"]] == [
        each["label"] for each in run.result["contrasts"]
    ]
    weights = {rival["name"]: rival["weight"] for rival in run.result["rivals"]}
    for kept, contrast in zip(run.context["contrasts"], run.result["contrasts"], strict=True):
        means = {rival["name"]: rival["predicted_mean"] for rival in kept["rivals"]}
        mean = sum(weights[name] * value for name, value in means.items()) / sum(weights.values())
        assert mean == pytest.approx(contrast["predicted_mean"])
        assert [min(means.values()), max(means.values())] == pytest.approx(contrast["range_over_rivals"])
    first = run.context["contrasts"][0]["rivals"]
    results = run.context["rivals"]
    assert all(
        each["trial_result_interval95"] == results[each["name"]]["trial_result_interval95"] for each in first
    )
