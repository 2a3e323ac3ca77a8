"""When patients stop, take rescue and are lost: hazards constant by parts, shares in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.conduct.events import Events, events_of
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import BASE, bank_of, protocol, with_level

MONTH = 365.25 / 12
N = 8000
SHARE_ERROR = 4 * 0.5 / np.sqrt(N)
"""Four standard errors of a share of all."""

PARALLEL = """\
design: {type: parallel}
patients: 60
visits: [14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: ancova}
conduct: {%s}
"""
PROVIDED = "acknowledge: [thrombosis]\n"
DRUG = ', drug: ivig, regimen: "0.5 g/kg iv at day 1"'


def even(trial: Protocol, **settings: float) -> Bank:
    """Return a bank in which everybody's true pain is 5, where hazards hold as written."""
    return bank_of(trial, n=400, sd=0.0, **settings)  # type: ignore[arg-type]


def events(trial: Protocol, bank: Bank, sequence: int = 0, without: tuple[str, ...] = ()) -> Events:
    people = np.arange(N) % len(bank.baseline)
    return events_of(plan_of(trial).events, bank, sequence, people, np.arange(N), Stream(5), without)


def share(happened: object) -> float:
    return float(np.mean(happened))


def test_stopping_waits_for_the_next_visit() -> None:
    trial = protocol(PARALLEL % "stopping: {per_month: 1.0}")
    found = events(trial, even(trial))
    by_14, by_28 = (1 - np.exp(-days / MONTH) for days in (13, 27))
    assert share(found.stop == 1) == pytest.approx(by_14, abs=SHARE_ERROR)
    assert share(found.stop == 2) == pytest.approx(by_28 - by_14, abs=SHARE_ERROR)
    for column, time in ((0, np.inf), (1, 13.0), (2, 27.0)):
        assert np.all(found.stopped[found.stop == column] == time)
    assert np.all(np.isinf(found.rescued))
    assert not found.rescue.any()


def test_a_trial_without_stopping_has_none_whatever_the_bank_holds() -> None:
    bank = even(protocol(PARALLEL % "stopping: {per_month: 1.0}"))
    assert bank.stop_days
    found = events(protocol(PARALLEL % ""), bank)
    assert np.all(np.isinf(found.stopped))
    assert not found.stop.any()


@pytest.mark.parametrize(("shift", "slope"), [(2.0, 0.5), (-3.0, 0.4), (1.0, 0.0)])
def test_hazards_grow_with_true_pain(shift: float, slope: float) -> None:
    """Pain of 5 + shift: hazard a month times exp(slope shift), for stopping, rescue and loss alike."""
    trial = protocol(
        PARALLEL
        % (
            f"stopping: {{per_month: 0.6, log_hazard_per_point: {slope}}}, "
            f"rescue: {{per_month: 0.5, relief_nrs: 1, log_hazard_per_point: {slope}}}, "
            f"dropout_log_hazard_per_point: {slope}"
        )
    )
    bank = even(trial, loss_per_day=0.02)
    found = events(trial, with_level(bank, bank.pain + shift))
    factor = np.exp(slope * shift)
    assert share(found.stopped <= 27) == pytest.approx(
        1 - np.exp(-0.6 * factor * 27 / MONTH), abs=SHARE_ERROR
    )
    for day in (3.25, 14.0, 27.75):
        felt = 1 - np.exp(-0.5 * factor * day / MONTH)
        assert share(found.rescued <= day) == pytest.approx(felt, abs=SHARE_ERROR)
        assert share(found.lost <= day) == pytest.approx(1 - np.exp(-0.02 * factor * day), abs=SHARE_ERROR)
    assert not found.rescue.any()  # no drug: the course goes on


