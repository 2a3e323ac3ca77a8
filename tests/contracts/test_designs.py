"""One suite for every design: type I error, power against theory, workers, and adding an arm."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import (
    Borrowing,
    Crossover,
    Design,
    DesignPart,
    DoseFinding,
    DropTheLosers,
    Enrichment,
    Factorial,
    GroupSequential,
    MultiArmMultiStage,
    NOf1,
    Parallel,
    Platform,
    Protocol,
    RandomisedWithdrawal,
    ResponseAdaptive,
    SampleSizeReestimation,
)
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.methods import methods
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.conductors import conductors
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import performance
from calor.trial.results.corners import error_at_corners
from calor.trial.results.truth import truth_of
from calor.trial.theory import (
    CrossoverEndpoint,
    MeanEndpoint,
    SequentialPlan,
    Spending,
    boundaries,
    fixed_power,
    sequential_power,
)
from tests.sent import Sending
from tests.trial.made_up import BASE, bank_of, protocol
from tests.trial.runs.made_up_runs import prepared
from tests.trial.test_multi_arm import varied

ONE = np.ones(1)
REPLICATES = 4000
ENDPOINT = "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
VISITS = "visits: [7, 14]\n"

PARALLEL = "design: {type: parallel}\npatients: 60\n" + ENDPOINT
SEQUENTIAL = "design: {type: group-sequential, looks: [0.5, 1.0], futility: [0.0]}\npatients: 80\n" + ENDPOINT
REESTIMATED = (
    "design: {type: sample-size-reestimation, interim_patients: 40, most_patients: 160,"
    " assumed_difference: 0.8, power: 0.8}\npatients: 80\n" + ENDPOINT
)
ENRICHED = (
    "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 40}\n"
    "patients: 80\n" + ENDPOINT
)
CROSSED = "design: {type: crossover, period_days: 14, washout_days: 7}\npatients: 20\n" + ENDPOINT
THREE_ARMS = "arms: [{name: active}, {name: second}, {name: placebo}]\n"
SEVERAL = (
    "design: {type: multi-arm-multi-stage, looks: [0.5, 1.0], futility: [0.0]}\npatients: 90\n"
    + THREE_ARMS
    + ENDPOINT
)
DROPPING = (
    "design: {type: drop-the-losers, interim_patients: 45, keep: 1}\npatients: 90\n" + THREE_ARMS + ENDPOINT
)
DOSES = (
    "design: {type: dose-finding, doses: {active: 10, second: 20}, target: 0.5,"
    " curves: [{shape: emax, ed50: 5}, {shape: linear}]}\npatients: 60\n" + THREE_ARMS + ENDPOINT
)
BORROWING = (
    "design: {type: borrowed-control, sd: 1.1, heterogeneity: 0.3, controls: [{mean: 5.0, sd: 1.1,"
    " patients: 40, grade: verified, from: made up}]}\npatients: 40\n" + ENDPOINT
)
MOVING = (
    "design: {type: response-adaptive, burn_in_patients: 24, block_patients: 8}\npatients: 48\n"
    "conduct: {accrual: {sites: 4, patients_per_site_per_month: 2}}\n" + ENDPOINT
)
PLATFORM = (
    "design: {type: platform, arm_patients: 20, stays: {second: {enters_after: 20}}, looks: [0.5, 1.0],"
    " futility: [0.0]}\npatients: 70\nconduct: {accrual: {sites: 4, patients_per_site_per_month: 1}}\n"
    + THREE_ARMS
    + ENDPOINT
)
ONE_SIDED = "alpha: 0.025, sided: 1"

IN_CYCLES = "design: {type: n-of-1, cycles: 2, period_days: 14, washout_days: 7}\npatients: 12\n" + ENDPOINT

WITHDRAWN = "design: {type: randomised-withdrawal, open_run_in: {days: 14}}\npatients: 60\n" + ENDPOINT
TWICE_TWO = "design: {type: factorial}\npatients: 80\n" + ENDPOINT
FOUR = (
    BASE.split("arms:", maxsplit=1)[0]
    + """\
