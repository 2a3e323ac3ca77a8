"""From true courses and events to what is measured: diaries without noise, so that every number is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.conduct.events import Events
from calor.trial.conduct.measurement import Measured, Measurement, failures
from calor.trial.conduct.observation import Observer
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol, with_level

TEXT = """\
design: {type: parallel}
patients: 40
visits: [7, 14]
endpoint: {variable: pain-diary, from_day: 10, to_day: 14%s}
analysis: {method: %s}
estimand: {%s}
%s
"""
NEVER = np.inf


def trial_of(estimand: str = "", endpoint: str = "", conduct: str = "", method: str = "ancova") -> Protocol:
    return protocol(TEXT % (endpoint, method, estimand, conduct))


def days_of(trial: Protocol, n: int = 4, **habits: float) -> Bank:
    """Return a bank whose people write their true level: 6 at first, 2 on day 10, rising from day 12 on."""
    bank = bank_of(trial, sd=0.0, n=n, n_cells=1)
    level = np.full(bank.pain.shape[2], 6.0)
    level[9:] = [2, 2, 3, 4, 9]
    pain = np.broadcast_to(level, bank.pain.shape).copy()
    values = {"day_noise": 1e-9, "slow_sd": 0.0} | habits
    changed = replace(bank.habits, **{name: np.full(n, value) for name, value in values.items()})
    return replace(with_level(bank, pain), habits=changed, baseline=np.full(n, 7.0))


def measured(
    trial: Protocol, bank: Bank, *, sequence: int = 0, seen: bool = False, **times: list[float]
) -> Measured:
    n = len(bank.baseline)
    none = np.zeros(n, dtype=np.int64)
    stopped, rescued, lost = (
        np.array(times.get(name, [NEVER] * n)) for name in ("stopped", "rescued", "lost")
    )
    events = Events(none, none, stopped, rescued, lost)
    people = np.arange(n)
    return Measurement(plan_of(trial).assessments, bank, everything_seen=seen).measure(
        sequence, people, people, events, Stream(1)
    )


def endpoints(trial: Protocol, **times: list[float]) -> list[float]:
    return [round(value, 6) for value in measured(trial, days_of(trial), **times).endpoint[:, 0].tolist()]


def test_the_endpoint_is_the_mean_of_its_days_and_a_visit_of_as_many_before_it() -> None:
    trial = trial_of()
    found = measured(trial, days_of(trial))
    assert found.endpoint[:, 0] == pytest.approx(4.0)  # 2, 2, 3, 4, 9
    assert found.visits[:, 0] == pytest.approx(6.0)  # days 3 to 7
    assert found.visits[:, 1] == pytest.approx(4.0)
    assert plan_of(trial).assessments.windows == (slice(9, 14),)


def test_what_follows_loss_is_not_seen_unless_everything_is() -> None:
    trial = trial_of()
    times = [NEVER, 12.0, 11.5, 9.0]
    # Seen until the middle of a day: days 10 to 12 of the second, 10 and 11 of the third at 11.5 too, none.
    found = measured(trial, days_of(trial), lost=times)
    assert found.endpoint[:3, 0] == pytest.approx([4.0, 7 / 3, 7 / 3])
    assert np.isnan(found.endpoint[3, 0])
    assert found.visits[:, 0] == pytest.approx(6.0)
    assert measured(trial, days_of(trial), lost=times, seen=True).endpoint == pytest.approx(4.0)


@pytest.mark.parametrize("event", ["stopped", "rescued"])
def test_each_strategy_makes_its_own_of_an_event(event: str) -> None:
    name = {"stopped": "stopping", "rescued": "rescue"}[event]
    times = {event: [NEVER, 12.0, 5.0, 14.0]}
    assert endpoints(trial_of(f"{name}: treatment-policy"), **times) == [4.0, 4.0, 4.0, 4.0]
    hypothetical = endpoints(trial_of(f"{name}: hypothetical"), **times)
    assert hypothetical[:2] == [4.0, round(7 / 3, 6)]
    assert np.isnan(hypothetical[2])
    assert hypothetical[3] == 4.0
    assert endpoints(trial_of(f"{name}: composite"), **times) == [4.0, 7.0, 7.0, 4.0]
    # As many days before the event: days 8 to 12 are 6, 6, 2, 2, 3; days 1 to 5 are 6.
    assert endpoints(trial_of(f"{name}: while-on-treatment"), **times) == [4.0, 3.8, 6.0, 4.0]


def test_while_on_treatment_the_first_of_both_events_ends_the_time() -> None:
    trial = trial_of("stopping: while-on-treatment, rescue: while-on-treatment")
    found = endpoints(trial, stopped=[12.0, 13.0, 0.2, 2.0], rescued=[13.0, 12.0, NEVER, NEVER])
    assert found[:2] == [3.8, 3.8]
    assert np.isnan(found[2])  # no day was written before it
    assert found[3] == 6.0  # two days only


def test_an_event_at_once_leaves_the_window_as_it_is() -> None:
    assert np.isnan(endpoints(trial_of("stopping: while-on-treatment"), stopped=[0.0] * 4)).all()


def test_loss_may_be_a_failure_too() -> None:
    trial = trial_of("loss: composite")
    assert endpoints(trial, lost=[NEVER, 12.0, 14.0, 3.0]) == [4.0, 7.0, 4.0, 7.0]
    visits = measured(trial, days_of(trial), lost=[NEVER, 12.0, 14.0, 3.0]).visits
    assert visits[:, 0] == pytest.approx([6.0, 6.0, 6.0, 7.0])  # by day 7 only the last was lost


def test_a_failure_by_the_end_counts_and_one_at_the_end_does_not() -> None:
    trial = trial_of("stopping: composite, rescue: composite, loss: composite")
    for name in ("stopped", "rescued", "lost"):
        times = {one: np.full(3, NEVER) for one in ("stopped", "rescued", "lost")}
        times[name] = np.array([13.9, 14.0, NEVER])
        none = np.zeros(3, dtype=np.int64)
        assert failures(trial.estimand, Events(none, none, **times), 14).tolist() == [True, False, False]
    other = trial_of()
    times = {one: np.zeros(3) for one in ("stopped", "rescued", "lost")}
    assert not failures(other.estimand, Events(none, none, **times), 14).any()


def test_change_and_response_are_against_the_measured_baseline() -> None:
    change = trial_of(endpoint=", scale: change")
    assert endpoints(change) == [-3.0] * 4
    bank = replace(days_of(change), baseline=np.array([8.0, 7.9, 6.0, 4.0]))
    responds = trial_of(endpoint=", responder: {reduction_percent: 50}", method="risk-difference")
    assert measured(responds, bank).endpoint[:, 0].tolist() == [1.0, 0.0, 0.0, 0.0]
    found = measured(responds, bank, lost=[5.0, NEVER, 5.0, NEVER])
    assert np.isnan(found.endpoint[[0, 2], 0]).all()
    composite = trial_of(
        "loss: composite", endpoint=", responder: {reduction_percent: 50}", method="risk-difference"
    )
    assert measured(composite, bank, lost=[5.0, NEVER, 5.0, NEVER]).endpoint[:, 0].tolist() == [0, 0, 0, 0]


def test_a_mean_of_whole_ratings_at_the_cut_responds() -> None:
    """A fall from 20/3 by 40 % to 4 exactly, though 20/3 (1 - 0.4) is not 4 in binary."""
    trial = trial_of(endpoint=", responder: {reduction_percent: 40}", method="risk-difference")
    bank = replace(days_of(trial), baseline=np.full(4, 20 / 3))
    assert measured(trial, bank).endpoint[:, 0].tolist() == [1.0] * 4


def test_a_mean_just_above_the_cut_does_not_respond() -> None:
    """A fall from 6.65 by 40 % ends at 3.99, just below 4."""
    trial = trial_of(endpoint=", responder: {reduction_percent: 40}", method="risk-difference")
    bank = replace(days_of(trial), baseline=np.full(4, 6.65))
    assert measured(trial, bank).endpoint[:, 0].tolist() == [0.0] * 4


def test_whoever_failed_is_no_responder_even_without_pain_at_baseline() -> None:
    """No change from a baseline of 0 meets every cut, but a failure is none."""
    trial = trial_of(
        "loss: composite", endpoint=", responder: {reduction_percent: 50}", method="risk-difference"
    )
    bank = replace(days_of(trial), baseline=np.zeros(4))
    assert measured(trial, bank, lost=[5.0, 5.0, NEVER, NEVER]).endpoint[:, 0].tolist() == [0.0] * 4


def test_while_on_treatment_counts_as_many_days_as_the_window_has() -> None:
    """Stopped in the middle of day 12: days 8 to 12 and not the day before them."""
    assert endpoints(trial_of("stopping: while-on-treatment"), stopped=[11.5] * 4) == [3.8] * 4


def test_a_fluctuation_of_the_run_in_fades_from_day_to_day() -> None:
    """4 points on the last run-in day, correlation time 10 days, nothing new: 4 exp(-d/10) on day d."""
    trial = trial_of()
    bank = replace(days_of(trial, slow_time=10.0), slow_before=np.full(4, 4.0))
    level = np.array([2, 2, 3, 4, 9]) + 4 * np.exp(-np.arange(10, 15) / 10)
    assert measured(trial, bank).endpoint[:, 0] == pytest.approx(np.round(np.clip(level, 0, 10)).mean())
    early = np.round(6 + 4 * np.exp(-np.arange(3, 8) / 10)).clip(0, 10).mean()
    assert measured(trial, bank).visits[:, 0] == pytest.approx(early)


def test_relief_by_rescue_lowers_what_is_written_from_its_day_on() -> None:
    trial = trial_of(conduct="conduct: {rescue: {per_month: 0, relief_nrs: 2}}")
    found = measured(trial, days_of(trial), rescued=[NEVER, 0.0, 12.0, 11.5])
    # The middle of day 12 is 11.5: relief begins after it.
    assert found.endpoint[:, 0] == pytest.approx([4.0, 2.0, (2 + 2 + 3 + 2 + 7) / 5, (2 + 2 + 3 + 2 + 7) / 5])


def test_blinded_treatment_as_such_changes_what_is_written() -> None:
    """-1.5 (1 - exp(-t/3)), t the middle of the day since the first dose: -1.4 to -1.5 in the window."""
    trial = trial_of()
    bank = days_of(trial, blinded_shift=-1.9, blinded_time=3.0)
    level = np.array([2, 2, 3, 4, 9]) - 1.9 * (1 - np.exp(-np.arange(9.5, 14) / 3.0))
    assert measured(trial, bank).endpoint[:, 0] == pytest.approx(np.round(np.clip(level, 0, 10)).mean())


def test_the_slow_fluctuation_of_the_run_in_is_still_there() -> None:
    trial = trial_of()
    bank = days_of(trial, slow_time=1e9)
    bank = replace(bank, slow_before=np.array([0.0, 1.0, -1.0, 2.0]))
    assert measured(trial, bank).endpoint[:, 0] == pytest.approx([4.0, 5.0, 3.0, 5.8])  # 10 is the most


def test_missed_days_are_left_out_of_the_mean_unless_everything_is_seen() -> None:
    trial = trial_of()
    bank = days_of(trial, n=400, missing_share=0.5)
    found = measured(trial, bank).endpoint[:, 0]
    assert np.isnan(found).mean() == pytest.approx(0.5**5, abs=0.03)
    assert len(np.unique(found[np.isfinite(found)])) > 10
    assert np.nanmean(found) == pytest.approx(4.0, abs=0.3)
    assert measured(trial, bank, seen=True).endpoint == pytest.approx(4.0)


def test_those_who_believe_to_be_treated_report_less_pain() -> None:
    conduct = "conduct: {unblinding: {believing_share: {active: 0.25}, shift_nrs: -1}}"
    trial = trial_of(conduct=conduct)
    bank = days_of(trial, n=400)
    found = measured(trial, bank).endpoint[:, 0]
    assert set(np.round(found, 6)) == {3.0, 4.0}
    assert (found < 3.5).mean() == pytest.approx(0.25, abs=0.09)
    assert measured(trial, bank, sequence=1).endpoint == pytest.approx(4.0)
    assert measured(trial, bank, seen=True).endpoint == pytest.approx(4.0)


CROSSED = """\
design: {type: crossover, period_days: 7, washout_days: 3}
patients: 12
endpoint: {variable: pain-diary, from_day: 3, to_day: 7}
analysis: {method: crossover}
estimand: {%s}
%s
"""


def crossed(estimand: str = "", conduct: str = "") -> tuple[Protocol, Bank]:
    """Return a crossover in which everybody's pain is 6 in the first ten days and 3 later."""
    trial = protocol(CROSSED % (estimand, conduct))
    bank = bank_of(trial, sd=0.0, n=4, n_cells=1)
    pain = np.full(bank.pain.shape, 6.0)
    pain[:, :, 10:] = 3.0
    habits = replace(bank.habits, day_noise=np.full(4, 1e-9))
    bank = replace(with_level(bank, pain), habits=habits, baseline=np.full(4, 7.0))
    return trial, bank


