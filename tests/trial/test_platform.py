"""Platforms: who is enrolled when, what controls that are not concurrent do, corners, estimates, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.documents import parse_document
from calor.core.errors import ReportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.report.trial_table import design_table
from calor.study import Controls, Drift, Platform
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.data import ParallelData
from calor.trial.analysis.estimate import Contrast
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.open_platform import PlatformEnrolment, PlatformRules
from calor.trial.designs.platform import PlatformConductor
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.template import protocol_text
from calor.trial.results.characteristics import own_numbers, performance
from calor.trial.results.controls import NonConcurrentControls, non_concurrent_controls
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from calor.trial.runs.comparison import comparison_document
from calor.trial.runs.enough import Enough
from calor.trial.runs.pipeline import conclude
from calor.trial.runs.sizing import sized
from calor.trial.runs.stages import simulate
from tests.trial.made_up import HEAD, bank_of, protocol
from tests.trial.runs.made_up_runs import SCENARIOS, prepared
from tests.trial.test_multi_arm import varied

ARMS = "arms: [{name: one}, {name: two}, {name: three}, {name: placebo}]\n"
TWO_ACTIVE = "arms: [{name: one}, {name: two}, {name: placebo}]\n"
REST = (
    "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "conduct: {accrual: {sites: 4, patients_per_site_per_month: 1}}\n"
)
ANALYSIS = "analysis: {method: ancova, alpha: 0.025, sided: 1}\n"
STAGGERED = (
    "design: {type: platform, arm_patients: 30, stays: {two: {enters_after: 40}, three: {enters_month: 20}},"
    " looks: [0.5, 1.0], futility: [0.0]}\npatients: 180\n" + ARMS + REST + ANALYSIS
)
ONE_AFTER_ANOTHER = (
    "design: {type: platform, arm_patients: 40, stays: {two: {enters_after: 80}}}\npatients: 160\n"
    + TWO_ACTIVE
    + REST
    + ANALYSIS
)
"""Arm one and the control for 80 patients, then arm two and the control for 80."""

OVERLAPPING = (
    "design: {type: platform, arm_patients: 40, stays: {two: {enters_after: 40}}}\npatients: 300\n"
    + TWO_ACTIVE
    + REST
    + ANALYSIS
)
"""20 patients each of arm one and the control, 20 of all three, then 20 of arm two and the control."""

REPLICATES = 2000


def run(
    text: str, effects: dict[str, float] | None = None, replicates: int = REPLICATES, n_cells: int = 2
) -> Replicates:
    trial = protocol(text)
    bank = bank_of(trial, effects, n_cells=n_cells)
    return ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).run(replicates, Silent(), Threads(2))


def with_design(text: str, words: str) -> str:
    """Return a protocol whose design says something more."""
    return text.replace("{type: platform, ", "{type: platform, " + words + ", ")


def test_without_a_late_arm_it_is_the_parallel_trial_bit_for_bit() -> None:
    """One period, one look: everything of the fixed trial of the same arms, which share alpha equally."""
    platform = "design: {type: platform, arm_patients: 30}\npatients: 120\n" + ARMS + REST + ANALYSIS
    parallel = platform.replace("{type: platform, arm_patients: 30}", "{type: parallel}").replace(
        "sided: 1", "sided: 1, multiplicity: bonferroni"
    )
    effects = {"one": -0.5, "two": -0.7}
    one, other = run(platform, effects, 400), run(parallel, effects, 400)
    for column, values in vars(other).items():
        if column != "own_numbers":
            assert np.array_equal(getattr(one, column), values, equal_nan=True), column
    assert 0 < one.rejected[:, 1].mean() < 1
    for controls in ("all", "all-by-period"):
        same = run(with_design(platform, f"controls: {controls}"), effects, 400)
        np.testing.assert_allclose(same.effects, other.effects, rtol=1e-9, err_msg=controls)
        np.testing.assert_allclose(same.upper, other.upper, rtol=1e-9, err_msg=controls)


def test_arms_come_and_go_as_the_protocol_says() -> None:
    """4 patients a month. 40 of one and placebo; then 20 of each of two arms and placebo... by hand.

    Arm one leaves with its 40th patient: 20 in the first 40 patients, 20 in the next 60. Arm two has 20
    of those 60, and its other 20 in 40 patients more. Placebo is in all: 20 + 20 + 20.
    """
    found = run(OVERLAPPING, replicates=50)
    assert np.all(found.enrolled == 40 + 60 + 40)
    assert np.all(found.randomised == [40, 40, 60])
    assert np.all(found.look == 0)
    # Arm one ends with 40 controls, none of them earlier; arm two with 60, of whom 20 came before it.
    assert found.own_numbers[:, 3] == pytest.approx((0 + 20) / (40 + 60))
    assert np.all(found.own_numbers[:, 2] == 0)


@pytest.mark.parametrize("patients", [81, 100, 120, 150, 180])
@pytest.mark.parametrize(
    "stays", ["{}", "{two: {enters_after: 40}}", "{two: {enters_after: 70}, three: {enters_month: 20}}"]
)
def test_the_expected_patients_of_an_arm_are_those_of_the_enrolment_to_a_block(
    patients: int, stays: str
) -> None:
    """No look ends an arm early: the enrolment of one look without any effect knows no decision before it."""
    design = f"design: {{type: platform, arm_patients: 30, stays: {stays}}}\npatients: {patients}\n"
    text = design + ARMS + REST + ANALYSIS
    trial = protocol(text)
    assert isinstance(trial.design, Platform)
    expected = trial.design.expected_patients(trial)
    found = run(text, replicates=20)
    for place, name in enumerate(expected):
        assert np.abs(found.randomised[:, place] - expected[name]).max() <= 1.5, name


def test_an_arm_leaves_in_its_month_and_enters_at_once_where_nobody_else_is_open() -> None:
    text = ONE_AFTER_ANOTHER.replace(
        "{two: {enters_after: 80}}", "{one: {leaves_month: 5}, two: {enters_after: 150, leaves_month: 10}}"
    )
    found = run(text, replicates=20)
    assert np.all(found.randomised == [10, 10, 20])  # 4 patients a month, five months each
    late = run(text.replace("one: {leaves_month: 5}", "one: {leaves_month: 35}"), replicates=20)
    assert np.all(late.randomised[:, 1] == 0)  # one has its 40 by month 20, when two's time is up
    assert np.isnan(late.effects[:, 1]).all()
    assert not late.rejected[:, 1].any()


def test_the_platform_is_full_at_its_patients() -> None:
    found = run(ONE_AFTER_ANOTHER.replace("patients: 160", "patients: 110"), replicates=20)
    assert np.all(found.enrolled == 110)
    assert np.all(found.randomised[:, 0] == 40)
    assert found.randomised[:, 1] == pytest.approx(15, abs=1)  # the last block is cut short
    assert np.all(found.own_numbers[:, 2] == 1)
    assert np.isfinite(found.effects).all()


def test_an_arm_that_ends_at_a_look_enrols_nobody_more_and_the_next_one_comes_sooner() -> None:
    effects = {"one": 3.0}
    found = run(STAGGERED, effects, 200)
    assert found.own_numbers[:, 1].mean() > 0.99
    # 15 patients at the look; 4 a month come while its data mature: 2, so that one round more is begun.
    assert np.all(found.randomised[:, 0] <= 17)
    assert not found.rejected[:, 0].any()


def test_enrolment_of_a_platform_by_hand() -> None:
    """Blocks of control, one, two: while two is not open its places stay empty and take no time."""
    arms = np.tile([0, 1, 2], 4)[None, :]
    rules = PlatformRules(
        enters=np.array([0.0, 4.0]),
        leaves=np.array([np.inf, np.inf]),
        patients=100,
        overrun=0,
        of_arm=3,
        round_size=3,
        rounds=4,
    )
    enrolment = PlatformEnrolment(rules, arms)
    for number in range(4):
        enrolment.enrol(number)
        enrolment.close(enrolment.leaving(last=number == 3))
    assert enrolment.enrolled[0].tolist() == [1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1]
    assert enrolment.order[0][enrolment.enrolled[0]].tolist() == list(range(9))
    assert enrolment.entry.tolist() == [[0, 6]]
    periods = enrolment.period[0, ::3]
    assert periods[0] == periods[1] < periods[2] < periods[3]


@pytest.mark.parametrize("controls", list(Controls))
@pytest.mark.parametrize("per_month", [0.0, 0.05])
def test_bias_of_controls_that_are_not_concurrent_is_that_of_the_closed_form(
    controls: Controls, per_month: float
) -> None:
    """Under a drift of b a month, arm two's controls came 10 months earlier than it on average.

    Patients 0 to 79 are arm one's and controls in turn, 80 to 159 arm two's; 4 come a month. The mean times
    of arm two and of all controls are 119.5 / 4 and 79.5 / 4 months: the unadjusted difference is too large
    by 10 b. Concurrent controls came at the same times. With a period effect arm one, which is never beside
    two, tells nothing, so that only concurrent controls count.
    """
    text = with_design(ONE_AFTER_ANOTHER, f"controls: {controls}, drift: {{per_month: {per_month}}}")
    found = run(text, {"one": -0.4, "two": -0.7}, n_cells=1)
    plan = plan_of(protocol(text))
    bank = bank_of(protocol(text), {"one": -0.4, "two": -0.7}, n_cells=1)
    first, second = performance(plan, bank, found, truth_of(plan, bank, 1))
    expected = 10 * per_month if controls is Controls.ALL else 0.0
    assert abs(second.bias.value - expected) < 4 * second.bias.mc_error
    assert abs(first.bias.value) < 4 * first.bias.mc_error
    if not expected:
        assert abs(second.coverage.value - 0.95) < 4 * second.coverage.mc_error
    else:
        assert second.coverage.value < 0.8


def test_the_drift_follows_the_accrual() -> None:
    trial = protocol(with_design(ONE_AFTER_ANOTHER, "drift: {per_month: 0.1, step: -1.0, step_month: 20}"))
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial), 3, np.ones(1))
    conductor = simulator.conductor
    assert isinstance(conductor, PlatformConductor)
    # Patient 40 comes after 10 months, 79 just before month 20, 80 then.
    assert conductor.drift[[0, 40, 79, 80, 120]] == pytest.approx([0.0, 1.0, 1.975, 1.0, 2.0], abs=1e-9)
    numbers = np.arange(20)
    moved = conductor.conduct(numbers)
    still = replace(conductor, design=conductor.design.model_copy(update={"drift": Drift()})).conduct(numbers)
    by = (moved.observed.endpoint - still.observed.endpoint)[:, :, 0]
    came = np.cumsum(moved.enrolled, axis=1) - 1
    assert by[moved.enrolled] == pytest.approx(conductor.drift[came[moved.enrolled]], abs=1e-9)
    season = (
        "accrual: {sites: 4, patients_per_site_per_month: 1, season: {amplitude: 0.5, peak: 1, starts: 1}}"
    )
    seasonal = protocol(
        with_design(ONE_AFTER_ANOTHER, "drift: {per_month: 0.1}").replace(
            "accrual: {sites: 4, patients_per_site_per_month: 1}", season
        )
    )
    accrual = seasonal.conduct.accrual
    assert accrual is not None
    own = ReplicateSimulator(plan_of(seasonal), bank_of(seasonal), 3, np.ones(1)).conductor
    assert isinstance(own, PlatformConductor)
    assert own.drift[10] == pytest.approx(0.1 * accrual.days_to(10) / DAYS_PER_MONTH)
    assert own.drift[10] < 0.25  # in winter more come than 4 a month
    assert accrual.patients_by(own.drift[10] / 0.1) == pytest.approx(10)


def test_the_variance_by_period_is_that_of_least_squares_in_closed_form() -> None:
    """Arm one and the control in both periods (n, then m of each), arm two in the second (m).

    The control's level in period 2 is the mean of one's and its own there, less half of one's effect, which
    both periods tell: σ² (1 / (2 m) + 1 / (2 (n + m))). So the variance of arm two's effect is σ² (1 / m +
    1 / (2 m) + 1 / (2 (n + m))); with concurrent controls alone it is 2 σ² / m, with all of them and no
    period σ² (1 / m + 1 / (n + m)).
    """
    n, m = 30, 20
    arm = np.repeat([0, 1, 0, 1, 2], [n, n, m, m, m])[None, :]
    period = np.repeat([0, 0, 1, 1, 1], [n, n, m, m, m])[None, :]
    outcome = np.random.default_rng(5).normal(size=arm.shape) + period
    flat = np.zeros(arm.shape)
    expected = {
        "period": (period, arm, 1 / m + 1 / (2 * m) + 1 / (2 * (n + m))),
        "concurrent": (None, np.where(period == 1, arm, -1), 2 / m),
        "all": (None, arm, 1 / m + 1 / (n + m)),
    }
    for name, (factor, counted, variance) in expected.items():
        data = ParallelData(outcome, counted, flat, period=factor)
        found = Ancova().estimate(data, Contrast(2, 0))
        columns = [counted[0] == code for code in range(3)]
        columns += [] if factor is None else [factor[0] == 1]
        used = counted[0] >= 0
        design = np.column_stack(columns).astype(float)[used]
        fit, squares, rank, _ = np.linalg.lstsq(design, outcome[0, used], rcond=None)
        residual = squares[0] / (used.sum() - rank)
        assert found.effect[0] == pytest.approx(fit[2] - fit[0], rel=1e-9), name
        assert found.standard_error[0] ** 2 == pytest.approx(residual * variance, rel=1e-9), name
        assert found.degrees_of_freedom[0] == used.sum() - rank, name


def test_earlier_controls_make_the_estimate_more_precise_where_nothing_changes() -> None:
    spread = {
        controls: run(with_design(OVERLAPPING, f"controls: {controls}"), n_cells=1).effects[:, 1].std()
        for controls in Controls
    }
    assert spread[Controls.ALL] < spread[Controls.ALL_BY_PERIOD] < spread[Controls.CONCURRENT]


@pytest.mark.parametrize("controls", [Controls.CONCURRENT, Controls.ALL_BY_PERIOD])
def test_the_familywise_error_holds_at_eight_corners(controls: Controls) -> None:
    trial = protocol(with_design(STAGGERED, f"controls: {controls}"))
    ready = prepared(trial, varied(bank_of(trial)), RunSettings(replicates=2000, executor=Threads(2)))
    corners = error_at_corners(ready, Silent())
    assert len(corners) == 8
    assert all(corner.holds(0.025) for corner in corners)
    assert all(corner.error.value > 0.004 for corner in corners)


def test_intervals_cover_at_every_look_and_agree_with_the_test() -> None:
    trial = protocol(STAGGERED.replace(", futility: [0.0]", ""))
    effects = {"one": -0.6, "two": -0.3}
    bank, plan = bank_of(trial, effects, n_cells=1), plan_of(trial)
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))
    error = 3 * np.sqrt(0.05 * 0.95 / REPLICATES)
    for done in performance(plan, bank, found, truth_of(plan, bank, 1)):
        assert 0.95 - error < done.coverage.value < 0.985
    # An arm is tested at a third of the level of its interval's side, so what is found is always left out.
    assert not np.any(found.rejected & (found.upper >= 0))


def controls_of(text: str, replicates: int = 1600) -> NonConcurrentControls:
    trial = protocol(text)
    ready = prepared(trial, bank_of(trial), RunSettings(replicates=replicates, executor=Threads(2)))
    found = non_concurrent_controls(ready.mechanism_off(), Silent())
    assert found is not None
    return found


def test_every_choice_of_controls_is_shown_under_trends_either_way() -> None:
    """The scale has 10 points, so 1 is tried over the 40 months in which 160 patients come: 0.25 in 10."""
    found = controls_of(ONE_AFTER_ANOTHER)
    assert [each.trend.words for each in found.tried][::3] == [
        "has no trend",
        "rises by 1 while 160 patients come",
        "falls by 1 while 160 patients come",
    ]
    still, rises, falls = (found.tried[place : place + 3] for place in (0, 3, 6))
    for trend, expected in ((still, 0.0), (rises, 0.25), (falls, -0.25)):
        for each in trend:
            bias = each.arms[1].bias
            asked = expected if each.controls is Controls.ALL else 0.0
            assert abs(bias.value - asked) < 4 * bias.mc_error, (each.controls, each.trend)
            assert (each.arms[1].coverage.value > 0.92) is not bool(asked), (each.controls, each.trend)
    assert all(each.holds(0.025) for each in (*still, *rises))
    by = {each.controls: each for each in falls}
    assert not by[Controls.ALL].holds(0.025)
    assert by[Controls.CONCURRENT].holds(0.025)
    assert by[Controls.ALL_BY_PERIOD].holds(0.025)
    assert found.warnings == ()  # the design compares with concurrent controls
    warned = controls_of(with_design(ONE_AFTER_ANOTHER, "controls: all, drift: {per_month: -0.02}")).warnings
    assert len(warned) == 1
    assert "by all controls is 0." in warned[0]
    assert "falls by 1 while 160 patients come; the level is 0.025" in warned[0]


def test_a_result_shows_them_and_a_platform_without_a_late_arm_has_none() -> None:
    text = with_design(STAGGERED, "drift: {per_month: -0.02}")
    trial = protocol(text)
    settings = RunSettings(worlds=2, replicates=60, executor=Threads(2))
    ready = prepared(trial, bank_of(trial), settings, SCENARIOS["assumed"])
    run_of = conclude(Enough(simulate(ready, Silent()), ()), Silent())
    compared = comparison_document([run_of])["designs"][0]["non_concurrent_controls"]
    assert compared["controls"] == "concurrent"
    assert compared["drift"] == {"per_month": -0.02, "step": 0.0, "step_month": None, "status": "assumed"}
    assert len(compared["tried"]) == 4 * 3
    assert compared["tried"][-1]["trend"] == "moves as the protocol assumes"
    assert set(compared["worst"]) == {"concurrent", "all", "all-by-period"}
    document = {"operating_characteristics": run_of.characteristics.to_document()}
    shown = [row[0] for row in design_table(document).rows]
    assert {"controls: concurrent", "controls: all", "controls: all-by-period"} <= set(shown)
    assert set(own_numbers(ready.plan, ready.bank, run_of.prediction.replicates)) == {
        "arms_found", "arms_stopped_early", "arms_cut_short", "controls_before_entry",
    }  # fmt: skip
    early = protocol("design: {type: platform, arm_patients: 30}\npatients: 120\n" + ARMS + REST + ANALYSIS)
    assert non_concurrent_controls(prepared(early, bank_of(early)), Silent()) is None


def test_a_search_keeps_the_shares_of_the_sizes() -> None:
    trial = sized(protocol(STAGGERED), 90)
    assert isinstance(trial.design, Platform)
    assert (trial.design.arm_patients, trial.design.stays["two"].enters_after) == (15, 20)
    assert trial.design.stays["three"].enters_month == 20


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (ARMS, "arms: [{name: two}, {name: placebo}]\n", "has three arms or more, not 2"),
        ("method: ancova", "method: t-test", "is analysed by ancova, not 't-test'"),
        ("sided: 1", "sided: 2", "needs a one-sided test"),
        ("method: ancova", "method: ancova, multiplicity: holm", "leave out multiplicity"),
        (REST, REST.replace("conduct", "# conduct"), "needs conduct.accrual"),
        ("arm_patients: 30", "arm_patients: 180", r"arm_patients must be below patients \(180\)"),
        ("two: {enters_after: 40}", "four: {enters_after: 40}", "names 'four', which is not an active arm"),
        ("two: {enters_after: 40}", "placebo: {enters_after: 40}", "which is not an active arm"),
        ("two: {enters_after: 40}", "two: {enters_after: 180}", "or two never enters"),
        (
            "two: {enters_after: 40}",
            "two: {enters_after: 4}, one: {enters_after: 9}",
            "must be open from the start",
        ),
        ("enters_after: 40", "enters_after: 40, enters_month: 3", "either enters_after or enters_month"),
        ("enters_month: 20", "enters_month: 20, leaves_month: 20", "leaves_month must be after"),
        ("looks: [0.5, 1.0]", "looks: [0.5, 0.9]", "looks: are 0.5, 0.9"),
        ("futility: [0.0]", "futility: [0.0, 0.0]", "futility: has 2"),
        ("futility: [0.0]", "spending: WT", "is missing: WT needs"),
        ("futility: [0.0]", "drift: {step: 1}", "a step needs its step_month"),
        ("futility: [0.0]", "drift: {step_month: 1}", "a step needs its step_month"),
        ("futility: [0.0]", "controls: some", "controls"),
        ("method: ancova", "method: ancova, prior: {mean: 0, sd: 1}", "a prior does not fit"),
        ("patients: 180\n", "patients: 180\nsites: {count: 4}\n", "not a platform design"),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, words: str) -> None:
    text = HEAD + STAGGERED
    assert old in text
    with pytest.raises(ReportedError, match=words):
        check_protocol(parse_document(text.replace(old, new), "trial.yaml"))


def test_the_commented_choices_of_the_template_are_valid() -> None:
    text = protocol_text(design="platform")
    for line in ("  # drift: {per_month", "  # drift: {step"):
        chosen = text.replace(line, line.replace("# ", ""))
        assert chosen != text
        design = check_protocol(parse_document(chosen, "trial.yaml")).design
        assert isinstance(design, Platform)
        assert design.drift != Drift()