arms:
  - {name: active, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1"}]}
  - {name: second, treatments: [{drug: infliximab, regimen: "5 mg/kg iv at day 1"}]}
  - name: both
    treatments:
      - {drug: ivig, regimen: "0.5 g/kg iv at day 1"}
      - {drug: infliximab, regimen: "5 mg/kg iv at day 1"}
  - {name: placebo}
acknowledge: [thrombosis, tuberculosis, hepatitis-b]
"""
)

LAYOUTS: dict[type[DesignPart], str] = {
    Parallel: PARALLEL,
    Crossover: CROSSED,
    NOf1: IN_CYCLES,
    Factorial: TWICE_TWO,
    RandomisedWithdrawal: WITHDRAWN,
    GroupSequential: SEQUENTIAL,
    SampleSizeReestimation: REESTIMATED,
    Enrichment: ENRICHED,
    MultiArmMultiStage: SEVERAL,
    DropTheLosers: DROPPING,
    DoseFinding: DOSES,
    ResponseAdaptive: MOVING,
    Platform: PLATFORM,
    Borrowing: BORROWING,
}
"""One trial of each design, without its analysis; a design that is not here fails the suite."""

AT_SITES = PARALLEL + "sites: {count: 12, level_sd: 0.5, allocation: whole}\n"
UNTIL_LOSS = WITHDRAWN.replace(
    "from_day: 8, to_day: 14", "from_day: 1, to_day: 14, loss_of_response: {rise_nrs: 1}"
)
LAYOUT_OF_METHOD = {
    "log-rank": UNTIL_LOSS,
    "cox": UNTIL_LOSS,
    "site-mixed": AT_SITES,
    "n-of-1-mixed": IN_CYCLES,
    "n-of-1-bayesian": IN_CYCLES,
    "crossover-carry-over": CROSSED.replace("washout_days: 7", "washout_days: 7, sequences: balaam"),
}
"""The layout of an analysis that the design's plain one does not suit."""

RESPONDERS = "to_day: 14, responder: {reduction_percent: 10}"


def analysed(layout: str, method: Method, more: str = "") -> str:
    """Return a layout with what an analysis needs, and the analysis."""
    text = layout.replace("to_day: 14", RESPONDERS) if method.responders else layout
    visits = VISITS if method.reads is Reads.VISITS else ""
    return text + visits + f"analysis: {{method: {method.name}{more}}}\n"


ANALYSED = {
    f"{method.reads.name.lower()}, {method.name}": analysed(
        LAYOUT_OF_METHOD.get(method.name, LAYOUTS[Crossover if method.reads is Reads.PERIODS else Parallel]),
        method,
    )
    for method in methods().values()
}
ADAPTIVELY = {
    design.__name__: analysed(layout, methods()["ancova"], f", {ONE_SIDED}")
    for design, layout in LAYOUTS.items()
    if design.adaptive
}
DESIGNS = (
    ANALYSED
    | ADAPTIVELY
    | {
        "borrowed control": BORROWING + f"analysis: {{method: ancova, {ONE_SIDED}}}\n",
        "response-adaptive, three arms": MOVING.replace("burn_in", "least_share: 0.15, burn_in")
        + THREE_ARMS
        + f"analysis: {{method: ancova, {ONE_SIDED}}}\n",
        "platform, a trend, all controls by period": PLATFORM.replace(
            "futility", "controls: all-by-period, drift: {per_month: -0.05}, futility"
        )
        + f"analysis: {{method: ancova, {ONE_SIDED}}}\n",
        "platform, strata": PLATFORM
        + "allocation: {strata: [{by: duration, cuts: [12]}]}\n"
        + f"analysis: {{method: ancova, {ONE_SIDED}}}\n",
        "dose finding": DOSES + f"analysis: {{method: ancova, {ONE_SIDED}}}\n",
        "randomised withdrawal": WITHDRAWN + "analysis: {method: ancova}\n",
        "factorial, interaction tested": TWICE_TWO.replace("factorial", "factorial, interaction: tested")
        + "analysis: {method: ancova}\n",
        "factorial, strata": TWICE_TWO
        + "allocation: {strata: [{by: duration, cuts: [12]}]}\nanalysis: {method: ancova}\n",
        "parallel, ancova, strata": PARALLEL
        + "allocation: {strata: [{by: duration, cuts: [12]}]}\nanalysis: {method: ancova}\n",
        "parallel, jump to reference": PARALLEL
        + VISITS
        + "analysis: {method: ancova, missing: jump-to-reference}\n",
        "crossover, sequences of one's own": CROSSED.replace(
            "washout_days: 7",
            "washout_days: 7, sequences: [[active, placebo, placebo], [placebo, active, active]]",
        )
        + "analysis: {method: crossover-carry-over}\n",
        "parallel, blocks within sites of random sizes": PARALLEL
        + "sites: {count: 6, level_sd: 0.5, allocation: within, sizes: random}\nanalysis: {method: ancova}\n",
        "group-sequential, mmrm": SEQUENTIAL + VISITS + f"analysis: {{method: mmrm, {ONE_SIDED}}}\n",
    }
)


def trial_of(name: str) -> Protocol:
    """Return a trial of the suite; a factorial has arms of its own."""
    text = DESIGNS[name]
    return protocol(text, FOUR if text.startswith(TWICE_TWO[:24]) else BASE)


def test_every_design_and_its_conductor_are_in_the_suite() -> None:
    """The schema's designs, those that somebody conducts, and those that are tried here are the same."""
    in_the_schema = set(get_args(get_args(Design)[0]))
    assert set(LAYOUTS) == in_the_schema == set(conductors())
    for design, layout in LAYOUTS.items():
        assert layout.startswith(f"design: {{type: {get_args(design.model_fields['type'].annotation)[0]}")


def run(
    trial: Protocol, effects: dict[str, float] | None = None, replicates: int = REPLICATES, **settings: float
) -> Replicates:
    bank = bank_of(trial, effects, **settings)  # type: ignore[arg-type]
    return ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(replicates, Silent(), Threads(2))


@pytest.mark.parametrize("name", DESIGNS)
def test_type_one_error_is_at_most_alpha(name: str) -> None:
    trial = trial_of(name)
    replicates = 1000 if "jump" in name else REPLICATES
    alpha = trial.analysis.alpha
    found = run(trial, replicates=replicates, loss_per_day=0.01).rejected.any(axis=1).mean()
    assert found <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / replicates)
    assert found > 0