def test_each_period_of_a_crossover_has_its_own_window() -> None:
    trial, bank = crossed()
    assert plan_of(trial).assessments.windows == (
        slice(2, 7),
        slice(12, 17),
    )
    found = measured(trial, bank)
    assert found.endpoint == pytest.approx(np.array([[6.0, 3.0]] * 4))
    assert found.visits.shape == (4, 0)


def test_an_event_ends_its_own_period_and_what_follows() -> None:
    trial, bank = crossed("stopping: composite")
    found = measured(trial, bank, stopped=[NEVER, 5.0, 14.0, 17.0]).endpoint
    assert found == pytest.approx(np.array([[6, 3], [7, 7], [6, 7], [6, 3]]))
    trial, bank = crossed("stopping: while-on-treatment")
    # Stopped on day 15 of the study: of the second period, which begins after day 10, five days are left.
    found = measured(trial, bank, stopped=[NEVER, 15.0, 12.0, 8.0]).endpoint
    assert found[:3] == pytest.approx(np.array([[6, 3], [6, 3], [6, 3]]))
    assert found[3, 0] == pytest.approx(6.0)
    # Stopped before it began: nothing of the second period is on treatment.
    assert np.isnan(found[3, 1])


def test_belief_holds_in_the_periods_of_its_arm() -> None:
    trial, bank = crossed(conduct="conduct: {unblinding: {believing_share: {active: 1.0}, shift_nrs: -1}}")
    active_first = layout_of(trial).sequences.index((0, 1))
    assert measured(trial, bank, sequence=active_first).endpoint == pytest.approx(np.array([[5.0, 3.0]] * 4))
    other = layout_of(trial).sequences.index((1, 0))
    assert measured(trial, bank, sequence=other).endpoint == pytest.approx(np.array([[6.0, 2.0]] * 4))