def test_a_hazard_that_changes_by_day_is_added_up() -> None:
    """Pain 5 until day 10 and then 7, slope 0.5: the hazard is h before and e h after, within days too."""
    trial = protocol(PARALLEL % "dropout_log_hazard_per_point: 0.5")
    bank = even(trial, loss_per_day=0.03)
    pain = bank.pain.copy()
    pain[:, :, 10:] += 2.0
    lost = events(trial, with_level(bank, pain)).lost
    for time in (4.5, 10.0, 10.25, 10.5, 17.75, 27.9):
        passed = 0.03 * (min(time, 10) + np.e * max(time - 10, 0))
        assert share(lost <= time) == pytest.approx(1 - np.exp(-passed), abs=SHARE_ERROR)
    assert lost[np.isfinite(lost)].max() < 28
    assert share(np.isinf(lost)) == pytest.approx(np.exp(-0.03 * (10 + np.e * 18)), abs=SHARE_ERROR)


def test_without_a_hazard_nobody_is_lost() -> None:
    for conduct in ("dropout_log_hazard_per_point: 0.5", "dropout_log_hazard_per_point: 0"):
        trial = protocol(PARALLEL % conduct)
        assert np.all(np.isinf(events(trial, even(trial)).lost))


def test_an_event_that_is_supposed_away_does_not_happen_and_the_others_do() -> None:
    trial = protocol(PARALLEL % "stopping: {per_month: 1.0}, rescue: {per_month: 1.0, relief_nrs: 1}")
    bank = even(trial, loss_per_day=0.02)
    all_of_them = events(trial, bank)
    for without, kept in (("stopping", "rescued"), ("rescue", "stopped")):
        found = events(trial, bank, without=(without,))
        gone = found.stopped if without == "stopping" else found.rescued
        assert np.all(np.isinf(gone))
        assert not (found.stop if without == "stopping" else found.rescue).any()
        assert np.array_equal(getattr(found, kept), getattr(all_of_them, kept))
        assert np.array_equal(found.lost, all_of_them.lost)
        assert np.isfinite(getattr(found, kept)).any()


def test_after_a_rescue_drug_stopping_follows_the_pain_under_it() -> None:
    """The drug takes 5 points from day 14 on; with slope 1 the hazard of stopping falls to exp(-5) of it."""
    trial = protocol(
        PARALLEL
        % f"stopping: {{per_month: 2.0, log_hazard_per_point: 1.0}}, rescue: {{per_month: 3.0{DRUG}}}"
        + PROVIDED
    )
    found = events(trial, even(trial, rescue_effect=-5.0))
    assert share(found.rescue == 1) == pytest.approx(1 - np.exp(-3.0 * 13 / MONTH), abs=SHARE_ERROR)
    assert np.all(found.rescued[found.rescue == 1] == 13.0)
    on_then = found.stop != 1
    for rescued, factor in ((True, np.exp(-5)), (False, 1.0)):
        chosen = on_then & (np.isfinite(found.rescued) == rescued)
        hazard = 2.0 * factor * 14 / MONTH
        error = 4 * 0.5 / np.sqrt(chosen.sum())
        assert share(found.stopped[chosen] == 27) == pytest.approx(1 - np.exp(-hazard), abs=error)
    # Until the drug starts nothing is another: on day 14 as many stop as without rescue.
    assert share(found.stop == 1) == pytest.approx(1 - np.exp(-2.0 * 13 / MONTH), abs=SHARE_ERROR)


def test_rescue_follows_the_pain_after_stopping() -> None:
    """Stopping on day 14 takes back 5 points of effect: pain 0 becomes 5, the hazard e^2.5 times as large."""
    trial = protocol(
        PARALLEL
        % "stopping: {per_month: 2.0}, rescue: {per_month: 0.3, relief_nrs: 1, log_hazard_per_point: 0.5}"
    )
    found = events(trial, even(trial, effects={"active": -5.0}))  # type: ignore[arg-type]
    early = found.stop == 1
    free = found.rescued > 13
    for stopped, factor in ((True, 1.0), (False, np.exp(-2.5))):
        chosen = free & (early == stopped)
        expected = 1 - np.exp(-0.3 * factor * 14 / MONTH)
        error = 4 * 0.5 / np.sqrt(chosen.sum())
        assert share(found.rescued[chosen] <= 27) == pytest.approx(expected, abs=error)


