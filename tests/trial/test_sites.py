"""Sites: who is where, what they have in common, blocks within them, whole ones; and seasons of accrual."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError, UnsupportedError
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Accrual, Protocol
from calor.study.conduct import Season
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.data import ParallelData, SiteData
from calor.trial.analysis.estimate import Contrast
from calor.trial.analysis.site_mixed import SiteMixed
from calor.trial.conduct.observation import Observed, Observer
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.sites import sites_found
from tests.trial.made_up import bank_of, protocol

ENDPOINT = "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
REPLICATES = 2000


def at_sites(sites: str, method: str = "site-mixed", more: str = "") -> Protocol:
    text = "design: {type: parallel}\npatients: 120\n" + ENDPOINT + f"sites: {{{sites}}}\n"
    return protocol(text + f"analysis: {{method: {method}}}\n" + more)


def observed(trial: Protocol, count: int = 50) -> Observed:
    return Observer(plan_of(trial), bank_of(trial, n_cells=1), 3, np.ones(1)).observe(np.arange(count))


def test_sites_of_equal_size_take_patients_in_turn() -> None:
    found = observed(at_sites("count: 12"))
    assert all((np.bincount(row, minlength=12) == 10).all() for row in found.sites)
    spread = observed(at_sites("count: 12, sizes: random"))
    sizes = np.array([np.bincount(row, minlength=12) for row in spread.sites])
    assert sizes.mean() == 10
    assert sizes.var() == pytest.approx(10 * 11 / 12, rel=0.2)


def test_whole_sites_have_one_arm_and_the_arms_as_many_sites() -> None:
    found = observed(at_sites("count: 12, allocation: whole"))
    for sites, arms in zip(found.sites, found.sequences, strict=True):
        of_site = [set(arms[sites == site].tolist()) for site in range(12)]
        assert all(len(each) == 1 for each in of_site)
        assert sum(each == {0} for each in of_site) == 6


def test_blocks_within_sites_balance_each_site() -> None:
    found = observed(at_sites("count: 6, allocation: within", more="allocation: {block_size: 4}\n"))
    for sites, arms in zip(found.sites, found.sequences, strict=True):
        assert all((arms[sites == site] == 0).sum() == 10 for site in range(6))
    across = observed(at_sites("count: 6", more="allocation: {block_size: 4}\n"))
    counts = [
        (arms[sites == 0] == 0).sum() for sites, arms in zip(across.sites, across.sequences, strict=True)
    ]
    assert len(set(counts)) > 3


def test_what_a_site_has_in_common_is_drawn_anew_for_every_trial() -> None:
    trial = at_sites("count: 12, level_sd: 2.0")
    found = observed(trial, 400)
    value = found.endpoint[:, :, 0]
    means = np.array(
        [
            [row[sites == site].mean() for site in range(12)]
            for row, sites in zip(value, found.sites, strict=True)
        ]
    )
    within = value.var() - 4.0
    assert means.var(axis=1, ddof=1).mean() == pytest.approx(4.0 + within / 10, rel=0.06)
    assert abs(np.corrcoef(means[:, 0], means[:, 1])[0, 1]) < 0.15


@pytest.mark.parametrize("sizes", ["equal", "random"])
def test_whole_sites_multiply_the_variance_by_the_design_effect(sizes: str) -> None:
    """Without a baseline's help: 4 SD² (1 + (m - 1) ICC) / n, a little more where sizes differ."""
    trial = at_sites(f"count: 20, level_sd: 0.6, allocation: whole, sizes: {sizes}")
    plan, bank = plan_of(trial), bank_of(trial, n_cells=1)
    bank = type(bank)(**{**vars(bank), "baseline": np.random.default_rng(5).normal(size=len(bank.baseline))})
    found = ReplicateSimulator(plan, bank, 3, np.ones(1)).run(REPLICATES, Silent(), Threads(2))
    sites = sites_found(plan, found)
    assert sites is not None
    assert sites.design_effect is not None
    total = bank.pain[0, :, 0].var() + (1 + 1 / 12) / 7 + 0.36
    assert sites.intraclass_correlation == pytest.approx(0.36 / total, rel=0.05)
    expected = 4 * total * sites.design_effect / 120
    # Sites of random sizes: once in a thousand trials the likelihood is highest at the edge of what their
    # correlation can be, and such a trial has no estimate; rounding decides which.
    estimated = np.isfinite(found.effect)
    assert estimated.mean() >= 0.998
    assert found.effect[estimated].var() == pytest.approx(expected, rel=0.13)


def test_an_analysis_that_knows_sites_keeps_its_level_where_another_would_not() -> None:
    trial = at_sites("count: 8, level_sd: 0.7, allocation: whole")
    plan, bank = plan_of(trial), bank_of(trial, n_cells=1)
    simulator = ReplicateSimulator(plan, bank, 3, np.ones(1))
    held = simulator.run(REPLICATES, Silent(), Threads(2)).significant.mean()
    assert held <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPLICATES)
    found = simulator.observer.observe(np.arange(500))
    arms = simulator.analyst.code_of_arm[found.sequences][:, :, 0]
    blind = Ancova().estimate(ParallelData(found.endpoint[:, :, 0], arms, found.baseline), Contrast())
    assert (blind.p_value_two_sided < 0.05).mean() > 0.15