@pytest.mark.parametrize(("variable", "factor"), [("grip", 100.0), ("temperature-difference", 1.0)])
def test_readings_are_those_of_the_day(variable: str, factor: float) -> None:
    text = "design: {type: parallel}\npatients: 40\nvisits: [7, 14]\n"
    text += f"endpoint: {{variable: {variable}, from_day: 14, to_day: 14}}\nanalysis: {{method: ancova}}\n"
    trial = protocol(text)
    bank = bank_of(trial, sd=0.0, n=4, n_cells=1)
    outcome = np.broadcast_to(np.arange(1.0, 15.0), bank.pain.shape).copy()
    still = {name: np.full(4, 1e-12) for name in ("temperature_visit_sd", "grip_visit_sd")}
    bank = replace(with_level(bank, outcome), patients=replace(bank.patients, values=still))
    found = measured(trial, bank)
    assert found.endpoint == pytest.approx(14.0 * factor)
    assert found.visits == pytest.approx(np.array([[7.0, 14.0]] * 4) * factor)


def test_readings_of_two_days_have_scatter_of_their_own() -> None:
    text = "design: {type: parallel}\npatients: 40\nvisits: [7, 14]\n"
    text += "endpoint: {variable: grip, from_day: 14, to_day: 14}\nanalysis: {method: ancova}\n"
    trial = protocol(text)
    bank = bank_of(trial, sd=0.0, n=400, n_cells=1)
    found = measured(trial, bank)
    assert abs(np.corrcoef(found.visits.T)[0, 1]) < 0.2
    assert found.endpoint[:, 0] == pytest.approx(found.visits[:, 1])


