"""Operating characteristics of made-up replicates, so that each number can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.trial.bank.bank import Bank, Cell
from calor.trial.bank.intervals import Interval
from calor.trial.designs.replicates import Replicates
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import (
    Assurance,
    assurance_of,
    burden,
    performance,
    power_of,
    type_one_error,
)
from calor.trial.results.monte_carlo import WithError
from calor.trial.results.truth import COPIES, Truth
from tests.trial.made_up import BASE, bank_of, protocol

TEXT = """\
design: {type: parallel}
patients: 40
endpoint: {variable: %s}
analysis: {method: %s}
%s
"""
DIARY = "pain-diary, from_day: 8, to_day: 14"
PARALLEL = TEXT % (DIARY, "t-test", "")


def replicates_of(cells: list[int], **columns: object) -> Replicates:
    """Return replicates in some cells, with some columns set and nothing in the others."""
    n = len(cells)
    numbers = np.zeros((n, 1))
    flags = np.zeros(n, dtype=bool)
    found = Replicates(
        cells=np.array(cells), people=np.zeros((n, 0), dtype=np.int32), effects=numbers, lower=numbers,
        upper=numbers, alternative_effects=np.zeros((n, 1, 0)), rejected=flags[:, None], randomised=numbers,
        baseline_mean=numbers, endpoint_mean=numbers, endpoint_sd=numbers,
        stopped=numbers, rescued=numbers, lost=numbers,
        enrolled=np.zeros(n, dtype=np.int64), look=np.zeros(n, dtype=np.int64), futile=flags, enriched=flags,
        before_choice=np.zeros(n, dtype=np.int64), benefit=flags, own_numbers=np.zeros((n, 0)),
    )  # fmt: skip
    return replace(found, **columns)  # type: ignore[arg-type]


def bank_with(cells: tuple[tuple[int, int], ...], text: str = PARALLEL) -> Bank:
    """Return a bank with some cells (rival and world of each), four people in each."""
    bank = bank_of(protocol(text), n=4 * len(cells))
    return replace(bank, cells=tuple(Cell(r, w, 4 * i, 4 * i + 4) for i, (r, w) in enumerate(cells)))


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_power_is_the_share_with_benefit_and_type_one_error_that_with_any_rejection() -> None:
    bank = bank_with(tuple((0, world) for world in range(10)))
    found = replicates_of(
        list(range(10)) * 2,
        benefit=np.arange(20) < 5,
        rejected=np.column_stack([np.arange(20) < 3, np.arange(20) > 17]),
    )
    assert power_of(bank, found).value == 0.25
    assert type_one_error(bank, found).value == 0.25


def test_an_assurance_counts_its_draws_by_their_weights() -> None:
    """Shares of 0.45, 0.45, 0.05, 0.05: as many equal draws as 1 / sum of squares = 2.439; rivals apart."""
    bank = bank_with(((0, 0), (0, 1), (1, 0), (1, 1)))
    benefit = np.array([True, True, False, True, False, False, False, True])
    found = assurance_of(bank, replicates_of([0, 0, 1, 1, 2, 2, 3, 3], benefit=benefit), np.array([0.9, 0.1]))
    assert found.draws == 4
    assert found.effective_draws == pytest.approx(1 / (2 * 0.45**2 + 2 * 0.05**2))
    assert found.rival_range == Interval(0.25, 0.75)
    assert found.mean.value == 0.5
    assert found.interval == found.mean.share_interval(2)
    even = assurance_of(bank, replicates_of([0, 1, 2, 3]), np.array([0.5, 0.5]))
    assert even.effective_draws == pytest.approx(4.0)


def test_the_range_is_that_of_the_rivals_own_means() -> None:
    bank = bank_with(((0, 0), (1, 0), (2, 0)))
    benefit = np.array([True, True, False, True, False, False])
    found = assurance_of(bank, replicates_of([0, 0, 1, 1, 2, 2], benefit=benefit), np.ones(3) / 3)
    assert found.rival_range == Interval(0.0, 1.0)


def test_a_rival_with_fewer_worlds_shares_its_weight_among_fewer() -> None:
    bank = bank_with(((0, 0), (1, 0), (1, 1), (1, 2)))
    found = assurance_of(bank, replicates_of([0, 1, 2, 3]), np.array([0.5, 0.5]))
    assert found.effective_draws == pytest.approx(1 / (0.5**2 + 3 * (0.5 / 3) ** 2))


def test_an_assurance_on_few_draws_says_so() -> None:
    def warnings(draws: int) -> tuple[str, ...]:
        return Assurance(WithError(0.5, 0.1), Interval(0, 1), draws, 3.0, Interval(0, 1)).warnings

    assert warnings(199) == ("the assurance rests on 199 draws, fewer than 200: ask for more --worlds",)
    assert warnings(200) == ()


def truth_with(text: str, by_cell: list[float], base: str = BASE) -> tuple[Bank, Truth]:
    """Return a bank of such cells, and a truth in which the contrast of each cell is known."""
    trial = protocol(text, base)
    bank = bank_with(tuple((0, world) for world in range(len(by_cell))), text)
    effect = np.repeat(by_cell, 4)
    return bank, Truth(plan_of(trial), np.array([effect, np.zeros(len(effect))]))


def test_bias_coverage_and_overestimation_are_against_the_value_of_the_own_world() -> None:
    bank, truth = truth_with(PARALLEL, [-1.0, -2.0])
    effects = column(-1.5, -1.2, -2.5, -2.0)
    found = replicates_of(
        [0, 0, 1, 1],
        effects=effects,
        lower=column(-2.0, -0.9, -2.0, -2.1),
        upper=column(-1.0, 0.0, -1.0, -1.9),
    )
    (one,) = performance(truth.plan, bank, found, truth)
    assert one.true_value.value == pytest.approx(-1.5)
    assert one.bias.value == pytest.approx((-0.5 - 0.2 - 0.5 + 0.0) / 4)
    assert one.root_mean_squared_error.value == pytest.approx(np.sqrt((0.25 + 0.04 + 0.25) / 4))
    assert one.plain_bias == one.bias
    # -1 lies at the upper end of the first and outside the second; -2 at the lower end of the third.
    assert one.coverage.value == pytest.approx(0.75)
    assert one.overestimates.value == pytest.approx(0.75)  # as much as there is is not more


def test_more_is_more_where_more_is_better() -> None:
    bank, truth = truth_with(TEXT % ("grip, from_day: 14, to_day: 14", "t-test", ""), [1.0])
    found = replicates_of([0] * 6, effects=column(2.0, 1.5, 1.2, 0.5, 1.0, np.nan))
    (one,) = performance(truth.plan, bank, found, truth)
    assert one.overestimates.value == pytest.approx(3 / 5)  # what could not be estimated is neither
    assert one.bias.value == pytest.approx((1.0 + 0.5 + 0.2 - 0.5 + 0.0) / 5)


def test_every_contrast_has_its_own() -> None:
    trial = protocol(PARALLEL, BASE.replace("{name: active}", "{name: low}, {name: high}"))
    bank = bank_with(((0, 0),))
    truth = Truth(plan_of(trial), np.array([[-1.0] * 4, [-3.0] * 4, [0.0] * 4]))
    effects = np.array([[-1.0, -2.0], [-1.2, -3.0]])
    found = replicates_of(
        [0, 0],
        effects=effects,
        alternative_effects=np.zeros((2, 2, 0)),
        lower=effects - 1,
        upper=effects + 1,
    )
    first, second = performance(plan_of(trial), bank, found, truth)
    assert first.bias.value == pytest.approx(-0.1)
    assert second.bias.value == pytest.approx(0.5)
    assert second.true_value.value == pytest.approx(-3.0)


ENRICHED = TEXT.replace(
    "type: parallel",
    "type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 20",
) % (DIARY, "t-test, alpha: 0.025, sided: 1", "")


def test_each_estimate_that_a_design_does_not_report_has_its_own_bias_and_error() -> None:
    bank, truth = truth_with(ENRICHED, [-1.0])
    names = truth.plan.protocol.design.alternatives
    assert "plain" in names
    others = np.tile(np.arange(float(len(names))) - 1.0, (4, 1, 1))  # the estimate k lies k above -1
    others[::2] += 1.0
    others[1::2] -= 1.0
    found = replicates_of([0] * 4, effects=column(*[-1.0] * 4), alternative_effects=others)
    (one,) = performance(truth.plan, bank, found, truth)
    for place, name in enumerate(names):
        bias, error = one.alternatives[name]
        assert bias.value == pytest.approx(place)
        assert error.value == pytest.approx(np.sqrt(place**2 + 1))
    assert one.plain_bias.value == pytest.approx(names.index("plain"))
    assert one.bias.value == 0.0


def test_a_trial_that_went_on_in_the_subgroup_is_held_against_the_value_there() -> None:
    trial = protocol(ENRICHED)
    bank = bank_with(((0, 0),))
    short = bank.covariates["duration"] < 12  # type: ignore[index]
    assert 0 < short.sum() < 4
    truth = Truth(plan_of(trial), np.array([np.where(short, -2.0, 0.0), np.zeros(4)]))
    whole = -2.0 * short.mean()
    found = replicates_of(
        [0, 0],
        effects=column(whole, -2.0),
        alternative_effects=np.zeros((2, 1, len(trial.design.alternatives))),
        enriched=np.array([False, True]),
    )
    (one,) = performance(plan_of(trial), bank, found, truth)
    assert one.bias.value == pytest.approx(0.0)
    assert one.true_value.value == pytest.approx((whole - 2.0) / 2)


def test_an_estimate_of_responders_is_held_against_the_marginal_log_odds_ratio() -> None:
    """Levels are shares of responders: 0.75 against 0.25 in 4 people, with a half of one of 8 answers."""
    text = TEXT % ("pain-diary, from_day: 8, to_day: 14, responder: {reduction_percent: 30}", "logistic", "")
    bank = bank_with(((0, 0),), text)
    truth = Truth(plan_of(protocol(text)), np.array([[1.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]))
    odds = (3 + 0.5 / COPIES) / (1 + 0.5 / COPIES)
    (one,) = performance(truth.plan, bank, replicates_of([0, 0], effects=column(1.0, 2.0)), truth)
    assert one.true_value.value == pytest.approx(2 * np.log(odds))
    assert one.bias.value == pytest.approx(1.5 - 2 * np.log(odds))


ACCRUAL = """\
conduct: {accrual: {sites: 3, patients_per_site_per_month: 2}}
cost: {%s}
"""


def test_what_a_trial_takes() -> None:
    """6 patients a month; the last of 30 comes after 5 months and stays for 14 days."""
    text = TEXT % (
        DIARY,
        "t-test",
        ACCRUAL % "per_patient: 100, per_screened: 10, per_site: 1000, per_month: 50",
    )
    bank = bank_with(((0, 0), (0, 1)), text)
    bank = replace(bank, counts=replace(bank.counts, screened=80, eligible=20))
    found = replicates_of(
        [0, 1],
        enrolled=np.array([20, 40]),
        look=np.array([0, 1]),
        futile=np.array([True, False]),
        enriched=np.array([False, False]),
    )
    taken = burden(plan_of(protocol(text)), bank, found)
    days = 30 / (6 / (365.25 / 12)) + 14
    assert taken.patients.value == 30
    assert taken.screened == pytest.approx(30 * 80 / 20)
    assert taken.days == pytest.approx(days)
    assert taken.cost == pytest.approx(30 * 100 + 120 * 10 + 3 * 1000 + days / (365.25 / 12) * 50)
    assert taken.stopped_for_futility.value == 0.5
    assert taken.enriched.value == 0.0
    assert taken.mean_look.value == 1.5
    plain = burden(plan_of(protocol(PARALLEL)), bank, replace(found, enriched=np.array([True, False])))
    assert plain.days is None
    assert plain.cost is None
    assert plain.enriched.value == 0.5


def test_a_crossover_lasts_until_the_end_of_its_last_period() -> None:
    text = TEXT.replace("type: parallel", "type: crossover, period_days: 20, washout_days: 10") % (
        DIARY, "crossover", "conduct: {accrual: {sites: 3, patients_per_site_per_month: 2}}",
    )  # fmt: skip
    bank = bank_with(((0, 0),), text)
    taken = burden(plan_of(protocol(text)), bank, replicates_of([0], enrolled=np.array([12])))
    assert taken.days == pytest.approx(2 * 365.25 / 12 + 30 + 14)


def test_a_cost_without_sites_counts_people_alone() -> None:
    text = TEXT % (DIARY, "t-test", "cost: {per_patient: 100, per_screened: 10}")
    bank = bank_with(((0, 0),), text)
    bank = replace(bank, counts=replace(bank.counts, screened=40, eligible=0))
    taken = burden(plan_of(protocol(text)), bank, replicates_of([0], enrolled=np.array([12])))
    assert taken.screened == 12 * 40  # of nobody eligible it is one
    assert taken.cost == pytest.approx(12 * 100 + 480 * 10)
