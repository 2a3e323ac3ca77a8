"""Forecasts of an untreated cohort: its source, its studies, and what they would print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study.library import study
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.forecast.kinds import CourseFigure
from calor.trial.forecast.natural_course import SimulatedStudies, course_document, simulate_course
from calor.trial.forecast.scales import load_scales

SMALL = RunSettings(worlds=2, most_candidates=120, replicates=40)
LOUIS = "louis-2025-early-cohort"


@pytest.fixture(scope="module")
def simulated() -> SimulatedStudies:
    return simulate_course(study(LOUIS), Scenario(), SMALL, Silent())


def test_everybody_meets_the_criteria_at_the_first_visit_and_fewer_later(
    simulated: SimulatedStudies,
) -> None:
    still = simulated.figures[CourseFigure.STILL]
    assert np.all(still[:, 0] == 1)
    assert np.all((still[:, 1:] >= 0) & (still[:, 1:] < 1))


def test_every_rival_has_as_many_studies_of_the_cohort_s_size(simulated: SimulatedStudies) -> None:
    """40 studies by 2 worlds are 20 a world; a share of 113 people is a whole number of 113ths."""
    counts = np.bincount(simulated.rival_of, minlength=6)
    assert set(counts) <= {20, 40}
    whole = simulated.figures[CourseFigure.STILL] * 113
    assert np.allclose(whole, np.round(whole))


def test_means_and_spreads_lie_within_their_scales(simulated: SimulatedStudies) -> None:
    """On a scale from 0 to L the largest SD has half of the people at either end: L/2 (n/(n-1))^0.5."""
    for mean, spread, largest in (
        (CourseFigure.PAIN_MEAN, CourseFigure.PAIN_SD, 10),
        (CourseFigure.SCORE_MEAN, CourseFigure.SCORE_SD, 16),
    ):
        assert np.all((simulated.figures[mean] >= 0) & (simulated.figures[mean] <= largest))
        assert np.all(simulated.figures[spread] <= largest / 2 * np.sqrt(113 / 112))
        assert np.all(simulated.figures[spread] > 0)


def test_a_forecast_weighs_rivals_by_their_weight_and_not_by_their_studies(
    simulated: SimulatedStudies,
) -> None:
    known = replace(
        simulated,
        figures={CourseFigure.STILL: np.array([[1.0], [1.0], [1.0], [5.0]])},
        rival_of=np.array([0, 0, 0, 1]),
        rivals=simulated.rivals[:2],
        weights=np.array([0.25, 0.75]),
    )
    found = known.forecast(CourseFigure.STILL, 0)
    assert found["predicted_mean"] == pytest.approx(0.25 * 1 + 0.75 * 5)
    assert [each["predicted_mean"] for each in found["by_rival"]] == [1, 5]


def test_the_document_says_what_was_read_before_and_what_was_not() -> None:
    entry = load_scales().registered_courses[LOUIS]
    document = course_document(LOUIS, entry, Scenario(), SMALL, Silent())
    assert (document["people"], document["status"]) == (113, "prior-predictive")
    assert len(document["forecasts"]) == 5 * 4 - 1
    read = [each for each in document["forecasts"] if each["known"]]
    assert [(each["of"], each["month"], each["known"]["value"]) for each in read] == [("still", 12, 0.35)]
    for each in document["forecasts"]:
        low, high = each["predicted_interval95"]
        assert low <= each["predicted_mean"] <= high
        assert len(each["by_rival"]) == 6
    assert document["assumed"]["placebo_response"]


def test_the_same_seed_gives_the_same_studies_whatever_the_number_of_threads(
    simulated: SimulatedStudies,
) -> None:
    settings = RunSettings(worlds=2, most_candidates=120, replicates=40, executor=Threads(2))
    again = simulate_course(study(LOUIS), Scenario(), settings, Silent())
    for figure in CourseFigure:
        assert np.array_equal(again.figures[figure], simulated.figures[figure])
