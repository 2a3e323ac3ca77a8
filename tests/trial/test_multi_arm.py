"""Trials with several arms that are dropped on the way: errors, decisions, enrolment, estimates, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError, ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import MultiArmMultiStage
from calor.trial.analysis.estimate import Contrast, Direction, t_estimate
from calor.trial.bank.bank import Bank
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.multi_arm_multi_stage import MultiArmConductor
from calor.trial.designs.open_arms import best_of, enrolled_until
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.idle_rules import idle_rules
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.characteristics import performance
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from tests.trial.made_up import HEAD, bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

ARMS = "arms: [{name: one}, {name: two}, {name: three}, {name: placebo}]\n"
REST = (
    "patients: 120\nendpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "analysis: {method: t-test, alpha: 0.025, sided: 1}\n"
)
DESIGNS = {
    "futility": "design: {type: multi-arm-multi-stage, looks: [0.5, 1.0], futility: [0.0]}\n",
    "keep": "design: {type: multi-arm-multi-stage, looks: [0.3, 0.6, 1.0], keep: [2, 1], spending: P}\n",
    "no arm left": "design: {type: multi-arm-multi-stage, looks: [0.5, 1.0], stop: no-arm-left}\n",
    "drop the losers": "design: {type: drop-the-losers, interim_patients: 60, keep: 1}\n",
    "drop one": "design: {type: drop-the-losers, interim_patients: 60, keep: 2}\n",
}
REPLICATES = 4000


def run(text: str, effects: dict[str, float] | None = None, replicates: int = REPLICATES) -> Replicates:
    trial = protocol(text)
    return ReplicateSimulator(plan_of(trial), bank_of(trial, effects), 3, np.ones(1)).run(
        replicates, Silent(), executor=Threads(2)
    )


def varied(bank: Bank) -> Bank:
    """Return a bank whose patients differ in everything that the corners are made of."""
    n = len(bank.baseline)
    habits = replace(bank.habits, day_noise=np.linspace(0.5, 2.5, n), slow_sd=np.linspace(0.2, 1.2, n))
    return replace(bank, habits=habits, loss_per_day=np.linspace(0.0, 0.02, n))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_familywise_error_holds_at_eight_corners(name: str) -> None:
    trial = protocol(DESIGNS[name] + ARMS + REST)
    ready = prepared(trial, varied(bank_of(trial)), RunSettings(replicates=3000, executor=Threads(2)))
    corners = error_at_corners(ready, Silent())
    assert len(corners) == 8
    assert all(corner.holds(0.025) for corner in corners)
    assert all(corner.error.value > 0.005 for corner in corners)


@pytest.mark.parametrize("name", DESIGNS)
def test_an_arm_without_effect_is_seldom_found_beside_one_with_a_large_one(name: str) -> None:
    """The familywise error is strong: with one arm far better, either of the others errs at most at alpha."""
    found = run(DESIGNS[name] + ARMS + REST, {"two": -2.0})
    others = found.rejected[:, [0, 2]].any(axis=1).mean()
    assert others <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / REPLICATES)
    assert found.rejected[:, 1].mean() > 0.9


def test_the_best_arm_goes_on_and_the_others_enrol_nobody_more() -> None:
    found = run(DESIGNS["drop the losers"] + ARMS + REST, {"two": -2.0}, 400)
    assert np.all(found.enrolled == 60 + 30)  # half of 60 more: the arm that goes on, and the control
    assert found.randomised[:, 1].mean() > 29
    assert found.randomised[:, 3] == pytest.approx(30)


def test_a_trial_ends_at_its_first_success_or_goes_on_with_the_arms_that_are_left() -> None:
    effects = {"one": -3.0, "two": -0.8}
    first = run(DESIGNS["futility"] + ARMS + REST, effects, 400)
    assert first.look.mean() < 0.05
    on = run(DESIGNS["no arm left"] + ARMS + REST, effects, 400)
    assert on.look.mean() > 0.95
    assert on.rejected[:, 1].mean() > first.rejected[:, 1].mean() + 0.1
    assert on.randomised[:, 0] == pytest.approx(15, abs=2)  # found at the first look, so nobody more


def test_a_trial_whose_arms_are_all_dropped_is_futile() -> None:
    found = run(DESIGNS["futility"] + ARMS + REST, {"one": 2.0, "two": 2.0, "three": 2.0}, 200)
    assert found.futile.all()
    assert np.all(found.enrolled == 60)
    assert not found.rejected.any()


def test_patients_who_come_while_data_mature_are_enrolled_too() -> None:
    accrual = "conduct: {accrual: {sites: 4, patients_per_site_per_month: 5.0}}\n"  # 9 in 14 days
    found = run(DESIGNS["futility"] + ARMS + REST + accrual, {"one": 2.0, "two": 2.0, "three": 2.0}, 100)
    assert np.all(found.enrolled == 69)


@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_cover_and_hold_no_effect_unless_it_is_found(name: str) -> None:
    trial = protocol(DESIGNS[name] + ARMS + REST)
    bank = bank_of(trial, {"one": -0.5, "two": -0.3}, n_cells=1)
    plan = plan_of(trial)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), executor=Threads(2))
    error = 3 * np.sqrt(0.05 * 0.95 / REPLICATES)
    for done in performance(plan, bank, found, truth_of(plan, bank, 1)):
        assert done.coverage.value > 0.95 - error
    if "drop" not in name:  # an arm that is dropped is not tested, whatever its interval holds
        assert not np.any((found.upper < 0) & ~found.rejected)


def test_enrolment_ends_arm_by_arm() -> None:
    arms = np.array([[0, 1, 2, 0, 1, 2]])
    filled = enrolled_until(arms, np.array([[2, 6]]), np.array([4]))
    assert filled.tolist() == [[True, True, True, True, False, True]]


def test_the_best_are_those_of_the_largest_scores() -> None:
    scores = np.array([[1.0, 3.0, 2.0], [1.0, 1.0, 1.0], [-np.inf, 0.0, -np.inf]])
    assert best_of(scores, 2).tolist() == [[False, True, True], [True, True, False], [False, True, False]]


def test_the_closed_test_asks_less_of_the_second_best() -> None:
    """Three arms at one look of two: with two found, the last meets the value for one arm alone."""
    trial = protocol(DESIGNS["no arm left"] + ARMS + REST)
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial), 3, np.ones(1))
    conductor = simulator.conductor
    assert isinstance(conductor, MultiArmConductor)
    needed = conductor.critical_values[:, 1]  # of the best of one, two, three
    assert needed[0] < needed[1] < needed[2]
    between = (needed[0] + needed[1]) / 2
    z = np.array([[5.0, 4.0, between], [5.0, between, between], [between, 0.0, 0.0]])
    estimates = [_estimate(column) for column in z.T]
    state = conductor.start(len(z))
    after = conductor.after(state, 1, estimates)
    assert after.rejected.tolist() == [[True, True, True], [True, False, False], [False, False, False]]


def _estimate(z: np.ndarray) -> object:
    contrast = Contrast(1, 0, Direction.LESS)
    return t_estimate(contrast, -z, np.ones(len(z)), np.full(len(z), np.inf), np.zeros(len(z), dtype=np.int8))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{name: two}, {name: three}, ", "", "has three arms or more, not 2"),
        ("sided: 1", "sided: 2", "needs a one-sided test"),
        ("method: t-test", "method: t-test, multiplicity: holm", "leave out multiplicity"),
        ("patients:", "allocation: {ratio: [2, 1, 1, 1]}\npatients:", "equally to its active arms"),
        ("looks: [0.5, 1.0]", "looks: [0.5, 0.9]", "looks: are 0.5, 0.9"),
        ("looks: [0.5, 1.0]", "looks: [0.2, 0.4, 0.6, 0.8, 1.0]", "looks"),
        ("futility: [0.0]", "futility: [0.0, 0.0]", "futility: has 2"),
        ("futility: [0.0]", "keep: [0]", "keep: is 0"),
        ("futility: [0.0]", "keep: [4]", "keep names more than the 3 active arms"),
        ("futility: [0.0]", "spending: WT", "is missing: WT needs"),
        ("method: t-test", "method: t-test, prior: {mean: 0, sd: 1}", "a prior does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = HEAD + DESIGNS["futility"] + ARMS + REST
    assert old in text
    with pytest.raises(ReportedError, match=words):
        check_protocol(parse_document(text.replace(old, new), "trial.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("keep: 1", "keep: 3", "nobody would be dropped"),
        ("interim_patients: 60", "interim_patients: 120", "interim_patients must be below patients"),
    ],
)
def test_what_does_not_fit_a_choice_is_refused(old: str, new: str, words: str) -> None:
    text = HEAD + DESIGNS["drop the losers"] + ARMS + REST
    with pytest.raises(InputError, match=words):
        check_protocol(parse_document(text.replace(old, new), "trial.yaml"))


def test_an_arm_that_can_never_pass_a_look_is_said() -> None:
    trial = protocol((DESIGNS["futility"] + ARMS + REST).replace("futility: [0.0]", "futility: [9.0]"))
    assert isinstance(trial.design, MultiArmMultiStage)
    assert any("is not below the critical value" in each for each in idle_rules(plan_of(trial)))
