"""Each strategy asks for another value, the value is known, and a fitting analysis finds it."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.conduct.roster import Stage
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol

TEXT = """\
design: {type: parallel}
patients: 120
visits: [14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28%s}
analysis: {method: %s}
estimand: {%s}
conduct:
  stopping: {per_month: 0.0, side_effects_per_month: {active: 1.0}}
  rescue: {per_month: 0.5, relief_nrs: 1.0}
"""
EFFECT = -2.0
NEVER = "stopping: hypothetical, rescue: hypothetical"


def trial_of(estimand: str, method: str = "ancova", responder: str = "") -> Protocol:
    return protocol(TEXT % (responder, method, estimand))


def true_value(trial: Protocol, **settings: float) -> float:
    bank = bank_of(trial, {"active": EFFECT}, **settings)  # type: ignore[arg-type]
    return float(truth_of(plan_of(trial), bank, seed=2).by_cell(bank).mean())


def test_had_nobody_stopped_or_taken_rescue_the_effect_is_whole() -> None:
    assert true_value(trial_of(NEVER)) == pytest.approx(EFFECT, abs=0.03)


def test_treatment_policy_counts_what_stopping_takes_back() -> None:
    # Stopping at the hazard of 1 a month, at visits 14 and 28: 1 - exp(-13/30.4) stop by day 14.
    policy = true_value(trial_of("stopping: treatment-policy, rescue: hypothetical"))
    stopped = 1 - np.exp(-13 / 30.4375)
    # Those who stop on day 28 lose the last of the 7 days of the window.
    late = np.exp(-13 / 30.4375) - np.exp(-27 / 30.4375)
    assert policy == pytest.approx(EFFECT * (1 - stopped - late / 7), abs=0.06)


def test_what_is_left_after_stopping_follows_the_course_of_the_bank() -> None:
    whole = true_value(trial_of("stopping: treatment-policy, rescue: hypothetical"), stop_effect=1.0)
    assert whole == pytest.approx(EFFECT, abs=0.03)


def test_while_on_treatment_asks_for_the_time_before_the_event() -> None:
    value = true_value(trial_of("stopping: while-on-treatment, rescue: hypothetical"))
    assert value == pytest.approx(EFFECT, abs=0.05)


def test_a_failure_has_no_change() -> None:
    composite = true_value(trial_of("stopping: composite, rescue: hypothetical"))
    by_28 = 1 - np.exp(-27 / 30.4375)
    assert composite == pytest.approx(EFFECT * (1 - by_28), abs=0.06)


def test_a_failure_is_no_responder() -> None:
    responder = ", responder: {reduction_percent: 20}"
    hypothetical = true_value(trial_of(NEVER, "risk-difference", responder))
    composite = true_value(
        trial_of("stopping: composite, rescue: hypothetical", "risk-difference", responder)
    )
    assert 0 < composite < hypothetical


@pytest.mark.parametrize(
    ("estimand", "method"),
    [
        ("stopping: treatment-policy, rescue: treatment-policy", "ancova"),
        (NEVER, "mmrm"),
        ("stopping: while-on-treatment, rescue: while-on-treatment", "ancova"),
        ("stopping: composite, rescue: composite", "ancova"),
    ],
)
def test_a_fitting_analysis_is_unbiased_and_covers(estimand: str, method: str) -> None:
    trial = trial_of(estimand, method)
    bank = bank_of(trial, {"active": EFFECT})
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(1000, Silent())
    (found,) = performance(plan_of(trial), bank, replicates, truth_of(plan_of(trial), bank, seed=2)) or []
    assert abs(found.bias.value) < 3 * found.bias.replicates_error + 0.02
    assert found.coverage.value > 0.95 - 3 * found.coverage.replicates_error - 0.01
    assert 0.5 < replicates.stopped[:, 0].mean() < 0.8
    assert replicates.stopped[:, 1].mean() == 0
    assert replicates.rescued[:, 0].mean() == pytest.approx(1 - np.exp(-0.5 * 28 / 30.4375), abs=0.02)


def test_complete_cases_are_biased_when_pain_drives_people_out() -> None:
    text = TEXT.replace("conduct:\n", "conduct:\n  dropout_log_hazard_per_point: 1.0\n")
    trial = protocol(text % ("", "t-test", "stopping: treatment-policy, rescue: hypothetical"))
    bank = bank_of(trial, {"active": EFFECT}, loss_per_day=0.02)
    simulator = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1))
    replicates = simulator.run(500, Silent())
    (found,) = performance(plan_of(trial), bank, replicates, truth_of(plan_of(trial), bank, seed=2)) or []
    assert found.bias.value > 5 * found.bias.replicates_error
    observed = simulator.observer.observe(np.arange(20), Stage("whole", 120))
    stayed, left = observed.baseline[observed.lost > 28], observed.baseline[observed.lost <= 28]
    assert left.mean() > stayed.mean() + 0.2


def test_unblinding_biases_the_estimate_and_not_the_question() -> None:
    text = TEXT.replace(
        "conduct:\n", "conduct:\n  unblinding: {believing_share: {active: 1.0}, shift_nrs: -0.5}\n"
    )
    trial = protocol(text % ("", "ancova", NEVER))
    bank = bank_of(trial, {"active": EFFECT})
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(500, Silent())
    (found,) = performance(plan_of(trial), bank, replicates, truth_of(plan_of(trial), bank, seed=2)) or []
    assert found.true_value.value == pytest.approx(EFFECT, abs=0.03)
    assert found.bias.value == pytest.approx(-0.5, abs=0.05)


def test_with_the_mechanism_off_every_arm_is_the_control() -> None:
    trial = trial_of("stopping: treatment-policy, rescue: hypothetical")
    bank = bank_of(trial, {"active": EFFECT})
    off = bank.mechanism_off(1)
    assert truth_of(plan_of(trial), off, seed=2).by_cell(off) == pytest.approx(0.0)


@pytest.mark.parametrize("variable", ["temperature-difference", "grip"])
def test_other_variables_are_read_on_one_day(variable: str) -> None:
    trial = protocol(
        "design: {type: parallel}\npatients: 60\n"
        f"endpoint: {{variable: {variable}, from_day: 28, to_day: 28}}\nanalysis: {{method: ancova}}\n"
    )
    bank = bank_of(trial, {"active": -1.0})
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(200, Silent())
    scale = 100 if variable == "grip" else 1
    assert replicates.effect.mean() == pytest.approx(-1.0 * scale, abs=0.1 * scale)
