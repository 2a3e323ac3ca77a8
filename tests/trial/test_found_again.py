"""A bank that was simulated once is found again, part by part, where all that it depends on is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.store.common_store import CommonStore
from calor.store.packing import packed
from calor.store.pieces import Pieces
from calor.study import Protocol
from calor.trial.bank.bank import Bank, WorldsOf, prior_worlds
from calor.trial.bank.courses import Courses, prepare_courses
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import plan_of
from tests.trial.small_bank import (
    ANYBODY,
    DIARY,
    RIVALS,
    SETTINGS,
    builder,
    compiled,
    small_bank,
    small_protocol,
    worlds_with,
)

BLOCKS = len(RIVALS)
COURSES = BLOCKS * len(compiled(DIARY).courses)


def built(
    folder: Path,
    trial: Protocol | None = None,
    settings: RunSettings = SETTINGS,
    courses: Courses | None = None,
    worlds: WorldsOf | None = None,
) -> tuple[Bank, CommonStore]:
    store = CommonStore(folder, 10**9)
    kept = replace(settings, pieces=Pieces(store=store).under("a trial"))
    return builder(trial or small_protocol(), kept, worlds, courses=courses).build(RIVALS), store


def worlds_of_seed_1(table: ParameterTable, rival: Rival, _: Stream, count: int) -> dict[str, Numbers]:
    return prior_worlds(table, rival, Stream(1), count)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("banks")
    _, store = built(folder)
    assert (store.found, store.missing) == (0, BLOCKS + COURSES)
    return folder


def assert_same(bank: Bank, other: Bank) -> None:
    for part in ("patients", "history"):
        for name, values in packed(getattr(bank, part)).items():
            np.testing.assert_array_equal(values, packed(getattr(other, part))[name])
    for part in ("outputs", "covariates"):
        for name, values in getattr(bank, part).items():
            np.testing.assert_array_equal(values, getattr(other, part)[name])
    for name in ("baseline", "slow_before", "loss_per_day", "course_of"):
        np.testing.assert_array_equal(getattr(bank, name), getattr(other, name))
    assert (bank.cells, bank.counts) == (other.cells, other.counts)


def test_the_same_people_under_the_same_courses_are_not_simulated_again(simulated: Path) -> None:
    bank, store = built(simulated)
    assert (store.found, store.missing) == (BLOCKS + COURSES, 0)
    assert_same(bank, small_bank())


def test_another_trial_of_the_same_people_takes_its_screening_and_what_is_given_alike(
    simulated: Path,
) -> None:
    text = small_protocol().model_dump_json().replace("0.5 g/kg", "1 g/kg")
    trial = Protocol.model_validate_json(text)
    courses = prepare_courses(plan_of(trial), load_disease())
    bank, store = built(simulated, trial, courses=courses)
    # The placebo arm, never stopped for there is nothing to stop, is one course.
    assert (store.found, store.missing) == (2 * BLOCKS, BLOCKS * (len(courses.courses) - 1))
    assert_same(bank, builder(trial, courses=courses).build(RIVALS))


def test_who_is_measured_and_analysed_otherwise_needs_no_other_people(simulated: Path) -> None:
    trial = small_protocol().model_copy(update={"patients": 80})
    _, store = built(simulated, trial)
    assert store.missing == 0


@pytest.mark.parametrize(
    ("trial", "settings", "worlds"),
    [
        (None, replace(SETTINGS, seed=2), worlds_of_seed_1),
        (None, replace(SETTINGS, options=Options(rtol=1e-5, atol=1e-7)), None),
        (None, replace(SETTINGS, candidates=20), None),
        (small_protocol(ANYBODY.replace("run_in_days: 5", "run_in_days: 6")), SETTINGS, None),
        (small_protocol(conduct=", dropout_per_month: 0.01"), SETTINGS, None),
        (None, SETTINGS, worlds_with(body_weight=71.0)),
    ],
    ids=["seed", "tolerance", "candidates", "population", "held", "world"],
)
def test_whatever_changes_people_changes_what_they_are_found_by(
    simulated: Path, trial: Protocol | None, settings: RunSettings, worlds: WorldsOf | None
) -> None:
    _, store = built(simulated, trial, settings, worlds=worlds)
    assert store.found == 0


def test_a_drug_s_own_numbers_change_its_courses_alone(simulated: Path) -> None:
    rows = compiled(DIARY).drug_rows
    name = next(
        row.identifier for row in rows if row.identifier in compiled(DIARY).courses[0].kernel.parameter_names
    )
    _, store = built(simulated, worlds=worlds_with(**{name: 1.5}))
    assert (store.found, store.missing) == (2 * BLOCKS, COURSES - BLOCKS)