def test_sites_of_equal_size_with_both_arms_give_the_difference_within_sites() -> None:
    """Balanced within sites: the mean of the sites' differences, whatever sites have in common."""
    random = np.random.default_rng(1)
    site = np.tile(np.repeat(np.arange(6), 4), (3, 1))
    arm = np.tile([0, 1], (3, 12))
    outcome = 5 * random.normal(size=(3, 6))[:, np.arange(24) // 4] + random.normal(size=(3, 24))
    found = SiteMixed().estimate(SiteData(ParallelData(outcome, arm), site), Contrast())
    expected = [row[1::2].mean() - row[::2].mean() for row in outcome]
    assert found.effect == pytest.approx(expected, rel=1e-9)
    assert (found.standard_error < 1.0).all()


def test_whole_sites_of_equal_size_give_the_t_test_of_their_means() -> None:
    random = np.random.default_rng(2)
    site = np.tile(np.repeat(np.arange(8), 5), (2, 1))
    arm = site % 2
    outcome = random.normal(size=(2, 8))[:, np.arange(40) // 5] + random.normal(size=(2, 40))
    found = SiteMixed().estimate(SiteData(ParallelData(outcome, arm), site), Contrast())
    means = outcome.reshape(2, 8, 5).mean(axis=2)
    pooled = (means[:, ::2].var(axis=1, ddof=1) + means[:, 1::2].var(axis=1, ddof=1)) / 2
    assert found.effect == pytest.approx(means[:, 1::2].mean(axis=1) - means[:, ::2].mean(axis=1), rel=1e-9)
    assert found.standard_error == pytest.approx(np.sqrt(pooled / 2), rel=1e-5)
    assert found.degrees_of_freedom == pytest.approx(6.0, rel=1e-5)


@pytest.mark.parametrize(
    ("sites", "method", "more", "what"),
    [
        ("count: 12, allocation: whole", "ancova", "", "whole sites need site-mixed"),
        ("count: 3, allocation: whole", "site-mixed", "", "need two sites each"),
        ("count: 121", "site-mixed", "", "more than 120 patients"),
        ("count: 40, allocation: within", "site-mixed", "", "at most 32"),
        ("count: 12, allocation: whole", "site-mixed", "allocation: {strata: [{by: duration, cuts: [12]}]}\n",
         "patients have no strata"),
        ("count: 12", "site-mixed", "conduct: {accrual: {sites: 8, patients_per_site_per_month: 1}}\n",
         "names 8 sites and sites.count 12"),
    ],
)  # fmt: skip
def test_sites_that_do_not_fit_are_refused(sites: str, method: str, more: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        at_sites(sites, method, more)


def test_sites_are_for_parallel_arms_and_means() -> None:
    with pytest.raises(InputError, match="needs sites"):
        protocol("design: {type: parallel}\npatients: 60\n" + ENDPOINT + "analysis: {method: site-mixed}\n")
    crossed = "design: {type: crossover, period_days: 14, washout_days: 7}\npatients: 20\n" + ENDPOINT
    with pytest.raises(UnsupportedError, match="sites are for parallel arms"):
        protocol(crossed + "sites: {count: 4}\nanalysis: {method: crossover}\n")
    responders = ENDPOINT.replace("to_day: 14", "to_day: 14, responder: {reduction_percent: 30}")
    with pytest.raises(UnsupportedError, match="leave out the responder rule"):
        protocol(
            "design: {type: parallel}\npatients: 60\n" + responders
            + "sites: {count: 4}\nanalysis: {method: risk-difference}\n"
        )  # fmt: skip


@pytest.mark.parametrize("starts", [1, 4, 10])
def test_a_season_moves_the_end_of_accrual(starts: int) -> None:
    """The time at which the integral of the rate reaches the patients."""
    season = Season(amplitude=0.6, peak=10, starts=starts)
    accrual = Accrual(sites=4, patients_per_site_per_month=0.5, season=season)

    def rate(month: float) -> float:
        return 2.0 * (1 + 0.6 * np.cos(2 * np.pi * (starts + month - 10) / 12))

    for patients in (5, 24, 37):
        months = accrual.days_to(patients) / DAYS_PER_MONTH
        assert integrate.quad(rate, 0, months)[0] == pytest.approx(patients, rel=1e-6)


def test_a_year_of_seasons_is_a_year() -> None:
    season = Season(amplitude=0.9, peak=3, starts=7)
    plain = Accrual(sites=2, patients_per_site_per_month=1.0)
    assert Accrual(sites=2, patients_per_site_per_month=1.0, season=season).days_to(24) == pytest.approx(
        plain.days_to(24)
    )
