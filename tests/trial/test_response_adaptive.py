"""Shares that move: the rule in closed form, what is seen in time, errors, trends over time, and refusals."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import stats

from calor.core.documents import parse_document
from calor.core.errors import ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.report.trial_table import design_table
from calor.study import ResponseAdaptive
from calor.study.analysis import Multiplicity
from calor.study.response_adaptive import AdaptiveBlock
from calor.trial.analysis import Contrast, ParallelData
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.moving_shares import Allocator, Draws, Queues, ShareRule, at_least, counts_of
from calor.trial.designs.moving_shares_level import calibrated_level
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.designs.response_adaptive import ResponseAdaptiveConductor
from calor.trial.protocols.idle_rules import idle_rules
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.characteristics import performance
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from calor.trial.runs.document import result_document
from calor.trial.runs.enough import Enough
from calor.trial.runs.pipeline import conclude
from calor.trial.runs.sizing import find_size
from calor.trial.runs.stages import simulate
from tests.trial.made_up import HEAD, bank_of, protocol
from tests.trial.runs.made_up_runs import SCENARIOS, prepared
from tests.trial.test_multi_arm import varied

TWO = "arms: [{name: active}, {name: placebo}]\n"
THREE = "arms: [{name: one}, {name: two}, {name: placebo}]\n"
DESIGN = "design: {type: response-adaptive, burn_in_patients: 24, block_patients: 8}\n"
REST = (
    "allocation: {block_size: 8}\npatients: 64\nendpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "analysis: {method: ancova, alpha: 0.025, sided: 1}\n"
    "conduct: {accrual: {sites: 4, patients_per_site_per_month: 2}}\n"
)
OF_THREE = REST.replace("block_size: 8", "block_size: 6")
REPLICATES = 3000


def run(
    text: str, effects: dict[str, float] | None = None, replicates: int = 400, **conducted: float | bool
) -> Replicates:
    trial = protocol(text)
    conducts = partial(ResponseAdaptiveConductor, **conducted) if conducted else None  # type: ignore[arg-type]
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial, effects), 3, np.ones(1), conducts)
    return simulator.run(replicates, Silent(), Threads(2))


def of(text: str) -> str:
    """Return the design with other settings."""
    return DESIGN.replace("block_patients: 8", f"block_patients: 8, {text}")


def allocator(seen: int, exponent: float = 1.0) -> Allocator:
    """Return one that allocates 12 patients and then 8, of whose first so many the outcome is seen."""
    return Allocator(ShareRule(exponent, 0.125), (AdaptiveBlock(12, 20, seen),), (Contrast(1, 0),), (1, 0))


def draws(replicates: int, places: int = 20) -> Draws:
    stream = Stream(7)
    return Draws(
        burn_in=np.broadcast_to(np.arange(12) % 2, (replicates, 12)),
        order=stream.child("order").uniforms(replicates, places),
        rounding=stream.child("rounding").uniforms(replicates, 1),
    )


def test_two_arms_share_by_thall_and_wathen() -> None:
    """c = 0.5 · 0.5 = 1/4: 0.9^(1/4) / (0.9^(1/4) + 0.1^(1/4)) = 0.63397."""
    found = ShareRule(0.5, 0.1).shares(np.array([[0.9], [0.5]]), np.zeros((2, 2), dtype=np.int64), 0.5)
    assert found[:, 1] == pytest.approx([0.63397, 0.5], abs=1e-5)
    assert found.sum(axis=1) == pytest.approx(1)


def test_several_arms_share_by_trippa_whose_control_keeps_up() -> None:
    """c = 2 · 0.5 = 1, K = 2, the control 4 behind: 0.9 / 1.2, 0.3 / 1.2 and exp(0.125 · 4) / 2 = 0.82436."""
    counts = np.array([[10, 14, 12]])
    found = ShareRule(2.0, 0.01).shares(np.array([[0.9, 0.3]]), counts, 0.5)
    assert found[0] == pytest.approx(np.array([0.82436, 0.75, 0.25]) / 1.82436, abs=1e-5)


def test_arms_of_which_none_can_help_share_what_the_control_leaves() -> None:
    found = ShareRule(3.0, 0.1).shares(np.zeros((1, 2)), np.array([[9, 9, 9]]), 1.0)
    assert found[0] == pytest.approx(1 / 3)


def test_a_trial_of_another_size_has_as_many_blocks() -> None:
    design = protocol(DESIGN + TWO + REST).design  # 24 and five blocks of 8, of 64
    larger, smaller = design.sized(128, 64), design.sized(24, 64)
    assert isinstance(larger, ResponseAdaptive)
    assert isinstance(smaller, ResponseAdaptive)
    assert (larger.burn_in_patients, larger.block_patients) == (48, 16)
    assert (smaller.burn_in_patients, smaller.block_patients) == (9, 5)  # 1 / 0.2: a patient of each arm


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_an_exponent_of_0_shares_equally(arms: int) -> None:
    benefit = Stream(1).uniforms(6, arms - 1)
    found = ShareRule(0.0, 0.1).shares(benefit, np.full((6, arms), 4), 0.7)
    assert found == pytest.approx(1 / arms, rel=1e-15)


def test_no_share_falls_below_the_least() -> None:
    found = at_least(np.array([[0.02, 0.08, 0.9], [0.0, 0.0, 1.0], [0.3, 0.3, 0.4], [0.08, 0.12, 0.8]]), 0.1)
    assert found.tolist() == pytest.approx(
        np.array(
            [[0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4], [0.1, 0.9 * 0.12 / 0.92, 0.9 * 0.8 / 0.92]]
        )
    )


def test_counts_are_their_expectation_rounded_and_exact_where_it_is_whole() -> None:
    uniforms = Stream(3).uniforms(4000, 1)[:, 0]
    shares = np.broadcast_to([0.55, 0.15, 0.3], (4000, 3))
    found = counts_of(shares, 10, uniforms)
    assert found.mean(axis=0) == pytest.approx([5.5, 1.5, 3.0], abs=0.03)
    assert np.all(np.abs(found - 10 * shares) < 1)
    assert set(found.sum(axis=1)) == {10}
    assert np.all(counts_of(np.full((4000, 3), 1 / 3), 12, uniforms) == 4)


def test_the_probability_of_benefit_is_that_of_two_normal_means() -> None:
    """Flat priors: the difference has Student's t around the means' difference, less pain being benefit."""
    stream = Stream(11)
    outcome = stream.normals(5, 12) + np.where(np.arange(12) % 2, -0.5, 0.0)
    data = ParallelData(outcome, np.broadcast_to(np.arange(12) % 2, (5, 12)))
    found = allocator(seen=12)._benefit(data)[:, 0]
    active, control = outcome[:, 1::2], outcome[:, ::2]
    pooled = np.sqrt((active.var(axis=1, ddof=1) + control.var(axis=1, ddof=1)) / 2 * (2 / 6))
    expected = stats.t.cdf((control.mean(axis=1) - active.mean(axis=1)) / pooled, 10)
    assert found == pytest.approx(expected, rel=1e-10)
    spread = stats.invgamma(5, scale=5 * pooled[0] ** 2).rvs(40_000, random_state=1)  # of the difference
    difference = stats.norm.rvs(
        active.mean(axis=1)[0] - control.mean(axis=1)[0], np.sqrt(spread), random_state=2
    )
    assert found[0] == pytest.approx((difference < 0).mean(), abs=0.01)


def test_only_what_is_seen_moves_the_shares() -> None:
    outcome = np.zeros((1000, 2, 20)) + Stream(2).normals(1000, 40).reshape(1000, 2, 20)
    moved = outcome.copy()
    moved[:, 1, 3:] -= 50.0  # the active arm's 4th patient is the 8th of the trial
    before = allocator(seen=7).allocate(Queues(outcome), draws(1000)).arms
    assert np.array_equal(before, allocator(seen=7).allocate(Queues(moved), draws(1000)).arms)
    after = allocator(seen=8).allocate(Queues(moved), draws(1000)).arms
    assert not np.array_equal(before, after)
    nothing = allocator(seen=0).allocate(Queues(moved), draws(1000)).arms
    assert np.all(nothing[:, 12:].sum(axis=1) == 4)


def test_what_is_seen_is_what_came_a_follow_up_earlier() -> None:
    """One patient a day and 14 days: when the 25th comes, on day 25, those of days 1 to 11 are seen."""
    daily = REST.replace(
        "sites: 4, patients_per_site_per_month: 2", "sites: 1, patients_per_site_per_month: 30.4375"
    )
    trial = protocol(DESIGN + TWO + daily)
    assert isinstance(trial.design, ResponseAdaptive)
    assert trial.design.blocks_of(trial)[:2] == (AdaptiveBlock(24, 32, 11), AdaptiveBlock(32, 40, 19))
    assert trial.design.blocks_of(trial)[-1].stop == 64


def test_shares_that_never_move_give_the_trial_of_parallel_arms() -> None:
    """The same people in the same places, and the same numbers to the bit, but for the strata of the test."""
    moving = run(of("exponent: 0") + TWO + REST, {"active": -0.5}, in_blocks=False)
    fixed = run("design: {type: parallel}\n" + TWO + REST, {"active": -0.5})
    for name in ("cells", "people", "randomised", "baseline_mean", "endpoint_mean", "endpoint_sd", "lost"):
        assert np.array_equal(getattr(moving, name), getattr(fixed, name)), name
    assert np.array_equal(moving.alternative_effects[:, :, 0], fixed.effects)


def test_more_patients_get_the_better_arm_within_the_limits() -> None:
    found = run(of("exponent: 2") + TWO + REST, {"active": -0.7}, in_blocks=False)
    assert found.randomised[:, 0].mean() > 38
    assert found.randomised[:, 0].max() <= 12 + 5 * 7  # at most 0.8 of a block of 8, rounded up
    assert found.randomised[:, 1].min() >= 12 + 5 * 1
    assert np.all(found.enrolled == 64)
    worse = run(of("exponent: 2") + TWO + REST, {"active": 0.7}, in_blocks=False)
    assert worse.own_numbers[:, 0].mean() > 0.55
    assert worse.own_numbers[:, 1].mean() > 0.9


def test_the_control_keeps_up_with_the_best_of_several() -> None:
    text = of("exponent: 4, least_share: 0.125") + THREE + OF_THREE
    found = run(text, {"one": -1.0}, in_blocks=False).randomised.mean(axis=0)
    assert found[0] > found[1] + 6
    assert found[2] == pytest.approx(found[0], abs=3)


@pytest.mark.parametrize("arms", [TWO + REST, THREE + OF_THREE], ids=["two arms", "three arms"])
def test_the_error_holds_at_eight_corners(arms: str) -> None:
    trial = protocol(of("exponent: 2") + arms)
    ready = prepared(trial, varied(bank_of(trial)), RunSettings(replicates=2000, executor=Threads(2)))
    corners = error_at_corners(ready, Silent())
    assert len(corners) == 8
    assert all(corner.holds(0.025) for corner in corners)
    assert all(corner.error.value > 0.008 for corner in corners)


def test_a_trend_passes_for_an_effect_unless_the_blocks_are_strata() -> None:
    """Pain that falls by 2 over the trial whatever the arm, shares that move far: the level is 0.025."""
    text = of("exponent: 2") + TWO + REST
    blocks, without = (run(text, replicates=REPLICATES, trend=-2.0, in_blocks=each) for each in (True, False))
    error = 3 * np.sqrt(0.025 * 0.975 / REPLICATES)
    assert blocks.rejected.mean() <= 0.025 + error
    assert without.rejected.mean() > 0.06


def test_estimates_and_intervals_hold() -> None:
    trial = protocol(of("exponent: 2") + TWO + REST)
    plan, bank = plan_of(trial), bank_of(trial, {"active": -0.5}, n_cells=1)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))
    (done,) = performance(plan, bank, found, truth_of(plan, bank, 1))
    assert abs(done.bias.value) < 0.02
    assert done.coverage.value > 0.95 - 3 * np.sqrt(0.95 * 0.05 / REPLICATES)
    assert set(done.alternatives) == {"without-blocks"}
    assert np.array_equal(found.upper[:, 0] < 0, found.rejected[:, 0])


def test_the_calibrated_level_keeps_the_error_of_fresh_trials_and_is_never_above_it() -> None:
    trial = protocol(of("exponent: 2") + TWO + REST)
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial), 3, np.ones(1))
    assert isinstance(simulator.conductor, ResponseAdaptiveConductor)
    level = calibrated_level(simulator.conductor.allocator, Multiplicity.HOLM, 0.025)
    assert 0.015 < level <= 0.025
    assert simulator.conductor.level(0.025) == level
    assert calibrated_level(simulator.conductor.allocator, Multiplicity.HOLM, 0.1) > level


def test_the_result_shows_the_level_and_the_error_under_a_trend() -> None:
    trial = protocol(DESIGN + TWO + REST)
    ready = prepared(trial, bank_of(trial), RunSettings(replicates=200, executor=Threads(2)))
    document = result_document(conclude(Enough(simulate(ready, Silent()), ()), Silent()), {})
    characteristics = document["operating_characteristics"]
    shown = characteristics["moving_shares"]
    assert shown["blocks"] == 5
    assert shown["outcomes_seen_before_last_block"] == 53
    assert shown["calibrated_level"] <= shown["level"] == 0.025
    falls, rises = (each["outcomes_rise_by"] for each in shown["type_one_error_under_trend"])
    assert falls == -rises < -0.9
    assert characteristics["days"] > 64 / (8 / 30.4375)
    rows = {row[0]: row for row in design_table(document).rows}
    assert "without blocks as strata" in rows["type I error, trend"][2]
    assert "share on control" in rows


def test_a_size_is_found() -> None:
    trial = protocol(DESIGN + TWO + REST)
    ready = prepared(
        trial,
        bank_of(trial, {"active": -1.2}),
        RunSettings(replicates=200, executor=Threads(2)),
        scenario=SCENARIOS["assumed"],
    )
    found = find_size(ready, 0.8, Silent()).found
    assert found.power.value >= 0.8
    assert found.patients <= 64


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("method: ancova", "method: t-test", "is analysed by ancova, not 't-test'"),
        ("sided: 1", "sided: 2", "needs a one-sided test"),
        (
            "accrual: {sites: 4, patients_per_site_per_month: 2}",
            "dropout_per_month: 0.1",
            "it needs conduct.accrual",
        ),
        ("{block_size: 8}", "{ratio: [2, 1]}", "begins with equal shares"),
        ("{block_size: 8}", "{strata: [{by: duration, cuts: [12]}]}", "are its blocks"),
        ("patients: 64", "patients: 24", "burn_in_patients must be below patients"),
        ("patients: 64", "patients: 832", "make more than 100 blocks"),
        ("block_patients: 8", "block_patients: 3", "has no patient for an arm with least_share"),
        (
            "{name: active}",
            "{name: a}, {name: b}, {name: c}",
            "cannot have a share of 0.3",
        ),
        ("method: ancova", "method: ancova, prior: {mean: 0, sd: 1}", "a prior does not fit"),
        ("least_share: 0.3", "least_share: 0.6", "least_share"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = HEAD + of("least_share: 0.3") + TWO + REST
    assert old in text
    with pytest.raises(ReportedError, match=words):
        check_protocol(parse_document(text.replace(old, new), "trial.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sites: 4", "sites: 80", "0 outcomes are seen when the last block begins"),
        ("block_patients: 8", "block_patients: 8, exponent: 0", "exponent is 0"),
    ],
)
def test_shares_that_cannot_move_are_said(old: str, new: str, words: str) -> None:
    trial = protocol((DESIGN + TWO + REST).replace(old, new))
    assert any(words in each for each in idle_rules(plan_of(trial)))
    assert not any("shares" in each for each in idle_rules(plan_of(protocol(DESIGN + TWO + REST))))
