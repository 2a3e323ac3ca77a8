"""One question a protocol: over many large trials every analysis averages the value that the truth gives.

In the banks here the effect differs from patient to patient and is larger where pain is worse, so that a
conditional effect, an effect at the mean and the mean effect are three numbers. Losses depend on nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.methods import methods
from calor.trial.bank.bank import Bank
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol, with_level

PARALLEL = "design: {type: parallel}\npatients: 800\n"
DIARY = "endpoint: {variable: pain-diary, from_day: 22, to_day: 28%s}\n"
VALUE, CHANGE = DIARY % "", DIARY % ", scale: change"
RESPONDERS = DIARY % ", responder: {reduction_percent: 20}"
READING = "endpoint: {variable: %s, from_day: 28, to_day: 28}\n"
VISITS = "visits: [14, 28]\n"
STRATA = "allocation: {ratio: [2, 1], block_size: 6, strata: [{by: pain, cuts: [5]}]}\n"
CROSSED = "design: {type: crossover, period_days: 28, washout_days: 7}\npatients: 400\n"
IN_CYCLES = "design: {type: n-of-1, cycles: 2, period_days: 28, washout_days: 7}\npatients: 200\n"
EVENTS = (
    "conduct:\n  stopping: {per_month: 0.2, side_effects_per_month: {active: 0.3}}\n"
    "  rescue: {per_month: 0.4, relief_nrs: 1.0}\n"
)
FAILURE = "estimand: {stopping: composite, rescue: composite}\n"


UNTIL_LOSS = (
    "design: {type: randomised-withdrawal, open_run_in: {days: 7}}\npatients: 400\n"
    "endpoint: {variable: pain-diary, from_day: 1, to_day: 14, loss_of_response: {rise_nrs: 1}}\n"
)


def by(method: str, more: str = "") -> str:
    return f"analysis: {{method: {method}{more}}}\n"


CASES = {
    "t test, value": PARALLEL + VALUE + by("t-test"),
    "t test, change": PARALLEL + CHANGE + by("t-test"),
    "ancova, value": PARALLEL + VALUE + by("ancova"),
    "ancova, change": PARALLEL + CHANGE + by("ancova"),
    "ancova, unequal arms, strata": PARALLEL + STRATA + VALUE + by("ancova"),
    "ancova, failures": PARALLEL + VALUE + EVENTS + FAILURE + by("ancova"),
    "ancova, treatment policy": PARALLEL + VALUE + EVENTS + by("ancova"),
    "ancova, temperature": PARALLEL + READING % "temperature-difference" + by("ancova"),
    "ancova, grip": PARALLEL + READING % "grip" + by("ancova"),
    "ancova, imputed": PARALLEL + VISITS + VALUE + by("ancova", ", delta: 0.0001"),
    "mmrm": PARALLEL + VISITS + VALUE + by("mmrm"),
    "mmrm, unequal arms, strata": PARALLEL + STRATA + VISITS + VALUE + by("mmrm"),
    "clda": PARALLEL + VISITS + VALUE + by("clda"),
    "vague prior": PARALLEL + VALUE + by("ancova", ", prior: {mean: 0, sd: 100}"),
    "crossover": CROSSED + VALUE + by("crossover"),
    "crossover, change": CROSSED + CHANGE + by("crossover"),
    "crossover, mixed": CROSSED + VALUE + by("crossover-mixed"),
    "crossover, adjusted for carry-over": CROSSED.replace("7}", "7, sequences: balaam}")
    + VALUE + by("crossover-carry-over"),
    "n-of-1": IN_CYCLES + VALUE + by("n-of-1-mixed"),
    "n-of-1, Bayesian": IN_CYCLES + VALUE + by("n-of-1-bayesian"),
    "whole sites": PARALLEL + "sites: {count: 40, level_sd: 0.05, allocation: whole}\n"
    + VALUE + by("site-mixed"),
    "risk difference": PARALLEL + RESPONDERS + by("risk-difference"),
    "risk difference, failures": PARALLEL + RESPONDERS + EVENTS + FAILURE + by("risk-difference"),
    "logistic": PARALLEL + RESPONDERS + by("logistic"),
    "logistic, unequal arms, strata": PARALLEL + STRATA + RESPONDERS + by("logistic"),
    "logistic, failures": PARALLEL + RESPONDERS + EVENTS + FAILURE + by("logistic"),
    "win ratio": PARALLEL.replace("800", "400") + VALUE + by("win-ratio"),
    "win ratio, ties": PARALLEL.replace("800", "400") + VALUE + by("win-ratio", ", wins: {tie_within: 0.5}"),
    "win ratio, events first": PARALLEL.replace("800", "400") + VALUE + EVENTS + FAILURE
    + by("win-ratio", ", wins: {first: [stopping, rescue]}"),
    "log-rank": UNTIL_LOSS + by("log-rank"),
    "cox": UNTIL_LOSS + by("cox"),
    "re-estimation": "design: {type: sample-size-reestimation, interim_patients: 100, most_patients: 400,"
    " assumed_difference: 0.3, power: 0.8}\npatients: 200\n" + VALUE + by("ancova"),
}  # fmt: skip


def plain(method: Method) -> str:
    """Return a trial of an analysis that needs no more than it says of itself."""
    layout = CROSSED if method.reads is Reads.PERIODS else PARALLEL
    visits = VISITS if method.reads is Reads.VISITS else ""
    return layout + visits + (RESPONDERS if method.responders else VALUE) + by(method.name)


NAMED = {protocol(text).analysis.method for text in CASES.values()}
CASES |= {name: plain(method) for name, method in methods().items() if name not in NAMED}
"""An analysis without a case of its own gets the plain one, so that none goes untried."""

REPLICATES = 240


def uneven(trial: Protocol, loss_per_day: float) -> Bank:
    """Return a bank of one cell whose patients gain the more the worse their pain is."""
    bank = bank_of(trial, n=600, n_cells=1, sd=1.5, loss_per_day=loss_per_day)
    level = bank.pain[bank.course_of[layout_of(trial).control_throughout, 0, 0]]
    plain, outcome = bank.pain.copy(), bank.pain.copy()
    marked = bank_of(trial, {"active": -1.0}, n=600, n_cells=1, sd=1.5).pain
    effect = -0.4 * np.maximum(level[:, :1] - 3.0, 0.0)
    outcome = plain + (plain - marked) * effect
    return with_level(bank, outcome)


@pytest.mark.parametrize("name", CASES)
def test_the_mean_of_the_estimates_is_the_true_value(name: str) -> None:
    trial = protocol(CASES[name])
    # The events of a pair of which one is lost are open: how many are depends on the losses themselves.
    # What a hazard ratio is, where it changes with time, depends on when patients leave.
    bank = uneven(trial, 0.0 if "events first" in name or "loss_of_response" in CASES[name] else 0.004)
    found = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))
    (done,) = performance(plan_of(trial), bank, found, truth_of(plan_of(trial), bank, 1, copies=16))
    size = abs(done.true_value.value)
    # The truth is itself measured, 16 times on each of 600 people.
    assert size > 0.05
    assert done.bias.replicates_error < 0.025 * size
    assert abs(done.bias.value) < 4 * done.bias.replicates_error + 0.01 * size