def test_loss_follows_the_course_that_stopping_and_rescue_left() -> None:
    trial = protocol(
        PARALLEL
        % f"stopping: {{per_month: 2.0}}, rescue: {{per_month: 2.0{DRUG}}}, dropout_log_hazard_per_point: 0.5"
        + PROVIDED
    )
    bank = even(trial, effects={"active": -4.0}, rescue_effect=2.0, loss_per_day=0.02)  # type: ignore[arg-type]
    found = events(trial, bank)
    for stop, rescue, pain in ((0, 0, 1.0), (1, 0, 5.0), (0, 1, 3.0), (1, 1, 7.0)):
        chosen = (found.stop == stop) & (found.rescue == rescue) & (found.lost > 13)
        expected = 1 - np.exp(-0.02 * np.exp(0.5 * (pain - 5)) * 14)
        error = 4 * np.sqrt(expected * (1 - expected) / chosen.sum())
        assert share(found.lost[chosen] <= 27) == pytest.approx(expected, abs=error)


CROSSED = """\
design: {type: crossover, period_days: 21, washout_days: 7}
patients: 20
endpoint: {variable: pain-diary, from_day: 15, to_day: 21}
analysis: {method: crossover}
conduct: {stopping: {per_month: 0.0, side_effects_per_month: {%s}}}
acknowledge: [thrombosis]
"""
TREATED = BASE.replace(
    "{name: active}", '{name: active, treatments: [{drug: ivig, regimen: "0.1 g/kg iv at day 1, 8, 15"}]}'
)


def test_side_effects_act_in_the_periods_of_their_arm() -> None:
    """Hazard h from the day on which the arm begins until the next arm does, 28 days later.

    Doses that are left to be stopped stand on days 8, 15, 29, 36 and 43.
    """
    trial = protocol(CROSSED % "active: 1.5", TREATED)
    bank = even(trial)
    assert bank.stop_days == (8, 15, 29, 36, 43)
    first, second = (
        events(trial, bank, layout_of(trial).sequences.index(order)).stopped for order in ((0, 1), (1, 0))
    )

    def expected(days: float) -> float:
        return float(1 - np.exp(-1.5 * days / MONTH))

    for time, days in ((7, 7), (14, 14), (28, 28), (35, 28), (42, 28)):
        assert share(first <= time) == pytest.approx(expected(days), abs=SHARE_ERROR)
    for time, days in ((7, 0), (14, 0), (28, 0), (35, 7), (42, 14)):
        assert share(second <= time) == pytest.approx(expected(days), abs=SHARE_ERROR)


def test_side_effects_come_on_top_of_the_hazard_of_every_arm() -> None:
    trial = protocol(
        PARALLEL
        % "stopping: {per_month: 0.5, log_hazard_per_point: 0.5, side_effects_per_month: {active: 0.7}}"
    )
    bank = even(trial)
    bank = with_level(bank, bank.pain + 1.0)
    for sequence, hazard in ((0, 0.5 * np.exp(0.5) + 0.7), (1, 0.5 * np.exp(0.5))):
        expected = 1 - np.exp(-hazard * 27 / MONTH)
        assert share(np.isfinite(events(trial, bank, sequence).stopped)) == pytest.approx(
            expected, abs=SHARE_ERROR
        )


def test_events_of_a_person_are_theirs_whoever_stands_beside() -> None:
    trial = protocol(PARALLEL % "stopping: {per_month: 1.0}, rescue: {per_month: 1.0, relief_nrs: 1}")
    bank = even(trial, loss_per_day=0.02)
    whole = events(trial, bank)
    some = np.array([7, 4000, 11])
    part = events_of(plan_of(trial).events, bank, 0, some % 400, some, Stream(5))
    for name, values in vars(part).items():
        assert np.array_equal(values, getattr(whole, name)[some])
    assert len(np.unique(whole.lost)) == N
    # Three kinds of event, three numbers of each person: one early says nothing of another.
    early = whole.lost < np.median(whole.lost)
    assert share(whole.rescued[early] < 14) == pytest.approx(
        share(whole.rescued[~early] < 14), abs=3 * SHARE_ERROR
    )
    assert share(whole.stop[early] == 1) == pytest.approx(share(whole.stop[~early] == 1), abs=3 * SHARE_ERROR)
