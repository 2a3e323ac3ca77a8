"""The true value of a question, where it can be counted or written down by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.study import Protocol
from calor.trial.bank.bank import Bank, Cell
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.truth import COPIES, truth_of
from tests.trial.made_up import BASE, bank_of, protocol, with_level

HALF = 0.5 / COPIES

PARALLEL = """\
design: {type: parallel}
patients: 40
endpoint: {variable: pain-diary, from_day: 3, to_day: 9%s}
analysis: {method: %s}
"""
CROSSED = """\
design: {type: crossover, period_days: 10, washout_days: 4}
patients: 24
endpoint: {variable: pain-diary, from_day: 4, to_day: 10}
analysis: {method: crossover}
"""
THREE = BASE.replace("{name: active}", "{name: low}, {name: high}")


def silent(bank: Bank) -> Bank:
    """Return a bank whose diaries say the true level, to the whole number."""
    return replace(bank, habits=replace(bank.habits, day_noise=np.full(len(bank.baseline), 1e-9)))


def at_levels(bank: Bank, pain: np.ndarray) -> Bank:
    """Return a bank with another true pain on every day, (n_courses, n) or (n_courses, n, n_days)."""
    days = bank.pain.shape[2]
    pain = np.repeat(pain[:, :, None], days, axis=2) if pain.ndim == 2 else pain
    return silent(with_level(bank, pain))


def test_a_crossover_s_value_is_the_mean_over_its_periods() -> None:
    """The active arm takes 1 point in the first period and 3 in the second: 2 on average."""
    trial = protocol(CROSSED)
    bank = bank_of(trial, sd=0.0, n=8)
    pain = np.full(bank.pain.shape, 7.0)
    pain[bank.course_of[layout_of(trial).sequences.index((0, 1)), 0, 0], :, :14] -= 1.0
    pain[bank.course_of[layout_of(trial).sequences.index((1, 0)), 0, 0], :, 14:] -= 3.0
    bank = at_levels(bank, pain)
    truth = truth_of(plan_of(trial), bank, seed=1)
    assert truth.levels[0] == pytest.approx((6 + 4) / 2)
    assert truth.levels[1] == pytest.approx(7.0)
    assert truth.by_cell(bank) == pytest.approx(-2.0)


def test_carry_over_into_the_control_s_second_period_is_no_part_of_its_value() -> None:
    trial = protocol(CROSSED)
    bank = bank_of(trial, sd=0.0, n=8)
    pain = np.full(bank.pain.shape, 7.0)
    pain[bank.course_of[layout_of(trial).sequences.index((0, 1)), 0, 0]] -= (
        2.0  # lasts into the control's period
    )
    pain[bank.course_of[layout_of(trial).sequences.index((1, 0)), 0, 0], :, 14:] -= 2.0
    truth = truth_of(plan_of(trial), at_levels(bank, pain), seed=1)
    assert truth.levels[0] == pytest.approx(5.0)
    assert truth.levels[1] == pytest.approx(7.0)


def test_periods_count_alike_however_many_sequences_give_them() -> None:
    """Three arms take six sequences; an arm has two sequences in each period."""
    trial = protocol(CROSSED.replace("method: crossover", "method: crossover-mixed"), THREE)
    assert len(layout_of(trial).sequences) == 6
    bank = bank_of(trial, {"low": -1.0, "high": -2.0}, sd=0.0, n=8)
    starts = [int(start) for start in layout_of(trial).starts]
    pain = bank.pain + 2.0
    for place, start in enumerate(starts[1:], start=1):  # every arm's effect grows by 1 from period to period
        pain[:, :, start : start + 14] -= 1.0 * place
    truth = truth_of(plan_of(trial), at_levels(bank, pain), seed=1)
    assert truth.levels.mean(axis=1) == pytest.approx([5.0, 4.0, 6.0])
    assert truth.by_cell(bank) == pytest.approx(np.array([[-1.0, -2.0]] * 2))


def test_each_cell_has_its_own_value_and_a_subgroup_another() -> None:
    trial = protocol(PARALLEL % ("", "ancova"))
    bank = bank_of(trial, sd=0.0, n=8, n_cells=2)
    effect = np.array([1.0, 2.0, 3.0, 4.0, 1.0, 1.0, 1.0, 5.0])
    pain = np.array([9.0 - effect, np.full(8, 9.0)])
    bank = at_levels(bank, pain)
    truth = truth_of(plan_of(trial), bank, seed=1)
    assert truth.by_cell(bank)[:, 0] == pytest.approx([-2.5, -2.0])
    chosen = np.array([True, False, True, False, False, False, False, True])
    assert truth.by_cell(bank, chosen)[:, 0] == pytest.approx([-2.0, -5.0])
    none_in_second = chosen & (np.arange(8) < 4)
    found = truth.by_cell(bank, none_in_second)[:, 0]
    assert found[0] == pytest.approx(-2.0)
    assert np.isnan(found[1])


def test_a_response_is_compared_by_its_log_odds() -> None:
    """Of 8 patients 6 respond under the active arm and 2 under placebo, each asked in every copy.

    Log odds with a half of one answer added to each kind: log((6+h)/(2+h)) - log((2+h)/(6+h)), h = 1/16.
    """
    trial = protocol(PARALLEL % (", responder: {reduction_percent: 50}", "logistic"))
    bank = bank_of(trial, sd=0.0, n=8, n_cells=1)
    better, worse = 3.0, 7.0
    pain = np.array([[better] * 6 + [worse] * 2, [better] * 2 + [worse] * 6])
    bank = replace(at_levels(bank, pain), baseline=np.full(8, 8.0))
    assert truth_of(plan_of(trial), bank, seed=1).by_cell(bank) == pytest.approx(
        2 * np.log((6 + HALF) / (2 + HALF))
    )
    chosen = np.arange(8) < 6
    # 6 of 6 and 2 of 6.
    expected = np.log((6 + HALF) / HALF) - np.log((2 + HALF) / (4 + HALF))
    assert truth_of(plan_of(trial), bank, seed=1).by_cell(bank, chosen) == pytest.approx(expected)


def test_more_copies_leave_less_of_the_diary_s_noise() -> None:
    trial = protocol(PARALLEL % ("", "ancova"))
    bank = bank_of(trial, sd=0.0, n=400)

    def spread(copies: int) -> float:
        return float(truth_of(plan_of(trial), bank, 1, copies).levels[0].std())

    assert spread(1) == pytest.approx(np.sqrt((1 + 1 / 12) / 7), rel=0.15)
    assert spread(1) / spread(16) == pytest.approx(4.0, rel=0.25)


def test_arms_share_their_random_numbers() -> None:
    """Where two arms do the same, their values are the same and not only alike."""
    trial = protocol(PARALLEL % ("", "ancova"))
    bank = bank_of(trial, n=40)
    truth = truth_of(plan_of(trial), bank, seed=1)
    assert np.array_equal(truth.levels[0], truth.levels[1])
    assert not np.array_equal(truth.levels[0], truth_of(plan_of(trial), bank, seed=2).levels[0])


def test_loss_and_missed_days_leave_the_question_as_it_is() -> None:
    trial = protocol(PARALLEL % ("", "ancova"))
    bank = bank_of(trial, {"active": -1.0}, n=40)
    gone = replace(
        bank,
        loss_per_day=np.full(40, 5.0),
        habits=replace(bank.habits, missing_share=np.full(40, 0.9)),
    )
    assert np.array_equal(truth_of(plan_of(trial), gone, 1).levels, truth_of(plan_of(trial), bank, 1).levels)


WINS = """\
design: {type: parallel}
patients: 40
visits: [9]
endpoint: {variable: pain-diary, from_day: 3, to_day: 9}
analysis: {method: win-ratio, wins: {%s}}
estimand: {%s}
conduct: {%s}
"""


def wins_bank(trial: Protocol, active: list[float], control: list[float]) -> Bank:
    """Return a bank of 8 people whose diaries say these levels under the active arm and under the control."""
    return at_levels(bank_of(trial, sd=0.0, n=8, n_cells=1), np.array([active, control]))


def counted(active: list[float], control: list[float], tie: float = 0.0) -> float:
    """Return the log win ratio, pair by pair of different people in every copy, with one half added."""
    n = len(active)
    pairs = [(active[i], control[j]) for i in range(n) for j in range(n) if i != j]
    won = sum(mine < theirs - tie for mine, theirs in pairs)
    lost = sum(theirs < mine - tie for mine, theirs in pairs)
    return float(np.log((COPIES * won + 0.5) / (COPIES * lost + 0.5)))


ACTIVE, CONTROL = [2.0, 4.0, 6.0, 3.0, 1.0, 8.0, 5.0, 5.0], [5.0, 7.0, 6.0, 4.0, 9.0, 8.0, 5.0, 2.0]


def test_the_win_ratio_counts_every_pair_of_different_people() -> None:
    trial = protocol(WINS % ("tie_within: 0", "", ""))
    bank = wins_bank(trial, ACTIVE, CONTROL)
    assert truth_of(plan_of(trial), bank, 1).by_cell(bank) == pytest.approx(counted(ACTIVE, CONTROL))
    tied = protocol(WINS % ("tie_within: 1", "", ""))
    assert truth_of(plan_of(tied), bank, 1).by_cell(bank) == pytest.approx(counted(ACTIVE, CONTROL, 1.0))


def test_the_win_ratio_is_counted_within_cells_and_among_who_counts() -> None:
    trial = protocol(WINS % ("tie_within: 0", "", ""))
    bank = replace(wins_bank(trial, ACTIVE, CONTROL), cells=(Cell(0, 0, 0, 3), Cell(0, 1, 3, 8)))
    truth = truth_of(plan_of(trial), bank, 1)
    expected = [counted(ACTIVE[:3], CONTROL[:3]), counted(ACTIVE[3:], CONTROL[3:])]
    assert truth.by_cell(bank)[:, 0] == pytest.approx(expected)
    chosen = np.array([False, True, False, True, True, False, False, True])
    found = truth.by_cell(bank, chosen)[:, 0]
    assert np.isnan(found[0])  # one person makes no pair
    some = [i for i in range(3, 8) if chosen[i]]
    assert found[1] == pytest.approx(counted([ACTIVE[i] for i in some], [CONTROL[i] for i in some]))
    both = np.array([True, True, False, True, False, False, False, False])
    found = truth.by_cell(bank, both)[:, 0]
    assert found[0] == pytest.approx(counted(ACTIVE[:2], CONTROL[:2]))
    assert np.isnan(found[1])


def test_each_active_arm_meets_the_control() -> None:
    trial = protocol(WINS % ("tie_within: 0", "", ""), THREE)
    bank = bank_of(trial, sd=0.0, n=8, n_cells=1)
    bank = at_levels(bank, np.array([ACTIVE, [1.0] * 8, CONTROL]))
    expected = [[counted(ACTIVE, CONTROL), counted([1.0] * 8, CONTROL)]]
    assert truth_of(plan_of(trial), bank, 1).by_cell(bank) == pytest.approx(np.array(expected))


def test_whoever_is_lost_loses_to_whoever_is_not() -> None:
    """Under the control everybody is lost at once, under the active arm nobody: every pair is won.

    Pain drives people out: with slope 2 and pain 9 against 1 the hazard is e^16 times as large.
    """
    text = WINS % ("first: [loss], tie_within: 10", "loss: composite", "dropout_log_hazard_per_point: 2")
    trial = protocol(text)
    bank = replace(wins_bank(trial, [1.0] * 8, [9.0] * 8), loss_per_day=np.full(8, 0.05))
    assert truth_of(plan_of(trial), bank, 1).by_cell(bank) == pytest.approx(np.log((56 * COPIES + 0.5) / 0.5))
    without = protocol(text.replace("first: [loss], ", ""))
    assert truth_of(plan_of(without), bank, 1).by_cell(bank) == pytest.approx(0.0)