def test_what_a_trial_observes_of_each_place_is_that_of_its_person() -> None:
    trial = trial_of(conduct="conduct: {stopping: {per_month: 2}, rescue: {per_month: 2, relief_nrs: 1}}")
    bank = bank_of(trial, {"active": -2.0}, n=400, loss_per_day=0.02)
    found = Observer(plan_of(trial), bank, 1, np.ones(1)).observe(np.arange(30))
    assert found.people.shape == found.stopped.shape == (30, 40)
    assert np.array_equal(found.baseline, bank.baseline[found.people])
    assert found.endpoint.shape == (30, 40, 1)
    assert found.visits.shape == (30, 40, 2)
    level = bank.pain[0, :, 0][found.people] + 2.0
    on, off = (found.sequences == sequence for sequence in (0, 1))
    early = (found.stopped > 14) & (found.rescued > 14)
    kept = np.isfinite(found.endpoint[..., 0]) & early
    for chosen, shift in ((on & kept, -2.0), (off & kept, 0.0)):
        assert chosen.sum() > 20
        assert np.mean(found.endpoint[chosen, 0] - level[chosen]) == pytest.approx(shift, abs=0.25)
    for times, most in ((found.stopped, 13.0), (found.rescued, 14.0), (found.lost, 14.0)):
        assert 0.1 < np.mean(times <= most) < 1
        assert np.all((times <= most) | (times > 14))
    gone = found.lost < 9
    assert gone.any()
    assert np.isnan(found.endpoint[gone]).all()
    assert not found.in_subgroup.any()
    parts = found.with_stage(found)
    assert parts.endpoint.shape == (30, 80, 1)
    assert np.array_equal(parts.people, np.concatenate([found.people, found.people], axis=1))
    assert np.array_equal(parts.cells, found.cells)
