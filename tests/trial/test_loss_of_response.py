"""Time to loss of response: read off the diary, censored as the estimand says, estimated, sized, refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.report.adam.variables import data_sets
from calor.report.simulated_data import adeff
from calor.report.trial_table import design_table
from calor.study import Protocol
from calor.trial.analysis import Estimability
from calor.trial.bank.bank import Bank
from calor.trial.bank.run_in import after_run_in
from calor.trial.bank.settings import RunSettings
from calor.trial.conduct.events import Events
from calor.trial.conduct.measurement import Measurement
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.designs.times import times_of
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.run_in import run_in_found
from calor.trial.results.truth import truth_of
from calor.trial.runs.document import result_document
from calor.trial.runs.enough import Enough
from calor.trial.runs.pipeline import conclude
from calor.trial.runs.sizing import find_size
from calor.trial.runs.stages import first_trial, simulate
from tests.trial.made_up import BASE, bank_of, protocol, with_level
from tests.trial.runs.made_up_runs import SCENARIOS, prepared

FOLLOWED = 42
LEVEL = 3.0
"""Pain of responders at randomisation; it comes back to 6 in a day."""

RATE = {"active": 0.02, "placebo": 0.05}
"""Chance a day that the response ends."""


def until_loss(
    method: str = "log-rank", more: str = "", loss: str = "rise_nrs: 2", patients: int = 60
) -> Protocol:
    return protocol(
        "design: {type: randomised-withdrawal, open_run_in: {days: 14}}\n"
        f"patients: {patients}\n"
        f"endpoint: {{variable: pain-diary, from_day: 1, to_day: {FOLLOWED}, loss_of_response: {{{loss}}}}}\n"
        f"analysis: {{method: {method}}}\n{more}"
    )


def with_rates(trial: Protocol, rates: dict[str, float] = RATE, n: int = 4000) -> Bank:
    """Return responders whose pain comes back after a time that is exponential under either arm."""
    bank = bank_of(trial, n=n, n_cells=1, sd=0.0, noise=1e-9)
    layout = layout_of(trial)
    pain = np.full(bank.pain.shape, LEVEL)
    days = np.arange(pain.shape[2])
    for row, arms in enumerate(layout.followed):
        name = trial.arms[arms[-1]].name
        share = Stream(1).child(name).uniforms(n, 1)
        back = layout.starts[-1] - np.log(share) / rates[name]
        pain[bank.course_of[row, 0, 0]] = np.where(days >= back, 6.0, LEVEL)
    # A run-in is no part of these tests: everybody responded in it.
    return replace(with_level(bank, pain), baseline=np.full(n, LEVEL))


def measured(
    trial: Protocol, pain: list[float], lost: float = np.inf, everything_seen: bool = False
) -> float:
    """Return the endpoint of somebody with some pain from randomisation on, lost so many days after."""
    bank = bank_of(trial, n=4, n_cells=1, sd=0.0, noise=1e-9)
    course = np.full(bank.pain.shape, LEVEL)
    course[:, :, 14 : 14 + len(pain)] = pain
    bank = replace(with_level(bank, course), baseline=np.full(4, LEVEL))
    nobody, never = np.zeros(1, dtype=np.int64), np.full(1, np.inf)
    events = Events(nobody, nobody, never, never, np.full(1, 14.0 + lost))
    measurement = Measurement(plan_of(trial).assessments, bank, everything_seen=everything_seen)
    found = measurement.measure(0, nobody, nobody, events, Stream(2))
    assert found.endpoint.shape == (1, 1)
    return float(found.endpoint[0, 0])


def test_a_response_is_lost_when_the_mean_of_some_days_is_back() -> None:
    """From 3 to 6 on day 5: means of three days are 3, 3, 4, 5, 6 on days 3 to 7, so 2 above 3 on day 6."""
    rises = [3.0] * 4 + [6.0] * 30
    assert measured(until_loss(), rises) == 5.5
    assert measured(until_loss(loss="rise_nrs: 2.5"), rises) == 6.5
    assert measured(until_loss(loss="rise_nrs: 2, over_days: 1"), rises) == 4.5
    assert measured(until_loss(loss="rise_nrs: 3.5"), rises) == FOLLOWED
    assert measured(until_loss(), [6.0, 6.0, 6.0]) == 2.5  # no mean of three days before day 3


def test_who_leaves_is_censored_or_loses_the_response_as_the_estimand_says() -> None:
    rises = [3.0] * 9 + [6.0] * 20
    asked, failing = until_loss(), until_loss(more="estimand: {loss: composite}\n")
    assert measured(asked, rises) == 10.5
    assert measured(asked, rises, lost=20.0) == 10.5
    assert np.isnan(measured(asked, rises, lost=8.2))
    assert measured(asked, rises, lost=8.2, everything_seen=True) == 10.5
    assert measured(failing, rises, lost=8.2) == pytest.approx(8.2)
    assert measured(failing, rises, lost=8.2, everything_seen=True) == pytest.approx(8.2)
    assert measured(failing, rises, lost=100.0) == 10.5


def test_times_are_those_until_the_loss_or_the_end_of_what_is_seen() -> None:
    endpoint, lost = (
        np.array([[5.5, np.nan, FOLLOWED, np.nan]]),
        np.array([[14.0 + 9, 14 + 8.2, 200.0, 13.0]]),
    )
    found = times_of(plan_of(until_loss()), endpoint, lost, np.array([[0, 1, 1, 0]]))
    assert found.time.tolist() == pytest.approx(np.array([[5.5, 8.2, FOLLOWED, 0.0]]))
    assert found.event.tolist() == [[True, False, False, False]]


@pytest.mark.parametrize("method", ["log-rank", "cox"])
def test_exponential_times_give_their_rates_ratio(method: str) -> None:
    """log(0.02 / 0.05) = -0.916, by the truth over everybody and by the trials on average."""
    trial = until_loss(method, patients=120)
    plan, bank = plan_of(trial), with_rates(trial)
    true = truth_of(plan, bank, 1).by_cell(bank)[0, 0]
    assert true == pytest.approx(np.log(0.4), abs=0.08)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(1000, Silent(), Threads(2))
    (done,) = performance(plan, bank, found, truth_of(plan, bank, 1))
    assert abs(done.bias.value) < 4 * done.bias.replicates_error + 0.02
    assert done.coverage.value == pytest.approx(0.95, abs=0.025)
    assert found.benefit.mean() > 0.9


def test_with_the_mechanism_off_the_level_holds() -> None:
    trial = until_loss(more="conduct: {dropout_per_month: 0.3}\n")
    plan = plan_of(trial)
    bank = with_rates(trial).mechanism_off(plan.layout.by_itself[plan.layout.control, 0])
    found = ReplicateSimulator(plan, replace(bank, loss_per_day=np.full(4000, 0.01)), 3, np.ones(1)).run(
        2000, Silent(), Threads(2)
    )
    assert 0.03 < found.rejected.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_where_no_response_is_lost_there_is_nothing_to_find() -> None:
    trial = until_loss()
    bank = with_rates(trial, {"active": 1e-9, "placebo": 1e-9})
    simulator = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1))
    (estimate,) = simulator.conductor.conduct(np.arange(5)).estimates
    assert set(estimate.estimability) == {Estimability.TOO_FEW}
    assert not simulator.run(5, Silent()).rejected.any()


def test_the_result_shows_the_hazard_ratio_in_those_who_respond() -> None:
    trial = until_loss()
    ready = prepared(trial, with_rates(trial, n=400), RunSettings(replicates=100, executor=Threads(2)))
    ready = replace(ready, entered=replace(ready.bank, baseline=np.full(400, 6.0)))
    document = result_document(conclude(Enough(simulate(ready, Silent()), ()), Silent()), {})
    assert document["contrast"]["unit"] == "log hazard ratio"
    assert "time to loss of response (pain up by 2 over 3 days)" in document["trial"]["endpoint"]
    assert document["operating_characteristics"]["run_in"]["effect_in_all_who_enter"] is None
    rows = {row[0] for row in design_table(document).rows}
    assert "respond in run-in" in rows
    assert "effect in all" not in rows
    found = run_in_found(ready, truth_of(ready.plan, ready.bank, 1).by_cell(ready.bank)[:, 0])
    assert found is not None
    assert found.effect_in_responders.mean.value < -0.5


def test_the_data_hold_the_times_and_who_is_censored() -> None:
    trial = until_loss()
    ready = prepared(trial, replace(with_rates(trial, n=400), loss_per_day=np.full(400, 0.02)), RunSettings())
    outcome = first_trial(ready)
    table = adeff(ready.plan, outcome)
    times = table[table.PARAMCD == "TTLR"]
    assert len(times) == 60
    assert (times.ANL01FL == "Y").all()
    assert times.BASE.isna().all()
    assert times.CHG.isna().all()
    lost = outcome.observed.lost[0] - 14.0
    seen_to_the_end = times.AVAL.to_numpy() == FOLLOWED
    assert np.all(times.CNSR[seen_to_the_end] == 1)
    left = np.isclose(times.AVAL, lost)
    assert left.sum() > 5
    assert np.all(times.CNSR[left] == 1)
    assert np.all(times.CNSR[~seen_to_the_end & ~left] == 0)
    assert table[table.PARAMCD == "PAINAVG"].CNSR.isna().all()
    (data,) = data_sets({"adeff": table})
    assert "CNSR" in [variable.name for variable in data.variables]


def test_a_size_is_found() -> None:
    trial = until_loss()
    ready = prepared(
        trial,
        with_rates(trial),
        RunSettings(replicates=300, executor=Threads(2)),
        scenario=SCENARIOS["assumed"],
    )
    found = find_size(ready, 0.8, Silent()).found
    assert (
        30 <= found.patients <= 110
    )  # Schoenfeld: 4 (1.96 + 0.84)² / 0.916² = 37 losses, of two thirds or so


def test_those_who_respond_stay_and_their_level_is_what_pain_comes_back_from() -> None:
    trial = until_loss()
    bank = replace(with_rates(trial, n=400), baseline=np.where(np.arange(400) % 2, 6.0, LEVEL))
    left = after_run_in(plan_of(trial), bank)
    assert left.baseline == pytest.approx(LEVEL)
    assert len(left.baseline) == 200


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("method: log-rank", "method: ancova", "does not fit an endpoint with loss_of_response"),
        (", loss_of_response: {rise_nrs: 2}", "", "needs an endpoint with loss_of_response"),
        ("from_day: 1", "from_day: 8", "counts from day 1"),
        ("rise_nrs: 2", "rise_nrs: 2, over_days: 50", "over at least 50 days"),
        ("loss_of", "responder: {reduction_percent: 30}, loss_of", "leave out responder and scale"),
        ("type: randomised-withdrawal, open_run_in: {days: 14}", "type: parallel", "responded in a run-in"),
        ("pain-diary, from_day: 1,", "grip, from_day: 42,", "read off a diary, not off grip"),
        (
            "method: log-rank",
            "method: log-rank, margin: {claim: non-inferiority, size: 1}",
            "difference of means",
        ),
        ("method: log-rank", "method: gehan", "is 'gehan'"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, what: str) -> None:
    text = (
        "design: {type: randomised-withdrawal, open_run_in: {days: 14}}\npatients: 60\n"
        "endpoint: {variable: pain-diary, from_day: 1, to_day: 42, loss_of_response: {rise_nrs: 2}}\n"
        "analysis: {method: log-rank}\n"
    )
    assert old in text
    protocol(text)
    with pytest.raises(ReportedError, match=what):
        protocol(text.replace(old, new), BASE)
