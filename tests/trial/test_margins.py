"""Trials against a margin: what they claim, how often at the margin, and what they are refused with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import ReportedError, UnsupportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import at_margin, plan_of
from calor.trial.results.truth import truth_of
from calor.trial.theory import EquivalenceEndpoint, fixed_power, non_inferiority
from tests.trial.made_up import BASE, bank_of, protocol

PARALLEL = "design: {type: parallel}\npatients: 60\n"
CROSSED = "design: {type: crossover, period_days: 14, washout_days: 7}\npatients: 16\n"
IN_CYCLES = "design: {type: n-of-1, cycles: 2, period_days: 14, washout_days: 7}\npatients: 10\n"
ENDPOINT = "endpoint: {variable: pain-diary, from_day: 8, to_day: 14%s}\n"
NON_INFERIOR = "margin: {claim: non-inferiority, size: 0.6}, alpha: 0.05, sided: 1"
EQUIVALENT = "margin: {claim: equivalence, size: 0.8}, alpha: 0.05, sided: 1"
REPLICATES = 3000


def against(margin: str, layout: str = PARALLEL, method: str = "t-test", endpoint: str = "") -> Protocol:
    visits = "visits: [7, 14]\n" if method == "mmrm" else ""
    return protocol(layout + visits + ENDPOINT % endpoint + f"analysis: {{method: {method}, {margin}}}\n")


def run(trial: Protocol, bank: Bank, *, null: bool = False) -> Replicates:
    plan = at_margin(plan_of(trial)) if null else plan_of(trial)
    return ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))


def null_bank(trial: Protocol) -> Bank:
    bank = bank_of(trial, {"active": -2.0}, n_cells=1, loss_per_day=0.005)
    return bank.mechanism_off(layout_of(trial).control_throughout)


CASES = {
    "t test": (NON_INFERIOR, PARALLEL, "t-test", ""),
    "two-sided level": ("margin: {claim: non-inferiority, size: 0.6}", PARALLEL, "ancova", ""),
    "change": (NON_INFERIOR, PARALLEL, "ancova", ", scale: change"),
    "mmrm": (NON_INFERIOR, PARALLEL, "mmrm", ""),
    "crossover": (NON_INFERIOR, CROSSED, "crossover", ""),
    "crossover, mixed": (NON_INFERIOR, CROSSED, "crossover-mixed", ""),
    "n-of-1": (NON_INFERIOR, IN_CYCLES, "n-of-1-mixed", ""),
    "equivalence": (EQUIVALENT, PARALLEL, "ancova", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_at_the_margin_the_claim_is_made_at_the_level(name: str) -> None:
    trial = against(*CASES[name])
    level = plan_of(trial).analysis.level
    found = run(trial, null_bank(trial), null=True).rejected.mean()
    error = np.sqrt(level * (1 - level) / REPLICATES)
    assert found <= level + 3 * error
    assert found > level - 4 * error - 0.005  # equivalence leaves out what its other test refuses


@pytest.mark.parametrize("name", CASES)
def test_at_the_margin_the_true_value_is_the_margin(name: str) -> None:
    trial = against(*CASES[name])
    bank = null_bank(trial)
    size = plan_of(trial).analysis.asked.margin.size  # type: ignore[union-attr]
    assert truth_of(at_margin(plan_of(trial)), bank, 1).by_cell(bank) == pytest.approx(size)


def test_more_that_is_better_is_worse_below() -> None:
    trial = protocol(
        PARALLEL + "endpoint: {variable: grip, from_day: 14, to_day: 14}\n"
        + f"analysis: {{method: t-test, {NON_INFERIOR}}}\n"
    )  # fmt: skip
    bank = null_bank(trial)
    assert truth_of(at_margin(plan_of(trial)), bank, 1).by_cell(bank) == pytest.approx(-0.6)


def spread(trial: Protocol) -> float:
    level = bank_of(trial).pain[0, :, 0]
    return float(np.sqrt(level.var() + (1.0 + 1 / 12) / 7))


@pytest.mark.parametrize("worse", [-0.3, 0.0, 0.2])
def test_power_is_that_of_theory(worse: float) -> None:
    trial = against(NON_INFERIOR)
    found = run(trial, bank_of(trial, {"active": worse}, n_cells=1))
    theory = fixed_power(non_inferiority(worse, 0.6, spread(trial)), 60, 0.05, 1)
    assert abs(found.benefit.mean() - theory) < 3 * np.sqrt(0.25 / REPLICATES) + 0.005
    either = against(EQUIVALENT)
    theory = EquivalenceEndpoint(worse, 0.8, spread(trial)).power(60, 0.05)
    found = run(either, bank_of(either, {"active": worse}, n_cells=1))
    assert abs(found.benefit.mean() - theory) < 3 * np.sqrt(0.25 / REPLICATES) + 0.005


def test_a_trial_in_which_nothing_varies_claims_nothing() -> None:
    trial = against(NON_INFERIOR)
    bank = bank_of(trial, n_cells=1, sd=0.0)
    bank = replace(bank, habits=replace(bank.habits, day_noise=np.full(len(bank.baseline), 1e-9)))
    assert not run(trial, bank).rejected.any()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (PARALLEL + ENDPOINT % ", responder: {reduction_percent: 30}"
         + "analysis: {method: risk-difference, %s}\n", "a margin is for a difference of means"),
        (PARALLEL + ENDPOINT % "" + "analysis: {method: win-ratio, %s}\n",
         "a margin is for a difference of means"),
        ("design: {type: group-sequential, looks: [0.5, 1]}\npatients: 60\n" + ENDPOINT % ""
         + "analysis: {method: ancova, %s}\n", "is not tested against a margin"),
        ("design: {type: borrowed-control, sd: 1.1, heterogeneity: 0.3, controls: [{mean: 5.0, sd: 1.1,"
         " patients: 40, grade: verified, from: made up}]}\npatients: 40\n" + ENDPOINT % ""
         + "analysis: {method: ancova, %s}\n", "is not tested against a margin"),
        ("design: {type: randomised-withdrawal, open_run_in: {days: 14}}\npatients: 60\n" + ENDPOINT % ""
         + "analysis: {method: ancova, %s}\n", "is not tested against a margin"),
        (PARALLEL + "visits: [7, 14]\n" + ENDPOINT % ""
         + "analysis: {method: ancova, tipping_point: {largest: 2}, %s}\n", "leave out the margin"),
        (PARALLEL + ENDPOINT % "" + "analysis: {method: ancova, margin: {claim: superiority, size: 1}}\n",
         "analysis.margin.claim"),
        (PARALLEL + ENDPOINT % "" + "analysis: {method: ancova, margin: {claim: equivalence, size: 0}}\n",
         "analysis.margin.size"),
    ],
)  # fmt: skip
def test_what_a_margin_does_not_fit_is_refused(text: str, what: str) -> None:
    with pytest.raises(ReportedError, match=what):
        protocol(text.replace("%s", NON_INFERIOR))


def test_a_margin_is_for_two_arms() -> None:
    three = BASE.replace("{name: active}", "{name: low}, {name: high}")
    with pytest.raises(UnsupportedError, match="for two arms, not 3"):
        protocol(PARALLEL + ENDPOINT % "" + f"analysis: {{method: ancova, {NON_INFERIOR}}}\n", three)
