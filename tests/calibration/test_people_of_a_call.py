"""Who the virtual people of a call are, and how often each is examined."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.arms import prepare_arms
from calor.calibration.enrolment import people_of
from calor.calibration.examinations import EXAMINATIONS, examined_again, facts_of
from calor.calibration.problem import Numbers
from calor.calibration.simulator import CohortSizes, SummarySimulator
from calor.calibration.studies import FittedStudies, load_studies
from calor.calibration.targets import UNTREATED, load_targets
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.natural_history import NaturalHistory, live_untreated, statistics_of

STREAM, PEOPLE, WORLDS = Stream(3), 250, 2
OPTIONS = Options(1e-4, 1e-6, threads=1)


def simulator_of(shared: bool) -> SummarySimulator:
    """Return a simulator of the untreated course and of one study with a diary and saline in it."""
    everything = load_studies("product")
    kept = tuple(study for study in everything.studies if study.id == "manning-2014")
    studies = FittedStudies({study.cohort: everything.cohorts[study.cohort] for study in kept}, kept)
    ids = {target.id for study in kept for target in study.targets}
    targets = tuple(each for each in load_targets("product") if each.kind == UNTREATED or each.id in ids)
    return SummarySimulator(
        targets, studies, prepare_arms(studies, load_disease()), load_rivals()[0], CohortSizes(PEOPLE, 60),
        STREAM, OPTIONS, SILENT, shared,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> SummarySimulator:
    return simulator_of(shared=True)


@pytest.fixture(scope="module")
def history(shared: SummarySimulator) -> NaturalHistory:
    worlds = shared.worlds(np.zeros((WORLDS, len(shared.names))))
    people = people_of(shared.table, worlds, PEOPLE, STREAM, shared=True)
    return live_untreated(shared.arms.kernels[()], people, STREAM, OPTIONS)


def same(first: Numbers, second: Numbers) -> bool:
    return bool(np.array_equal(first, second, equal_nan=True))


def differ(first: Numbers, second: Numbers) -> bool:
    """Whether nearly all summaries differ: two shares of few people may be the same."""
    return bool((first != second)[np.isfinite(first)].mean() > 0.8)


def test_the_points_of_a_call_share_their_people_and_calls_do_not(shared: SummarySimulator) -> None:
    """One place three times: whatever differs is the chance of who the people are."""
    twice = np.zeros((2, len(shared.names)))
    together, others = shared(twice, 1), shared(twice, 2)
    assert same(together[0], together[1])
    assert differ(together[0], others[0])
    alone = simulator_of(shared=False)(twice, 1)
    assert differ(alone[0], alone[1])


def test_an_examination_changes_what_is_seen_and_not_what_is_so(history: NaturalHistory) -> None:
    again = examined_again(history, 1)
    for name, visit in history.visits.items():
        seen, other = visit.items, again.visits[name].items
        assert again.visits[name].days is visit.days
        assert again.visits[name].outputs is visit.outputs
        # Of one limb two examiners find about as much, and not the same.
        apart = seen.mean(axis=1) - other.mean(axis=1)
        assert abs(apart.mean()) < 4 * apart.std(ddof=1) / np.sqrt(len(apart))
        assert 0.05 < (seen != other).mean() < 0.45
    assert again.patients.values is history.patients.values
    twice = examined_again(history, 2)
    assert not np.array_equal(again.visits["enrolment"].items, twice.visits["enrolment"].items)


def test_a_fact_is_the_mean_over_examinations(history: NaturalHistory) -> None:
    found = facts_of(history, WORLDS)
    times = [history, *(examined_again(history, time) for time in range(1, EXAMINATIONS))]
    for world in range(WORLDS):
        of_world = [statistics_of(each.take(each.patients.draws == world)) for each in times]
        for name, values in found.items():
            each = np.array([one[name] for one in of_world])
            if np.isfinite(each[0]):
                assert values[world] == pytest.approx(np.nanmean(each))
            else:
                assert np.isnan(values[world]), "whether a cohort is found the first examination says"
    assert np.isfinite(found["lost_criteria_3_months"]).all()
