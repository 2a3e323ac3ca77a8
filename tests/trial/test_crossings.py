"""Crossovers of any sequences: what is allocated, what is known without carry-over, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.study.sequences import Sequences, balaam, told_apart, williams
from calor.trial.bank.bank import Bank
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.truth import truth_of
from calor.trial.theory import variance_factors
from tests.trial.made_up import BASE, bank_of, protocol, with_level

THREE = BASE.replace("{name: active}", "{name: low}, {name: high}")
NOISE = 0.5
DIARY_VARIANCE = (NOISE**2 + 1 / 12) / 7
"""Of the mean of 7 ratings with some noise, rounded to whole numbers: little beside patients of SD 1.5."""


def crossed(
    sequences: str = "", method: str = "crossover-mixed", base: str = BASE, patients: int = 24
) -> Protocol:
    own = f", sequences: {sequences}" if sequences else ""
    return protocol(
        f"design: {{type: crossover, period_days: 14, washout_days: 7{own}}}\npatients: {patients}\n"
        "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
        f"analysis: {{method: {method}}}\n",
        base,
    )


def test_balaam_gives_every_ordered_pair() -> None:
    assert layout_of(crossed("balaam")).names == (
        "active > active", "active > placebo", "placebo > active", "placebo > placebo"
    )  # fmt: skip
    assert len(layout_of(crossed("balaam", base=THREE)).sequences) == 9


def test_one_s_own_sequences_are_what_is_allocated() -> None:
    layout = layout_of(crossed("[[active, placebo, placebo], [placebo, active, active]]"))
    assert layout.sequences == ((0, 1, 1), (1, 0, 0))
    assert layout.starts == (0.0, 21.0, 42.0)
    assert layout.last_day == 56


def test_each_arm_is_known_after_the_control_alone_in_every_period() -> None:
    layout = layout_of(crossed("[[active, placebo, placebo], [placebo, active, active]]"))
    control, active = 1, 0
    assert layout.followed == ((0, 1, 1), (1, 0, 0), (1, 1, 1), (1, 1, 0))
    assert layout.by_itself[active].tolist() == [0, 1, 3]
    assert layout.by_itself[control].tolist() == [2, 2, 2]


def test_with_the_mechanism_off_the_control_is_given_in_every_period() -> None:
    layout = layout_of(crossed("[[placebo, active, active], [active, placebo, placebo]]"))
    assert set(layout.by_itself[layout.control].tolist()) == {layout.control_throughout}
    assert layout.followed[layout.control_throughout] == (1, 1, 1)


def test_two_arms_need_no_course_besides_their_own_and_the_control_throughout() -> None:
    assert len(layout_of(crossed()).followed) == 3


@pytest.mark.parametrize(
    ("sequences", "what"),
    [
        ("[[active, placebo], [placebo, activ]]", "design.sequences[1]: names 'activ', which is not an arm"),
        ("[[active, placebo], [placebo, active, active]]", "the same number of periods"),
        (
            "[[active], [placebo]]",
            "length 1\n  allowed: the same number of periods in all, 2 to 12\n  hint: ",
        ),
        (
            "[[active, placebo], [active, placebo], [placebo, active]]",
            "twice\n  allowed: each sequence once\n  hint",
        ),
        ("[[active, placebo]]", "does not tell every arm from the control"),
        ("[[active, placebo]]", "hint: sequences: williams"),
        ("[[active, active], [placebo, placebo]]", "does not tell every arm"),
        ("latin", "design"),
    ],
)
def test_sequences_that_make_no_crossover_are_refused(sequences: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        crossed(sequences)
    assert what in str(caught.value)


def test_an_arm_that_no_sequence_gives_is_refused() -> None:
    with pytest.raises(InputError, match="does not tell every arm"):
        crossed("[[low, placebo], [placebo, low]]", base=THREE)


@pytest.mark.parametrize(
    ("sequences", "method", "what"),
    [
        ("balaam", "crossover", "for two arms in the sequences AB and BA"),
        ("", "crossover-carry-over", "do not tell an arm from the carry-over"),
    ],
)
def test_an_analysis_that_does_not_fit_the_sequences_is_refused(
    sequences: str, method: str, what: str
) -> None:
    with pytest.raises(InputError, match=what):
        crossed(sequences, method)


@pytest.mark.parametrize("arms", range(2, 7))
def test_a_williams_design_has_the_variance_of_theory(arms: int) -> None:
    """2 / n without carry-over; with it that over the efficiency (t² - t - 2) / (t² - t - 1)."""
    sequences = williams(arms)
    equal = [1.0] * len(sequences)
    assert variance_factors(sequences, equal, arms, 0) == pytest.approx(2.0)
    if arms > 2:
        expected = 2 * (arms**2 - arms - 1) / (arms**2 - arms - 2)
        assert variance_factors(sequences, equal, arms, 0, carry_over=True) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sequences", "plain", "adjusted"),
    [
        # Differences of periods: AB, BA tell 2 tau each, AA and BB the period alone.
        (balaam(2), 4.0, 8.0),
        # Jones and Kenward, 3rd edition, section 3.5: ABB/BAA has 1.5 σ² / n with and without carry-over.
        (((0, 1, 1), (1, 0, 0)), 1.5, 1.5),
    ],
)
def test_other_sequences_have_the_variance_of_theory(
    sequences: Sequences, plain: float, adjusted: float
) -> None:
    equal = [1.0] * len(sequences)
    assert variance_factors(sequences, equal, 2, 1) == pytest.approx(plain)
    assert variance_factors(sequences, equal, 2, 1, carry_over=True) == pytest.approx(adjusted)


def test_carry_over_is_told_apart_where_sequences_allow() -> None:
    assert not told_apart(williams(2), 2, carry_over=True)
    assert told_apart(williams(3), 3, carry_over=True)
    assert told_apart(balaam(2), 2, carry_over=True)


CASES = {
    "three arms": ("", "crossover-mixed", THREE),
    "three arms, carry-over": ("", "crossover-carry-over", THREE),
    "balaam, carry-over": ("balaam", "crossover-carry-over", BASE),
    "ABB and BAA": ("[[active, placebo, placebo], [placebo, active, active]]", "crossover-mixed", BASE),
}


@pytest.mark.parametrize("name", CASES)
def test_simulated_estimates_vary_as_theory_says(name: str) -> None:
    """What the mixed model finds between patients, who differ much, adds next to nothing."""
    sequences, method, base = CASES[name]
    trial = crossed(sequences, method, base, patients=36)
    found = ReplicateSimulator(
        plan_of(trial), bank_of(trial, n_cells=1, sd=1.5, noise=NOISE), 3, np.ones(1)
    ).run(2000, Silent(), Threads(2))
    layout = layout_of(trial)
    carry_over = method == "crossover-carry-over"
    factor = variance_factors(
        layout.sequences,
        [1.0] * len(layout.sequences),
        len(layout.arms),
        layout.control,
        carry_over=carry_over,
    )[0]
    assert found.effect.var() == pytest.approx(factor * DIARY_VARIANCE / 36, rel=4 * np.sqrt(2 / 2000))


def left_behind(trial: Protocol, share: float) -> Bank:
    """Return a bank in which an active arm takes 1 point, and a share of it in the period that follows."""
    bank = bank_of(trial, n=600, n_cells=1, sd=1.5, noise=NOISE)
    layout, pain = layout_of(trial), bank.pain.copy()
    starts = [*(int(start) for start in layout.starts), pain.shape[2]]
    for row, arms in enumerate(layout.followed):
        for period, arm in enumerate(arms):
            before = period > 0 and arms[period - 1] != layout.control
            gain = (arm != layout.control) + share * before
            pain[bank.course_of[row, 0, 0], :, starts[period] : starts[period + 1]] -= gain
    return with_level(bank, pain)


@pytest.mark.parametrize(("method", "bias"), [("crossover-mixed", 0.25), ("crossover-carry-over", 0.0)])
def test_carry_over_biases_the_plain_analysis_and_not_the_one_that_adjusts(method: str, bias: float) -> None:
    """Balaam: in AB, BA, AA, BB a share c of the effect E left behind makes period 2 less period 1 differ.

    AB: -E + cE; BA: E; AA: cE; BB: 0. Half of (BA - AB) is E (1 - c / 2): the bias is c / 2 of E.
    """
    trial = crossed("balaam", method, patients=80)
    bank = left_behind(trial, 0.5)
    found = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(400, Silent(), Threads(2))
    (done,) = performance(plan_of(trial), bank, found, truth_of(plan_of(trial), bank, 1))
    assert done.true_value.value == pytest.approx(-1.0, abs=0.02)
    assert abs(done.bias.value - bias) < 4 * done.bias.replicates_error + 0.01
