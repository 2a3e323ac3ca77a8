"""Dose finding: its error at the corners, its power, estimates, the target dose, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError, ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.template import protocol_text
from calor.trial.results.characteristics import own_numbers, performance
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from tests.trial.made_up import HEAD, bank_of, protocol
from tests.trial.runs.made_up_runs import prepared
from tests.trial.test_multi_arm import varied

TEXT = """\
design:
  type: dose-finding
  doses: {low: 10, middle: 20, high: 40}
  curves: [{shape: emax, ed50: 10}, {shape: linear}, {shape: sigmoid-emax, ed50: 20, hill: 3}]
  target: 0.5
arms: [{name: high}, {name: placebo}, {name: low}, {name: middle}]
patients: 80
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: ancova, alpha: 0.025, sided: 1}
"""
REPLICATES = 2000
LINEAR = {"low": -0.25, "middle": -0.5, "high": -1.0}


def run(effects: dict[str, float] | None, text: str = TEXT, replicates: int = REPLICATES) -> Replicates:
    trial = protocol(text)
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial, effects), 3, np.ones(1))
    return simulator.run(replicates, Silent(), executor=Threads(2))


def test_the_error_holds_at_eight_corners() -> None:
    trial = protocol(TEXT)
    ready = prepared(trial, varied(bank_of(trial)), RunSettings(replicates=3000, executor=Threads(2)))
    corners = error_at_corners(ready, Silent())
    assert len(corners) == 8
    assert all(corner.holds(0.025) and corner.error.value > 0.01 for corner in corners)


def test_one_test_over_all_curves_has_more_power_than_a_test_of_each_dose() -> None:
    plain = TEXT.replace(TEXT[: TEXT.index("arms:")], "design: {type: parallel}\n")
    half = {name: effect / 2 for name, effect in LINEAR.items()}
    by_curves, by_doses = run(half).benefit.mean(), run(half, plain).benefit.mean()
    assert by_curves > by_doses + 0.03


def test_estimates_have_little_bias_and_intervals_cover() -> None:
    trial = protocol(TEXT)
    plan, bank = plan_of(trial), bank_of(trial, LINEAR, n_cells=1)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), executor=Threads(2))
    for done in performance(plan, bank, found, truth_of(plan, bank, 1)):
        assert abs(done.bias.value) < 0.05
        assert done.coverage.value > 0.93
        plain_error = done.alternatives["plain"][1]
        assert done.root_mean_squared_error.value < plain_error.value  # the doses lend each other strength


def test_the_target_dose_is_where_the_curve_reaches_the_target() -> None:
    trial = protocol(TEXT.replace("patients: 80", "patients: 800"))
    plan, bank = plan_of(trial), bank_of(trial, LINEAR, n_cells=1)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(200, Silent(), executor=Threads(2))
    numbers = own_numbers(plan, bank, found)
    assert numbers["target_dose_found"].value > 0.99
    assert numbers["target_dose"].value == pytest.approx(20, abs=2)


def test_without_a_dose_response_no_dose_is_named() -> None:
    found = run(None, replicates=300)
    named = np.isfinite(found.own_numbers[:, 1])
    assert not np.any(named & ~found.rejected.any(axis=1))
    assert np.array_equal(found.own_numbers[:, 0] == 1, named)


def test_a_trial_too_small_to_analyse_finds_nothing() -> None:
    found = run(LINEAR, TEXT.replace("patients: 80", "patients: 4"), 20)
    assert not found.rejected.any()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low: 10, ", "", "doses must name every active arm"),
        ("low: 10", "low: 20", "two arms have the same dose"),
        ("low: 10", "low: 0", "the control is the dose of 0"),
        ("ed50: 10}", "ed50: 10, hill: 2}", "emax has no hill"),
        ("{shape: linear}", "{shape: logistic, ed50: 10}", "logistic needs delta"),
        ("{shape: linear}", "{shape: quadratic, delta: 0}", "write linear"),
        ("{shape: linear}", "{shape: cubic}", "cubic"),
        ("sided: 1", "sided: 2", "needs a one-sided test"),
        ("method: ancova", "method: t-test", "is analysed by ancova"),
        ("sided: 1", "sided: 1, multiplicity: holm", "leave out multiplicity"),
        ("sided: 1", "sided: 1, prior: {mean: 0, sd: 1}", "a prior does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = HEAD + TEXT
    assert old in text
    with pytest.raises(ReportedError, match=words):
        check_protocol(parse_document(text.replace(old, new, 1), "trial.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("40 mg oral", "20 mg oral", "gives no more of the drug"),
        ("40 mg oral daily", "40 mg iv daily", "different units or by different routes"),
        ('drug: prednisolone, regimen: "40', 'drug: dexamethasone, regimen: "40', "doses of one drug"),
    ],
)
def test_doses_are_held_against_what_the_arms_give(old: str, new: str, words: str) -> None:
    text = protocol_text(design="dose-finding")
    assert old in text
    with pytest.raises(InputError, match=words):
        check_protocol(parse_document(text.replace(old, new), "trial.yaml"))