AT_CORNERS = {
    "parallel": "endpoint, ancova",
    "crossover": "periods, crossover-mixed",
    "n-of-1": "periods, n-of-1-mixed",
    "factorial": "factorial, strata",
    "randomised withdrawal": "randomised withdrawal",
    "group-sequential": "GroupSequential",
    "re-estimation": "SampleSizeReestimation",
    "enrichment": "Enrichment",
}
"""The designs whose corners no other test looks at."""


@pytest.mark.parametrize("name", AT_CORNERS)
def test_type_one_error_is_at_most_alpha_at_eight_corners(name: str) -> None:
    """Noise and slow fluctuation differ between the patients; the loss is stated, and tried all the same."""
    base = DESIGNS[AT_CORNERS[name]] + "conduct: {dropout_per_month: 0.02}\n"
    trial = protocol(base, FOUR if base.startswith(TWICE_TWO[:24]) else BASE)
    bank = varied(bank_of(trial, loss_per_day=0.0006))
    ready = prepared(trial, bank, RunSettings(replicates=1000, executor=Threads(2)))
    corners = error_at_corners(ready.mechanism_off(), Silent())
    assert len(corners) == 8
    assert all(corner.holds(trial.analysis.alpha) for corner in corners)
    assert all(corner.error.value > 0 for corner in corners)


@pytest.mark.parametrize("name", DESIGNS)
def test_results_are_the_same_on_1_2_and_4_workers_and_elsewhere(name: str) -> None:
    trial = trial_of(name)
    simulator = ReplicateSimulator(
        plan_of(trial), bank_of(trial, {"active": -0.5}, loss_per_day=0.01), 3, ONE
    )
    one, two, four, away = (
        simulator.run(150, Silent(), executor) for executor in (Threads(1), Threads(2), Threads(4), Sending())
    )
    for column, values in vars(one).items():
        assert np.array_equal(values, getattr(two, column), equal_nan=True), column
        assert np.array_equal(values, getattr(four, column), equal_nan=True), column
        assert np.array_equal(values, getattr(away, column), equal_nan=True), column


