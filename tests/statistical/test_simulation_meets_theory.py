"""Simulated power equals its closed form within Monte Carlo error; tolerances come from the replicates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import nctdtr, stdtrit
from scipy.stats import binom

from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Contrast,
    CrossoverData,
    CrossoverMixed,
    CrossoverT,
    Direction,
    ParallelData,
    RiskDifference,
    TwoSampleT,
    decide,
)
from calor.trial.theory import (
    CrossoverEndpoint,
    MeanEndpoint,
    RateEndpoint,
    SequentialPlan,
    Spending,
    boundaries,
    equal_information,
    fixed_power,
    fixed_sample_size,
    sequential_power,
)

LEVEL = 0.025
CONTRAST = Contrast()
N_REPLICATES = 40_000


def alternating(n_patients: int, share: int = 2) -> np.ndarray:
    """Return arms that give every `share`-th patient the control."""
    arm = (np.arange(n_patients) % share > 0).astype(np.int64)
    return np.broadcast_to(arm, (N_REPLICATES, n_patients))


def assert_within_monte_carlo_error(rejected: np.ndarray, theory: float) -> None:
    error = np.sqrt(theory * (1 - theory) / len(rejected))
    assert abs(rejected.mean() - theory) < 3 * error


@pytest.mark.parametrize("sided", [1, 2])
def test_two_sample_t(sided: int) -> None:
    arm = alternating(30, share=3)
    outcome = 1.9 * Stream(1).normals(N_REPLICATES, 30) - 1.6 * arm
    estimate = TwoSampleT().estimate(ParallelData(outcome, arm), CONTRAST)
    theory = fixed_power(MeanEndpoint(-1.6, 1.9, allocation=2.0), 30, LEVEL * sided, sided)
    p = estimate.p_value_one_sided if sided == 1 else estimate.p_value_two_sided
    assert_within_monte_carlo_error(p <= LEVEL * sided, theory)


def test_ancova_given_its_baselines() -> None:
    n_patients, slope, sd, delta = 24, 0.7, 1.4, -1.3
    arm = alternating(n_patients)
    baseline = 6.5 + 1.2 * Stream(2, ("baseline",)).normals(N_REPLICATES, n_patients)
    noise = Stream(2, ("noise",)).normals(N_REPLICATES, n_patients)
    outcome = slope * baseline + delta * arm + sd * noise
    estimate = Ancova().estimate(ParallelData(outcome, arm, baseline), CONTRAST)
    means = np.stack([baseline[:, code::2].mean(axis=1) for code in (0, 1)])
    within = sum(((baseline[:, code::2] - means[code][:, None]) ** 2).sum(axis=1) for code in (0, 1))
    error = sd * np.sqrt(4 / n_patients + (means[1] - means[0]) ** 2 / within)
    theory = nctdtr(n_patients - 3, -delta / error, stdtrit(n_patients - 3, 1 - LEVEL))
    assert_within_monte_carlo_error(estimate.p_value_one_sided <= LEVEL, float(1 - theory.mean()))


@pytest.mark.parametrize("estimator", [CrossoverT(), CrossoverMixed()])
def test_crossover(estimator: CrossoverT | CrossoverMixed) -> None:
    n_patients, within = 14, 1.3
    first = alternating(n_patients)
    treatment = np.stack([first, 1 - first], axis=2)
    noise = Stream(3).normals(N_REPLICATES, n_patients * 3).reshape(N_REPLICATES, n_patients, 3)
    outcome = noise[..., :1] + within * noise[..., 1:] - 1.2 * treatment + np.array([0.0, 0.5])
    estimate = estimator.estimate(CrossoverData(outcome, treatment), CONTRAST)
    endpoint = CrossoverEndpoint(-1.2, np.sqrt(2) * within, period_adjusted=True)
    theory = fixed_power(endpoint, n_patients, LEVEL, 1)
    assert_within_monte_carlo_error(estimate.p_value_one_sided <= LEVEL, theory)


@pytest.mark.parametrize("spending", [Spending.OBRIEN_FLEMING_TYPE_SPENDING, Spending.POCOCK])
@pytest.mark.parametrize("sided", [1, 2])
def test_group_sequential_with_known_variance(spending: Spending, sided: int) -> None:
    n_patients, sd, delta = 120, 2.0, -0.9
    bounds = boundaries(SequentialPlan(spending, equal_information(3), LEVEL * sided, sided))
    arm = alternating(n_patients)
    outcome = sd * Stream(4).normals(N_REPLICATES, n_patients) + delta * arm
    signed = np.where(arm == 1, -outcome, outcome)
    enrolled = np.rint(bounds.information * n_patients).astype(int)
    z = np.stack([signed[:, :n].sum(axis=1) / (sd * np.sqrt(n)) for n in enrolled], axis=1)
    decision = decide(z, bounds.critical_values, sided=sided)
    theory = sequential_power(MeanEndpoint(delta, sd, normal_approximation=True), n_patients, bounds)
    assert_within_monte_carlo_error(decision.rejected, theory.power)
    expected = enrolled[decision.look]
    assert abs(expected.mean() - theory.expected_n) < 3 * expected.std() / np.sqrt(N_REPLICATES)


def exact_power_of_rates(rate1: float, rate2: float, n_per_arm: int) -> float:
    """Return the power of the pooled z test by adding up the binomial probabilities of its rejections."""
    counts = np.arange(n_per_arm + 1)
    active, control = np.meshgrid(counts / n_per_arm, counts / n_per_arm, indexing="ij")
    pooled = (active + control) / 2
    spread = np.sqrt(pooled * (1 - pooled) * 2 / n_per_arm)
    z = np.divide(active - control, spread, out=np.zeros_like(spread), where=spread > 0)
    joint = np.outer(binom.pmf(counts, n_per_arm, rate1), binom.pmf(counts, n_per_arm, rate2))
    return float(joint[z >= 1.959963984540054].sum())


def test_responders() -> None:
    n_patients = 108
    arm = alternating(n_patients)
    chance = np.where(arm == 1, 0.45, 0.2)
    outcome = (Stream(5).uniforms(N_REPLICATES, n_patients) < chance).astype(float)
    estimate = RiskDifference().estimate(ParallelData(outcome, arm), Contrast(direction=Direction.GREATER))
    theory = exact_power_of_rates(0.45, 0.2, n_patients // 2)
    assert_within_monte_carlo_error(estimate.p_value_one_sided <= LEVEL, theory)
    approximate = fixed_power(RateEndpoint(0.45, 0.2), n_patients, LEVEL, 1)
    assert abs(approximate - theory) < 0.02


def test_the_sample_size_of_a_trial_reaches_its_power() -> None:
    endpoint = MeanEndpoint(-1.0, 1.6)
    n_patients = 2 * int(np.ceil(fixed_sample_size(endpoint, 0.8, LEVEL, 1).n_total / 2))
    arm = alternating(n_patients)
    outcome = 1.6 * Stream(6).normals(N_REPLICATES, n_patients) - 1.0 * arm
    estimate = TwoSampleT().estimate(ParallelData(outcome, arm), CONTRAST)
    rejected = estimate.p_value_one_sided <= LEVEL
    assert_within_monte_carlo_error(rejected, fixed_power(endpoint, n_patients, LEVEL, 1))
    assert rejected.mean() > 0.8 - 3 * np.sqrt(0.16 / N_REPLICATES)
