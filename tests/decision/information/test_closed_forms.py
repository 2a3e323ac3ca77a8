"""Estimators against closed forms on 100,000 draws, and against what is exact for a normal prior."""

from __future__ import annotations

from dataclasses import replace
from math import erfc, exp, log, pi, sqrt

import numpy as np
import pytest
from scipy.special import ndtri

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws, Study, together
from calor.decision.information.partial import evppi, share_by_group
from calor.decision.information.perfect import evpi
from calor.decision.information.preposterior import preposterior
from calor.decision.information.regression import share_by_regression
from calor.decision.information.resampling import resample
from calor.decision.information.reweighting import evsi_by_reweighting, share_by_reweighting
from calor.decision.information.sample import evsi, evsi_over_sizes
from calor.decision.information.settling import Rule, decisive
from calor.decision.information.shares import mutual_information, share_of_variance
from calor.decision.information.widths import expected_width

WORLDS = 100_000
MEAN, SD, PERSON_SD, PATIENTS = 0.2, 0.6, 2.0, 40


def upper(x: float) -> float:
    return 0.5 * erfc(x / sqrt(2))


def loss(mean: float, deviation: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X."""
    return deviation * exp(-((mean / deviation) ** 2) / 2) / sqrt(2 * pi) - abs(mean) * upper(
        abs(mean) / deviation
    )


def normal_prior(worlds: int, mean: float = MEAN, deviation: float = SD) -> Draws:
    """Draws that stand at the quantiles of a normal law, so that they have no sampling error to speak of."""
    standard = ndtri((np.arange(worlds) + 0.5) / worlds)[np.random.default_rng(1).permutation(worlds)]
    return Draws(
        quantity=np.repeat((mean + deviation * standard)[:, None], 2, axis=1),
        rival=np.zeros(worlds, dtype=np.int64),
        rivals=("only",),
        weights=np.full(worlds, 1 / worlds),
        scores=standard[:, None],
        parameters=("effect",),
    )


def mean_of(draws: Draws, patients: float, person_sd: float = PERSON_SD) -> Study:
    sampling = np.full((draws.worlds, 1, 1), person_sd**2 / patients)
    return Study(name=f"n = {patients}", means=draws.quantity[:, :, None], sampling=sampling)


def treat_or_not(draws: Draws) -> Decision:
    return Decision(("not", "treat"), np.stack([np.zeros_like(draws.quantity), draws.quantity], axis=2))


@pytest.fixture(scope="module")
def many() -> Draws:
    return normal_prior(WORLDS)


def test_normal_normal_evsi(many) -> None:
    # The posterior mean is normal about the prior mean with variance SD^4 / (SD^2 + sigma^2 / n).
    deviation = SD**2 / sqrt(SD**2 + PERSON_SD**2 / PATIENTS)
    assert loss(MEAN, deviation) == pytest.approx(0.1266, abs=5e-5)
    found = evsi(many, treat_or_not(many), mean_of(many, PATIENTS), resample(many, seed=1, count=2))
    assert found.value == pytest.approx(loss(MEAN, deviation), rel=0.002)


def test_evsi_over_sizes() -> None:
    draws = normal_prior(5_000)
    sizes = [10, 40, 160, 100_000]
    found = evsi_over_sizes(
        draws,
        treat_or_not(draws),
        mean_of(draws, 80),
        resample(draws, seed=1, count=2),
        patients=80,
        sizes=sizes,
    )
    for size, one in zip(sizes, found, strict=True):
        assert one.value == pytest.approx(loss(MEAN, SD**2 / sqrt(SD**2 + PERSON_SD**2 / size)), rel=0.002)


def test_two_decision_evpi(many) -> None:
    found = evpi(many, treat_or_not(many), resample(many, seed=1, count=2))
    assert found.value == pytest.approx(loss(MEAN, SD), rel=0.001)


def test_value_of_knowing_the_only_parameter_is_that_of_knowing_all() -> None:
    draws = normal_prior(5_000)
    resamples = resample(draws, seed=1, count=20)
    found = evppi(draws, treat_or_not(draws), ["effect"], resamples, seed=1)
    assert found.value == pytest.approx(loss(MEAN, SD), rel=0.005)
    shares = share_by_group(draws, {"effect": ["effect"]}, resamples, seed=1)
    assert shares.rival.value == pytest.approx(0.0, abs=0.001)
    assert shares.groups[0].with_rival.value == pytest.approx(1.0, abs=0.001)


def test_linear_gaussian_mutual_information(many) -> None:
    # Two readings of one quantity: signal to noise 0.36 / 0.2 + 0.36 / 0.2 = 3.6, log(1 + 3.6) / 2 = 0.763.
    study = together(mean_of(many, 20), mean_of(many, 20))
    share = share_of_variance(many, study, resample(many, seed=1, count=2))
    assert share.value == pytest.approx(3.6 / 4.6, rel=0.001)
    assert mutual_information(share).value == pytest.approx(log(4.6) / 2, rel=0.002)
    assert mutual_information(share).value == pytest.approx(0.763, rel=0.002)


def test_three_options() -> None:
    """Options worth 0, q and 2 q - 0.6: the best one changes at 0 and at 0.6."""
    draws = normal_prior(5_000)
    worth = np.stack([np.zeros_like(draws.quantity), draws.quantity, 2 * draws.quantity - 0.6], axis=2)
    resamples = resample(draws, seed=1, count=2)
    found = evsi(draws, Decision(("none", "low", "high"), worth), mean_of(draws, PATIENTS), resamples)
    deviation = SD**2 / sqrt(SD**2 + PERSON_SD**2 / PATIENTS)
    # max(0, m, 2 m - 0.6) = max(0, m) + max(0, m - 0.6); now the best is q, worth 0.2.
    expected = loss(MEAN, deviation) + loss(MEAN - 0.6, deviation)
    assert found.value == pytest.approx(expected, rel=0.005)
    after = preposterior(draws, mean_of(draws, PATIENTS), seed=1)
    other = evsi_by_reweighting(draws, Decision(("none", "low", "high"), worth), after, resamples)
    assert abs(other.value - expected) < 3 * other.error


def test_posterior_figures_of_a_normal_law() -> None:
    draws = normal_prior(5_000)
    resamples = resample(draws, seed=1, count=100)
    study = mean_of(draws, PATIENTS)
    after = preposterior(draws, study, seed=1)
    share = SD**2 / (SD**2 + PERSON_SD**2 / PATIENTS)
    left = SD * sqrt(1 - share)
    by_reweighting = share_by_reweighting(draws, after, resamples)
    assert abs(by_reweighting.value - share) < 3 * by_reweighting.error < 0.1
    by_regression = share_by_regression(draws, study, resamples, seed=1)
    assert abs(by_regression.value - share) < 3 * by_regression.error < 0.1
    width = expected_width(draws, after, resamples)
    assert width.value == pytest.approx(2 * 1.959964 * left, rel=0.01)
    # P(q > 0 | y) >= 0.95 where the posterior mean is at least 1.645 of its deviations above 0.
    settled = decisive(draws, after, Rule(0.0), resamples)
    moved = SD * sqrt(share)
    in_favour, against = upper((1.644854 * left - MEAN) / moved), upper((1.644854 * left + MEAN) / moved)
    assert abs(settled.favour.value - in_favour) < 3 * settled.favour.error < 0.1
    assert abs(settled.against.value - against) < 3 * settled.against.error < 0.1
    assert settled.either.value == pytest.approx(settled.favour.value + settled.against.value, abs=1e-12)


def test_a_result_settles_nothing_that_leaves_more_of_the_variance_than_the_rule_allows() -> None:
    """Prior variance 0.36, a mean of 40 people with 4 / 40: 0.1 / 0.46 = 22 % is left whatever the result."""
    draws = normal_prior(2_000)
    resamples = resample(draws, seed=1, count=10)
    after = preposterior(draws, mean_of(draws, PATIENTS), seed=1, results=200)
    free, enough, too_little = (
        decisive(draws, after, Rule(0.0, most_left=left), resamples).either.value
        for left in (np.inf, 0.5, 0.1)
    )
    assert free == enough > 0.2
    assert too_little == 0.0


def test_errors_are_those_of_repeated_draws() -> None:
    """The spread of a figure over 40 independent sets of 400 worlds is the error that each of them gives."""
    figures = []
    for seed in range(40):
        quantity = np.random.default_rng(seed).normal(MEAN, SD, 400)
        draws = replace(normal_prior(400), quantity=np.repeat(quantity[:, None], 2, axis=1))
        resamples, study = resample(draws, seed=1, count=100), mean_of(draws, PATIENTS)
        figures.append(
            (
                share_of_variance(draws, study, resamples),
                evsi(draws, treat_or_not(draws), study, resamples),
                evpi(draws, treat_or_not(draws), resamples),
            )
        )
    for found in zip(*figures, strict=True):
        # The standard deviation of 40 numbers has an error of 11 %.
        spread = np.std([one.value for one in found], ddof=1)
        assert spread == pytest.approx(np.mean([one.error for one in found]), rel=0.35)