@pytest.mark.parametrize("name", DESIGNS)
def test_results_are_the_same_however_replicates_are_grouped(name: str) -> None:
    trial = trial_of(name)
    simulator = ReplicateSimulator(
        plan_of(trial), bank_of(trial, {"active": -0.5}, loss_per_day=0.01), 3, ONE
    )
    found = []
    for simulator.chunk in (30, 7, 1):
        found.append(simulator.run(30, Silent()))
    for column, values in vars(found[0]).items():
        for other in found[1:]:
            # Sums may be added in another order.
            np.testing.assert_allclose(getattr(other, column), values, rtol=1e-8, atol=1e-10, err_msg=column)


def test_adding_an_arm_changes_no_other_arm() -> None:
    text = "design: {type: parallel}\npatients: %d\n" + ENDPOINT + "analysis: {method: ancova}\n"
    two = protocol(text % 60)
    base = "arms: [{name: active}, {name: second}, {name: placebo}]"
    three = protocol(
        text % 90 + "allocation: {block_size: 6}\n",
        "id: made-up\ntitle: Made up\n"
        "population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}\n"
        + base
        + "\ncontrol: placebo\n",
    )
    before, after = run(two, {"active": -1.0}, 50), run(three, {"active": -1.0, "second": -0.5}, 50)
    for column in ("baseline_mean", "endpoint_mean", "endpoint_sd", "randomised"):
        assert getattr(after, column)[:, [0, 2]] == pytest.approx(getattr(before, column), rel=1e-12), column


def within_three_errors(found: float, theory: float, replicates: int = REPLICATES) -> bool:
    return abs(found - theory) < 3 * np.sqrt(theory * (1 - theory) / replicates) + 0.004


def bank_sd(trial: Protocol) -> float:
    """Return the SD of an endpoint in the bank: levels, and the mean of 7 ratings (1/12 by rounding)."""
    level = bank_of(trial).pain[0, :, 0]
    return float(np.sqrt(level.var() + (1.0 + 1 / 12) / 7))


def test_power_of_the_t_test_is_that_of_theory() -> None:
    trial = protocol(DESIGNS["endpoint, t-test"])
    theory = fixed_power(MeanEndpoint(0.7, bank_sd(trial)), 60, alpha=0.05, sided=2)
    found = run(trial, {"active": -0.7}, n_cells=1).significant.mean()
    assert within_three_errors(found, theory)


def test_power_of_a_crossover_is_that_of_theory() -> None:
    trial = protocol(DESIGNS["periods, crossover"])
    difference_sd = np.sqrt(2 * (1.0 + 1 / 12) / 7)
    theory = fixed_power(
        CrossoverEndpoint(0.35, difference_sd, period_adjusted=True), 20, alpha=0.05, sided=2
    )
    found = run(trial, {"active": -0.35}, n_cells=1).significant.mean()
    assert within_three_errors(found, theory)


def test_a_group_sequential_trial_stops_as_theory_says() -> None:
    text = SEQUENTIAL.replace(", futility: [0.0]", "") + f"analysis: {{method: t-test, {ONE_SIDED}}}\n"
    trial = protocol(text)
    plan = SequentialPlan(Spending.OBRIEN_FLEMING_TYPE_SPENDING, (0.5, 1.0), 0.025, 1)
    theory = sequential_power(MeanEndpoint(0.7, bank_sd(trial)), 80, boundaries(plan))
    found = run(trial, {"active": -0.7}, n_cells=1)
    # Boundaries hold for normal statistics; t statistics as normal scores come near them.
    assert abs(found.significant.mean() - theory.power) < 3 * np.sqrt(0.25 / REPLICATES) + 0.01
    assert found.enrolled.mean() < 80


