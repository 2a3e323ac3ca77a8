"""Randomised withdrawal: who responds and stays, of whom the trial speaks, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError, ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.bank import Bank, Cell
from calor.trial.bank.run_in import after_run_in
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import screened_for
from calor.trial.results.truth import truth_of
from tests.trial.made_up import BASE, bank_of, protocol, with_level

GAIN = 3.0
"""What the active arm takes off in those in whom it works."""


def withdrawal(more: str = "", run_in: str = "days: 14", base: str = BASE, endpoint: str = "") -> Protocol:
    return protocol(
        f"design: {{type: randomised-withdrawal, open_run_in: {{{run_in}}}}}\npatients: 40\n"
        f"endpoint: {{variable: pain-diary, from_day: 8, to_day: 14{endpoint}}}\n"
        f"analysis: {{method: ancova}}\n{more}",
        base,
    )


def half_gain(trial: Protocol, noise: float = 1e-9) -> Bank:
    """Return 400 people at 6 points, of whom every other gains under the active arm, in two worlds."""
    bank = bank_of(trial, sd=0.0, noise=noise)
    layout, works = layout_of(trial), np.arange(400) % 2 == 0
    pain = np.full(bank.pain.shape, 6.0)
    starts = [*(int(start) for start in layout.starts), pain.shape[2]]
    for row, arms in enumerate(layout.followed):
        for period, arm in enumerate(arms):
            if arm != layout.control:
                pain[bank.course_of[row, 0, 0], works, starts[period] : starts[period + 1]] -= GAIN
    return replace(with_level(bank, pain), baseline=np.full(400, 6.0))


def test_all_have_the_active_arm_and_then_either() -> None:
    layout = layout_of(withdrawal())
    assert layout.sequences == ((0, 0), (0, 1))
    assert layout.starts == (0.0, 14.0)
    assert layout.last_day == 28
    assert layout.followed == ((0, 0), (0, 1), (1, 1))
    assert layout.by_itself.tolist() == [[0], [1]]
    assert layout.arm_asked[:2].tolist() == [[0], [1]]


def test_a_control_that_comes_first_is_still_the_control() -> None:
    turned = BASE.replace("{name: active}, {name: placebo}", "{name: placebo}, {name: active}")
    layout = layout_of(withdrawal(base=turned))
    assert layout.sequences == ((1, 0), (1, 1))
    assert layout.before == 1


def test_those_who_respond_stay_and_their_level_is_the_baseline() -> None:
    trial = withdrawal()
    bank = half_gain(trial)
    left = after_run_in(plan_of(trial), bank)
    assert left.patients.identifiers.tolist() == list(range(0, 400, 2))
    assert left.baseline == pytest.approx(3.0)
    assert [(cell.start, cell.stop) for cell in left.cells] == [(0, 100), (100, 200)]
    assert left.counts.share_randomised == 0.5
    assert screened_for(left, 40) == 2 * screened_for(bank, 40)


@pytest.mark.parametrize(("percent", "stay"), [(50, 200), (51, 0)])
def test_the_reduction_is_that_of_the_baseline(percent: int, stay: int) -> None:
    trial = withdrawal(run_in=f"days: 14, reduction_percent: {percent}")
    if stay:
        assert len(after_run_in(plan_of(trial), half_gain(trial)).baseline) == stay
        return
    with pytest.raises(InputError, match="in no world did 4 people respond"):
        after_run_in(plan_of(trial), half_gain(trial))


def test_a_world_in_which_hardly_anybody_responds_is_left_out_and_counted() -> None:
    trial = withdrawal()
    bank = replace(half_gain(trial), cells=(Cell(0, 0, 0, 6), Cell(0, 1, 6, 400)))
    left = after_run_in(plan_of(trial), bank)
    assert [(cell.world, cell.start, cell.stop) for cell in left.cells] == [(1, 0, 197)]
    assert left.counts.cells_without_enough_patients == 1


def test_the_trial_speaks_of_those_who_respond() -> None:
    """In responders going on is worth the whole gain, in everybody who enters half of it."""
    trial = withdrawal()
    plan, bank = plan_of(trial), half_gain(trial)
    left = after_run_in(plan, bank)
    assert truth_of(plan, left, 1).by_cell(left) == pytest.approx(-GAIN)
    assert truth_of(plan, bank, 1).by_cell(bank) == pytest.approx(-GAIN / 2)


def test_what_is_found_is_the_true_value() -> None:
    trial = withdrawal()
    plan = plan_of(trial)
    left = after_run_in(plan, half_gain(trial, noise=1.0))
    found = ReplicateSimulator(plan, left, 3, np.ones(1)).run(400, Silent(), Threads(2))
    true = truth_of(plan, left, 1).by_cell(left).mean()
    assert found.effect.mean() == pytest.approx(true, abs=4 * found.effect.std() / 20 + 0.02)
    assert found.baseline_mean == pytest.approx(3.0, abs=0.3)


def test_with_the_mechanism_off_some_respond_by_chance_and_the_level_holds() -> None:
    trial = withdrawal(run_in="days: 14, reduction_percent: 5")
    plan = plan_of(trial)
    bank = half_gain(trial, noise=2.0).mechanism_off(plan.layout.control_throughout)
    left = after_run_in(plan, bank)
    assert 0.1 < left.counts.share_randomised < 0.6
    found = ReplicateSimulator(plan, left, 3, np.ones(1)).run(2000, Silent(), Threads(2))
    assert found.rejected.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
    # Who was chosen for good days has worse ones again.
    assert found.endpoint_mean.mean() > found.baseline_mean.mean() + 0.3


def test_nobody_is_lost_before_randomisation() -> None:
    trial = withdrawal("conduct: {dropout_per_month: 0.9}\n")
    plan = plan_of(trial)
    left = replace(after_run_in(plan, half_gain(trial)), loss_per_day=np.full(200, 0.1))
    simulator = ReplicateSimulator(plan, left, 3, np.ones(1))
    assert simulator.observer.observe(np.arange(20)).lost.min() > 14.0


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ({"more": "visits: [7, 14]\n"}, "takes no visits"),
        (
            {"endpoint": ", responder: {reduction_percent: 30}"},
            "compares the pain diary, without a responder rule",
        ),
        ({"more": "conduct: {stopping: {per_month: 0.1}}\n"}, "does not know who stops"),
        ({"more": "conduct: {dropout_log_hazard_per_point: 0.2}\n"}, "whatever their pain"),
        ({"run_in": "days: 14, response_days: 21"}, "must not exceed days"),
        ({"base": BASE.replace("{name: active}", "{name: low}, {name: high}")}, "has two arms, not 3"),
    ],
)
def test_what_does_not_fit_is_refused(text: dict[str, str], what: str) -> None:
    with pytest.raises(ReportedError, match=what):
        withdrawal(**text)


def test_a_regimen_that_runs_on_into_the_next_period_is_refused() -> None:
    given = 'treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1, 22"}]'
    base = BASE.replace("{name: active}", f"{{name: active, {given}}}") + "acknowledge: [thrombosis]\n"
    with pytest.raises(InputError, match="the last dose of active is due on day 22, when the next period"):
        withdrawal(base=base)
    assert withdrawal(run_in="days: 22", base=base)
