"""The bank of a real trial, small: who stands in it, when they came, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.progress import Silent, Stopped
from calor.engine.batch import BatchResult, Kernel, Status
from calor.model.disease import load_disease
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.bank.courses import Courses
from tests.trial.small_bank import (
    ANYBODY,
    DIARY,
    GRIP,
    RIVALS,
    SETTINGS,
    builder,
    compiled,
    small_bank,
    small_protocol,
    worlds_with,
)

MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def everybody() -> Bank:
    """Everybody who was screened: no criterion but the duration keeps anybody out."""
    return small_bank()


def people(bank: Bank) -> list[tuple[int, int]]:
    """Return the rival and the number of each person."""
    rivals = np.repeat([cell.rival for cell in bank.cells], [cell.stop - cell.start for cell in bank.cells])
    return list(zip(rivals.tolist(), bank.patients.identifiers.tolist(), strict=True))


def test_a_month_is_a_twelfth_of_a_year() -> None:
    """The injury fades as injury_size exp(-rate t): what is left of it says how many days have passed."""
    bank = small_bank(ANYBODY.replace("at_least: 3, at_most: 24", "at_least: 1.5, at_most: 1.52"))
    values, names = bank.patients.values, bank.history.standing.names
    left = bank.history.standing.states[:, names.index("injury")]
    days = np.log(values["injury_size"] / left) / values["injury_resolution_rate"]
    assert days == pytest.approx(bank.covariates[Covariate.DURATION] * MONTH, abs=0.02)
    assert np.all((days > 1.5 * MONTH - 0.02) & (days < 1.52 * MONTH + 0.02))
    assert np.ptp(days) > 0.3


def test_durations_fill_their_window(everybody: Bank) -> None:
    months = everybody.covariates[Covariate.DURATION]
    assert months.min() > 3
    assert months.max() < 24
    # The mean of 144 people between 3 and 24 months has a standard error of 0.5.
    assert months.mean() == pytest.approx(13.5, abs=2)


def test_everybody_who_was_screened_is_counted(everybody: Bank) -> None:
    counts = everybody.counts
    assert (counts.worlds, counts.cells, counts.cells_without_enough_patients) == (3, 6, 0)
    assert counts.screened == 2 * 3 * 24
    assert counts.eligible == len(everybody.baseline) == counts.screened
    assert counts.failed_simulations == 0


def test_cells_share_out_the_bank(everybody: Bank) -> None:
    assert [(cell.rival, cell.world) for cell in everybody.cells] == [
        (r, w) for r in (0, 1) for w in range(3)
    ]
    assert everybody.cells[0].start == 0
    assert [cell.start for cell in everybody.cells[1:]] == [cell.stop for cell in everybody.cells[:-1]]
    assert everybody.cells[-1].stop == len(everybody.baseline)
    assert everybody.n_worlds == 3
    for cell in everybody.cells:
        assert np.all(everybody.patients.draws[cell.start : cell.stop] == cell.world)


def test_no_two_worlds_share_a_person_and_rivals_share_all(everybody: Bank) -> None:
    by_cell = [set(everybody.patients.identifiers[cell.start : cell.stop]) for cell in everybody.cells]
    assert by_cell[:3] == by_cell[3:]
    assert len(set.union(*by_cell[:3])) == 3 * 24
    weights = everybody.patients.values["body_weight"]
    first, second = np.split(weights, 2)
    assert np.array_equal(first, second)
    assert len(np.unique(first)) == len(first)


def test_a_rival_holds_its_parameters_and_no_other(everybody: Bank) -> None:
    for cell in everybody.cells:
        for name, value in RIVALS[cell.rival].sets.items():
            assert np.all(everybody.patients.values[name][cell.start : cell.stop] == value)


@pytest.mark.parametrize(
    ("limits", "low", "high"),
    [
        ("{at_least: -0.5, at_most: 0.5}", -0.5, 0.5),
        ("{at_most: 0.2}", -np.inf, 0.2),
        ("{at_least: 0.2}", 0.2, np.inf),
    ],
)
def test_both_limits_of_screening_keep_out_who_is_measured_beyond_them(
    everybody: Bank, limits: str, low: float, high: float
) -> None:
    bank = small_bank(f"{ANYBODY}, temperature_difference: {limits}")
    measured = everybody.covariates[Covariate.TEMPERATURE]
    expected = (measured >= low) & (measured <= high)
    assert 0 < expected.sum() < len(measured)
    assert people(bank) == [one for one, meets in zip(people(everybody), expected, strict=True) if meets]
    assert bank.counts.screened == everybody.counts.screened


def test_whoever_is_measured_exactly_at_a_limit_is_within_it(everybody: Bank) -> None:
    measured = everybody.covariates[Covariate.TEMPERATURE]
    low, high = (float(value) for value in np.sort(measured)[[20, 120]])
    bank = small_bank(f"{ANYBODY}, temperature_difference: {{at_least: {low!r}, at_most: {high!r}}}")
    assert bank.counts.eligible == ((measured >= low) & (measured <= high)).sum()
    assert bank.covariates[Covariate.TEMPERATURE].min() == low
    assert bank.covariates[Covariate.TEMPERATURE].max() == high


def test_pain_as_written_in_the_diary_must_reach_the_criterion(everybody: Bank) -> None:
    measured = everybody.covariates[Covariate.PAIN]
    cut = float(np.median(measured))  # somebody lies exactly at it
    bank = small_bank(ANYBODY.replace("pain_nrs: {at_least: 0", f"pain_nrs: {{at_least: {cut}"))
    assert people(bank) == [one for one, pain in zip(people(everybody), measured, strict=True) if pain >= cut]
    assert np.array_equal(bank.baseline, bank.covariates[Covariate.PAIN])


def test_no_single_value_of_the_run_in_may_lie_below_the_lowest_allowed(everybody: Bank) -> None:
    """Over one day the lowest value is the mean; over five it is no higher, so fewer enter."""
    one_day = "duration_months: {at_least: 3, at_most: 24}, pain_nrs: {%s, run_in_days: 1}"
    by_mean, by_value = (
        small_bank(one_day % limits) for limits in ("at_least: 5", "at_least: 0, no_value_below: 5")
    )
    assert np.array_equal(by_mean.baseline, by_value.baseline)
    five_days = ANYBODY.replace("at_least: 0,", "at_least: 0, no_value_below: 5,")
    kept = small_bank(five_days)
    assert set(kept.baseline) < set(everybody.baseline[everybody.baseline >= 5])
    assert kept.counts.eligible < int((everybody.baseline >= 5).sum())


def test_the_run_in_diary_is_as_long_as_asked(everybody: Bank) -> None:
    assert everybody.history.run_in_pain.shape[1] == 5
    whole = everybody.baseline[:, None] * np.arange(1, 6)
    assert np.all(np.isclose(whole, np.round(whole)).any(axis=1))  # means of 1 to 5 whole ratings


def test_the_slow_fluctuation_of_the_run_in_goes_on_into_the_trial() -> None:
    """Without day noise, with a fluctuation that stands still: written = true + slow, rounded."""
    held = {
        "diary_day_noise": 1e-9, "diary_missing_share": 0.0, "slow_fluctuation_sd": 1.5,
        "slow_fluctuation_time": 1e9,
    }  # fmt: skip
    bank = small_bank(worlds=worlds_with(**held))
    level = bank.history.run_in_pain.mean(axis=1) + bank.slow_before
    inside = (level > 0.5) & (level < 9.5)
    assert inside.sum() > 30
    assert np.abs(bank.baseline - level)[inside].max() < 0.51
    assert bank.slow_before.std() == pytest.approx(1.5, rel=0.3)
    assert np.all(bank.habits.slow_time == 1e9)


def test_missed_days_of_the_run_in_are_no_ratings() -> None:
    """Where nine of ten days are missed, many wrote nothing: their pain is not known, they do not qualify."""
    bank = small_bank(conduct=", missing_diary_share: 0.9")
    assert bank.counts.eligible < 0.7 * bank.counts.screened  # 0.9^5 = 0.59 wrote nothing
    assert np.isfinite(bank.baseline).all()
    assert bank.counts.failed_simulations == 0
    assert np.all(bank.habits.missing_share == 0.9)


def test_the_protocol_s_loss_is_a_share_in_a_month() -> None:
    bank = small_bank(conduct=", dropout_per_month: 0.2")
    assert np.exp(-bank.loss_per_day * MONTH) == pytest.approx(0.8)


def test_what_the_protocol_leaves_open_is_the_prior_s(everybody: Bank) -> None:
    assert len(np.unique(everybody.loss_per_day)) == 3  # one in each world
    assert len(np.unique(everybody.habits.missing_share)) == 3


def test_more_people_are_screened_where_few_qualify() -> None:
    """8 people, then 8 more, then 16 more: each time twice as many, until 12 qualify or 32 were screened."""
    settings = replace(SETTINGS, candidates=8, most_candidates=32, enough_eligible=12)
    bank = small_bank(settings=settings)
    assert bank.counts.screened == 2 * 3 * 16
    assert all(cell.stop - cell.start == 16 for cell in bank.cells)
    assert len(set(people(bank))) == 2 * 3 * 16
    warm = f"{ANYBODY}, temperature_difference: {{at_least: 0.5}}"
    rare = small_bank(warm, settings=settings)
    assert rare.counts.screened == 2 * 3 * 32
    assert 0 < rare.counts.eligible < 12


def test_exactly_enough_is_enough() -> None:
    settings = replace(SETTINGS, candidates=8, most_candidates=32, enough_eligible=8)
    assert small_bank(settings=settings).counts.screened == 2 * 3 * 8


def test_the_last_round_of_screening_ends_at_the_most() -> None:
    settings = replace(SETTINGS, candidates=8, most_candidates=12, enough_eligible=30)
    assert small_bank(settings=settings).counts.screened == 2 * 3 * 12


def test_a_world_keeps_twice_as_many_as_wanted_and_the_first_of_them(everybody: Bank) -> None:
    settings = replace(SETTINGS, enough_eligible=5)
    bank = small_bank(settings=settings)
    assert [cell.stop - cell.start for cell in bank.cells] == [10] * 6
    first = [everybody.patients.identifiers[cell.start : cell.start + 10] for cell in everybody.cells]
    assert np.array_equal(bank.patients.identifiers, np.concatenate(first))
    assert bank.counts.screened == 144
    # In more than one round of screening the room is what the rounds before left.
    again = small_bank(settings=replace(settings, candidates=4, most_candidates=24))
    assert [cell.stop - cell.start for cell in again.cells] == [8] * 6


@pytest.mark.parametrize("cut", [-1.34, -0.85, 0.0])
@pytest.mark.parametrize(("candidates", "enough"), [(3, 1), (4, 2), (4, 3), (5, 24)])
def test_who_is_kept_in_rounds_of_screening_can_be_counted(
    everybody: Bank, candidates: int, enough: int, cut: float
) -> None:
    """Rounds double until enough qualify or all 24 were screened; the first stay, at most twice enough."""
    settings = replace(SETTINGS, candidates=candidates, enough_eligible=enough)
    bank = small_bank(f"{ANYBODY}, temperature_difference: {{at_least: {cut}}}", settings=settings)
    kept, screened = [], 0
    for cell in everybody.cells:
        warm = everybody.covariates[Covariate.TEMPERATURE][cell.start : cell.stop] >= cut
        seen = candidates
        while warm[:seen].sum() < enough and seen < 24:
            seen = min(2 * seen, 24)
        first = np.flatnonzero(warm[:seen])[: 2 * enough]
        kept += everybody.patients.identifiers[cell.start + first].tolist()
        screened += seen
    assert bank.patients.identifiers.tolist() == kept
    assert bank.counts.screened == screened


def test_other_courses_can_be_put_in_place(everybody: Bank) -> None:
    outputs = {"pain_nrs": everybody.pain[:1], "grip_share": 2 * everybody.pain[:1]}
    other = everybody.with_courses(outputs, np.zeros_like(everybody.course_of))
    assert other.pain is outputs["pain_nrs"]
    assert other.outputs is outputs
    assert not other.course_of.any()
    assert other.baseline is everybody.baseline


def test_a_world_with_too_few_people_cannot_run_the_trial(everybody: Bank) -> None:
    measured = everybody.covariates[Covariate.TEMPERATURE]
    warm = [int((measured[cell.start : cell.stop] >= 0.2).sum()) for cell in everybody.cells]
    fewest = sorted(warm)[3]
    bank = small_bank(
        f"{ANYBODY}, temperature_difference: {{at_least: 0.2}}",
        settings=replace(SETTINGS, fewest_eligible=fewest),
    )
    expected = [
        (cell.rival, cell.world) for cell, size in zip(everybody.cells, warm, strict=True) if size >= fewest
    ]
    assert [(cell.rival, cell.world) for cell in bank.cells] == expected
    assert bank.counts.cells == len(expected)
    assert bank.counts.cells_without_enough_patients == 6 - len(expected)
    assert bank.n_worlds == len({world for _, world in expected})


def test_a_trial_that_nobody_can_enter_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        small_bank(f"{ANYBODY}, temperature_difference: {{at_least: 90}}")
    assert "in none of 3 worlds did 1 of 24 people qualify" in str(refusal.value)
    assert "population" in str(refusal.value)
    assert "hint" in str(refusal.value)


class SomeFail(Courses):
    """Courses in which one person in four cannot be followed under the second course."""

    def follow(self, course: int, *arguments: object) -> BatchResult:
        result = super().follow(course, *arguments)  # type: ignore[arg-type]
        if course == 1:
            result.status[::4] = Status.STEP_LIMIT
        return result


def test_who_cannot_be_followed_is_left_out_under_every_course(everybody: Bank) -> None:
    courses = SomeFail(**vars(compiled(DIARY)))
    bank = builder(small_protocol(), courses=courses).build(RIVALS)
    assert len(bank.baseline) == bank.counts.eligible == 108
    assert bank.counts.failed_simulations == 36
    kept = np.arange(144) % 4 != 0
    assert np.array_equal(bank.patients.identifiers, everybody.patients.identifiers[kept])
    for cell in bank.cells:
        assert cell.stop - cell.start == 18
        assert np.all(bank.patients.draws[cell.start : cell.stop] == cell.world)
    np.testing.assert_array_equal(bank.pain, everybody.pain[:, kept])
    np.testing.assert_array_equal(bank.slow_before, everybody.slow_before[kept])
    np.testing.assert_array_equal(bank.loss_per_day, everybody.loss_per_day[kept])
    for name, values in bank.covariates.items():
        np.testing.assert_array_equal(values, everybody.covariates[name][kept])


class SomeDie:
    """The untreated disease, in which one person in three cannot be brought to screening."""

    def __init__(self, kernel: Kernel) -> None:
        self.parameter_names = kernel.parameter_names
        self._kernel = kernel

    def simulate(self, *arguments: object) -> BatchResult:
        result = self._kernel.simulate(*arguments)  # type: ignore[arg-type]
        result.status[::3] = Status.NON_FINITE
        return result


def test_who_cannot_be_brought_to_screening_does_not_qualify(everybody: Bank) -> None:
    known = compiled(DIARY)
    courses = replace(known, untreated=SomeDie(known.untreated))  # type: ignore[arg-type]
    bank = builder(small_protocol(), courses=courses).build(RIVALS)
    assert np.array_equal(bank.patients.identifiers, everybody.patients.identifiers[np.arange(144) % 3 != 0])
    assert bank.counts.failed_simulations == 48
    assert bank.counts.screened == 144


def test_pain_goes_on_from_screening_and_placebo_alone_changes_little(everybody: Bank) -> None:
    assert everybody.pain.shape == (len(compiled(DIARY).courses), 144, 28)
    assert list(everybody.outputs) == ["pain_nrs"]
    placebo = everybody.pain[everybody.course_of[1, 0, 0]]
    assert np.abs(placebo[:, 0] - everybody.history.run_in_pain[:, -1]).max() < 0.2


def test_another_endpoint_has_its_own_output_and_baseline() -> None:
    bank = small_bank(endpoint=GRIP, worlds=worlds_with(grip_visit_sd=1e-9))
    assert bank.baseline == pytest.approx(100 * bank.history.at_screening["grip_share"], rel=1e-6)
    placebo = bank.course_of[1, 0, 0]
    assert bank.outputs["grip_share"][placebo, :, 0] == pytest.approx(
        bank.history.at_screening["grip_share"], abs=0.01
    )
    assert bank.pain[placebo, :, 0] == pytest.approx(bank.history.run_in_pain[:, -1], abs=0.2)
    assert bank.covariates[Covariate.PAIN].max() > 1.5


def test_with_the_mechanism_off_every_sequence_is_the_one_that_was_named(everybody: Bank) -> None:
    off = everybody.mechanism_off(1)
    assert off.course_of.shape == everybody.course_of.shape
    assert np.array_equal(off.course_of[0], everybody.course_of[1])
    assert np.array_equal(off.course_of[1], everybody.course_of[1])
    assert not np.array_equal(everybody.course_of[0], everybody.course_of[1])


def test_every_step_of_the_work_is_told_and_it_can_be_stopped() -> None:
    class Counter(Silent):
        def __init__(self) -> None:
            self.stages: list[list[object]] = []

        def start(self, stage: str, total: int) -> None:
            self.stages.append([stage, total, 0])

        def advance(self, steps: int = 1) -> None:
            self.stages[-1][2] += steps  # type: ignore[operator]

    counter = Counter()
    settings = replace(SETTINGS, candidates=8, most_candidates=32, enough_eligible=12)
    builder(small_protocol(), settings, progress=counter).build(RIVALS)
    of_screening, of_courses = counter.stages
    assert of_screening == ["patients", 6, 6]  # three worlds under each of two rivals
    courses = len(compiled(DIARY).courses)
    assert of_courses == ["courses", 2 * courses, 2 * courses]

    class StopsAtOnce(Counter):
        def start(self, stage: str, total: int) -> None:
            super().start(stage, total)
            self.stop_requested = True

    watcher = StopsAtOnce()
    with pytest.raises(Stopped):
        builder(small_protocol(), progress=watcher).build(RIVALS)
    assert watcher.stages[-1][2] == 0


def test_parameters_come_from_the_worlds_that_were_asked_for() -> None:
    value = load_disease().parameters["igg_baseline"].value * 1.37
    bank = small_bank(worlds=worlds_with(igg_baseline=value))
    # It varies between people about the value of the world: log-normal, SD of the log as in the table.
    sd = load_disease().parameters["igg_baseline"].patient_sd or 0.0
    logs = np.log(bank.patients.values["igg_baseline"] / value)
    assert logs.mean() == pytest.approx(0, abs=4 * sd / np.sqrt(72) + 1e-9)