def test_re_estimation_brings_back_the_power_that_a_wrong_sd_costs() -> None:
    planned = protocol(REESTIMATED + f"analysis: {{method: t-test, {ONE_SIDED}}}\n")
    fixed = protocol(
        PARALLEL.replace("patients: 60", "patients: 40") + f"analysis: {{method: t-test, {ONE_SIDED}}}\n"
    )
    effects = {"active": -0.8}
    again = run(planned, effects, sd=1.3)
    assert 80 < again.enrolled.mean() < 100
    assert again.significant.mean() > run(fixed, effects, sd=1.3).significant.mean() + 0.1
    assert again.significant.mean() == pytest.approx(0.8, abs=0.03)


def test_enrichment_goes_where_the_benefit_is() -> None:
    trial = protocol(DESIGNS["Enrichment"])
    found = run(trial, {}, subgroup_effect=-1.0, replicates=1000)
    assert found.enriched.mean() > 0.8
    assert found.significant.mean() > 0.5
    nowhere = run(trial, {"active": -1.0}, replicates=1000)
    assert nowhere.enriched.mean() < found.enriched.mean()


def test_a_missing_subgroup_is_said() -> None:
    from calor.core.errors import InputError

    trial = protocol(DESIGNS["Enrichment"].replace("below: 12", "below: 1"))
    with pytest.raises(InputError, match="nobody who qualifies is in the subgroup"):
        ReplicateSimulator(plan_of(trial), bank_of(trial), 3, ONE)


ADAPTIVE = {
    "group-sequential": (SEQUENTIAL + f"analysis: {{method: t-test, {ONE_SIDED}}}\n", {}),
    "re-estimation": (REESTIMATED + f"analysis: {{method: t-test, {ONE_SIDED}}}\n", {}),
    "enrichment": (ENRICHED + f"analysis: {{method: t-test, {ONE_SIDED}}}\n", {"subgroup_effect": -0.4}),
}


@pytest.mark.parametrize("name", ADAPTIVE)
def test_an_adaptive_trial_s_interval_covers_and_agrees_with_its_test(name: str) -> None:
    text, settings = ADAPTIVE[name]
    trial = protocol(text)
    bank = bank_of(trial, {"active": -0.5}, n_cells=1, **settings)  # type: ignore[arg-type]
    found = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(REPLICATES, Silent(), Threads(2))
    (done,) = performance(plan_of(trial), bank, found, truth_of(plan_of(trial), bank, 1)) or []
    error = 3 * np.sqrt(0.05 * 0.95 / REPLICATES)
    assert 0.95 - error < done.coverage.value < 0.985
    excludes = found.upper[:, 0] < 0
    if name == "enrichment":  # a choice between populations was made, so the bound is the more careful one
        assert not np.any(excludes & ~found.rejected[:, 0])
    else:
        assert np.array_equal(excludes, found.rejected[:, 0])


def test_a_sequential_trial_reports_an_estimate_without_median_bias() -> None:
    text = ADAPTIVE["group-sequential"][0].replace(
        "[0.5, 1.0], futility: [0.0]", "[0.3, 0.6, 1.0], spending: P"
    )
    trial = protocol(text)
    bank = bank_of(trial, {"active": -0.7}, n_cells=1)
    found = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(REPLICATES, Silent(), Threads(2))
    (done,) = performance(plan_of(trial), bank, found, truth_of(plan_of(trial), bank, 1)) or []
    assert abs(done.overestimates.value - 0.5) < 3 * done.overestimates.mc_error
    assert done.plain_bias.value < -5 * done.plain_bias.mc_error  # stopping early flatters the plain estimate
    assert abs(done.bias.value) < abs(done.plain_bias.value)


def test_after_enrichment_the_reported_estimate_has_little_of_the_bias_of_the_choice() -> None:
    trial = protocol(ADAPTIVE["enrichment"][0])
    bank = bank_of(trial, n_cells=1)
    found = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(REPLICATES, Silent(), Threads(2))
    (done,) = performance(plan_of(trial), bank, found, truth_of(plan_of(trial), bank, 1)) or []
    combination = done.alternatives["combination-test"][0]
    assert combination.value < done.plain_bias.value < -5 * done.plain_bias.replicates_error
    assert abs(done.bias.value) < 0.1 * done.root_mean_squared_error.value
    plain_error = done.alternatives["plain"][1]
    assert done.root_mean_squared_error.value < 1.03 * plain_error.value
