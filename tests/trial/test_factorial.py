"""Factorial trials: what they compare, what they claim, what they are refused with."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.scenario import Scenario
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.caution import hypothesis_of
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol

IVIG = '{drug: ivig, regimen: "0.5 g/kg iv at day 1"}'
ANTI_TNF = '{drug: infliximab, regimen: "5 mg/kg iv at day 1"}'
HEAD = """\
id: made-up
title: Made up
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
acknowledge: [thrombosis, tuberculosis, hepatitis-b]
"""
ARMS = f"""\
arms:
  - {{name: neither}}
  - {{name: IVIG, treatments: [{IVIG}]}}
  - {{name: anti-TNF, treatments: [{ANTI_TNF}]}}
  - {{name: both, treatments: [{ANTI_TNF}, {IVIG}]}}
"""
REST = """\
patients: 80
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
"""
REPLICATES = 2000


def factorial(more: str = "", analysis: str = "method: ancova", arms: str = ARMS, rest: str = "") -> Protocol:
    text = f"design: {{type: factorial{more}}}\n" + REST + f"analysis: {{{analysis}}}\n" + rest
    return protocol(arms + text, HEAD)


def run(trial: Protocol, effects: dict[str, float]) -> Replicates:
    bank = bank_of(trial, effects, n_cells=1)
    return ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))


def test_it_compares_each_treatment_with_and_without_the_other() -> None:
    layout = layout_of(factorial())
    assert layout.contrasts == (
        "IVIG (with or without anti-TNF)",
        "anti-TNF (with or without IVIG)",
        "both beyond IVIG plus anti-TNF (interaction)",
    )
    assert layout.weights.tolist() == [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5], [1, -1, -1, 1]]
    assert layout.tested == (True, True, False)
    assert layout_of(factorial(", interaction: tested")).tested == (True, True, True)


def test_the_order_of_the_arms_does_not_matter() -> None:
    lines = ARMS.splitlines()
    turned = "\n".join([lines[0], *lines[:0:-1]]) + "\n"
    layout = layout_of(factorial(arms=turned))
    assert layout.arms == ("both", "anti-TNF", "IVIG", "neither")
    assert layout.weights[0].tolist() == [0.5, 0.5, -0.5, -0.5]
    assert layout.contrasts[0] == "anti-TNF (with or without IVIG)"


def test_the_true_values_are_those_of_the_cells() -> None:
    """-1 and -0.4 alone, -2 together: mains of -1.3 and -0.7, an interaction of -0.6."""
    trial = factorial()
    bank = bank_of(trial, {"IVIG": -1.0, "anti-TNF": -0.4, "both": -2.0}, n_cells=1)
    assert truth_of(plan_of(trial), bank, 1).by_cell(bank)[0] == pytest.approx([-1.3, -0.7, -0.6], abs=0.03)


def test_estimates_vary_as_theory_says() -> None:
    """4 σ² / n of a main effect, 16 σ² / n of an interaction, about the line on the baseline."""
    trial = factorial()
    found = run(trial, {"IVIG": -1.0, "anti-TNF": -0.4, "both": -2.0})
    bank = bank_of(trial, n_cells=1)
    level = bank.pain[0, :, 0]
    left = level.var() * (1 - np.corrcoef(level, bank.baseline)[0, 1] ** 2) + (1 + 1 / 12) / 7
    assert found.effects.mean(axis=0) == pytest.approx([-1.3, -0.7, -0.6], abs=0.05)
    assert found.effects.var(axis=0) == pytest.approx(left * np.array([4, 4, 16]) / 80, rel=0.13)


def test_an_interaction_is_claimed_where_it_is_tested_alone() -> None:
    effects = {"IVIG": 0.0, "anti-TNF": 0.0, "both": -4.0}
    assert not run(factorial(), effects).rejected[:, 2].any()
    assert run(factorial(", interaction: tested"), effects).rejected[:, 2].mean() > 0.9


@pytest.mark.parametrize("more", ["", ", interaction: tested"])
def test_the_family_keeps_its_level(more: str) -> None:
    found = run(factorial(more), {}).rejected.any(axis=1).mean()
    assert 0.02 < found <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPLICATES)


def test_an_assumed_effect_is_that_of_each_treatment_and_adds_up() -> None:
    trial = factorial()
    bank = Scenario(assumed_effect=-1.0).apply(plan_of(trial), bank_of(trial, n_cells=1))
    assert truth_of(plan_of(trial), bank, 1).by_cell(bank)[0] == pytest.approx([-1.0, -1.0, 0.0], abs=0.03)


def test_what_a_success_is_does_not_name_what_is_only_described() -> None:
    words = hypothesis_of(plan_of(factorial()))
    assert words == "at least one of: IVIG (with or without anti-TNF); anti-TNF (with or without IVIG)"


@pytest.mark.parametrize(
    ("arms", "analysis", "rest", "what"),
    [
        (ARMS.replace(f"{ANTI_TNF}, {IVIG}", ANTI_TNF.replace("5 mg", "3 mg") + f", {IVIG}"),
         "method: ancova", "", "a factorial has four arms"),
        ("\n".join(ARMS.splitlines()[:4]) + "\n", "method: ancova", "", "a factorial has four arms"),
        (ARMS, "method: ancova", "control: IVIG\n", "the control of a factorial is the arm without"),
        (ARMS, "method: t-test", "", "compares two arms alone"),
        (ARMS, "method: ancova, prior: {mean: 0, sd: 1}", "", "a prior is on one effect"),
        (ARMS, "method: ancova, delta: 1", "visits: [7, 14]\n", "an imputation knows one control arm"),
        (ARMS, "method: ancova, margin: {claim: equivalence, size: 1}", "", "a margin is for two arms"),
    ],
)  # fmt: skip
def test_what_makes_no_factorial_is_refused(arms: str, analysis: str, rest: str, what: str) -> None:
    with pytest.raises(ReportedError, match=what):
        factorial(analysis=analysis, arms=arms, rest=rest)
