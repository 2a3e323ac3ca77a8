"""N-of-1 series against what can be written down: t tests, variances, and posteriors by quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from calor.core.arrays import Numbers
from calor.trial.analysis.data import CrossoverData
from calor.trial.analysis.estimate import Contrast, Direction
from calor.trial.analysis.n_of_1 import NOf1Mixed, differences, fit_of, individuals_at
from calor.trial.analysis.n_of_1_bayesian import NOf1Bayesian

CONTRAST = Contrast(direction=Direction.LESS)
NOISE = 0.7


def series(
    n: int, cycles: int, between: float, replicates: int = 1, seed: int = 1
) -> tuple[CrossoverData, Numbers]:
    """Return trials in which patients' effects have mean -0.5 and an SD, and those effects."""
    random = np.random.default_rng(seed)
    effect = -0.5 + between * random.standard_normal((replicates, n))
    order = random.integers(0, 2, (replicates, n, cycles))
    treatment = np.stack([order, 1 - order], axis=-1).reshape(replicates, n, 2 * cycles)
    level = 2 * random.standard_normal((replicates, n, 1)) + 0.3 * np.arange(2 * cycles)
    noise = NOISE * random.standard_normal(treatment.shape)
    return CrossoverData(level + treatment * effect[:, :, None] + noise, treatment), effect


def balanced(n: int, cycles: int, seed: int = 2) -> CrossoverData:
    """Return a trial in which as many patients as not have the active arm first, in every cycle alike."""
    data, _ = series(n, cycles, 0.6, seed=seed)
    first = np.arange(n) % 2 == 0
    treatment = np.where(first[:, None], np.tile([1, 0], cycles), np.tile([0, 1], cycles))[None]
    return CrossoverData(data.outcome, treatment)


def test_with_balanced_orders_it_is_the_mean_of_patients_means_with_the_order_taken_out() -> None:
    """Two groups by order: half the sum of the groups' means, and the t of the pooled spread within them."""
    data = balanced(16, 3)
    found = NOf1Mixed().estimate(data, CONTRAST)
    sign = np.where(data.treatment[0, :, 1::2] == 1, 1.0, -1.0)
    mean = (sign * (data.outcome[0, :, 1::2] - data.outcome[0, :, ::2])).mean(axis=1)
    groups = mean[::2], mean[1::2]
    assert found.effect[0] == pytest.approx((groups[0].mean() + groups[1].mean()) / 2, rel=1e-9)
    pooled = (groups[0].var(ddof=1) + groups[1].var(ddof=1)) / 2
    assert found.standard_error[0] == pytest.approx(np.sqrt(pooled / 16), rel=1e-6)
    assert found.degrees_of_freedom[0] == pytest.approx(14, rel=1e-6)


def test_the_variance_of_the_mean_effect_is_that_of_theory() -> None:
    """(τ² + 2σ² / c) / n, and a little for the orders that are estimated."""
    data, _ = series(30, 3, 0.8, replicates=2000)
    found = NOf1Mixed().estimate(data, CONTRAST)
    theory = (0.8**2 + 2 * NOISE**2 / 3) / 30
    assert found.effect.var() == pytest.approx(theory, rel=0.12)
    covered = np.abs(found.effect + 0.5) <= (found.upper - found.lower) / 2
    assert abs(covered.mean() - 0.95) < 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_patient_s_best_prediction_is_the_one_by_hand() -> None:
    """One order for all cycles and λ known: δ + mλ / (1 + mλ) (own mean - δ), own means without the order."""
    data = balanced(8, 2)
    model = differences(data, CONTRAST)
    fit = fit_of(model, np.array([0.9]))
    found = individuals_at(model, fit)
    effect = found.own.mean()
    weight = 2 * 0.9 / (1 + 2 * 0.9)
    assert found.shrunken[0] == pytest.approx(effect + weight * (found.own[0] - effect), rel=1e-9)


def test_shrunken_estimates_err_less_and_hold_their_level_in_the_bayesian_analysis() -> None:
    data, effect = series(12, 3, 0.5, replicates=400)
    found = NOf1Bayesian().individuals(data, CONTRAST)
    own, shrunken = (((each - effect) ** 2).mean() for each in (found.own, found.shrunken))
    assert shrunken < 0.75 * own
    covered = np.abs(found.shrunken - effect) <= found.half_width(found.shrunken_error)
    assert covered.mean() == pytest.approx(0.94, abs=0.025)
    own_covered = np.abs(found.own - effect) <= found.half_width(found.own_error)
    assert own_covered.mean() == pytest.approx(0.95, abs=0.02)


def test_the_posterior_of_the_mean_effect_is_that_by_quadrature() -> None:
    """p(λ | d) is integrated over θ, tan θ = √(cλ), and δ | λ is Student's t."""
    data = balanced(10, 2, seed=5)
    model = differences(data, CONTRAST)
    found = NOf1Bayesian().estimate(data, CONTRAST)

    def component(angle: float) -> tuple[float, float, float, float]:
        fit = fit_of(model, np.array([np.tan(angle) ** 2 / 2]))
        degrees = float(model.degrees_left[0])
        unit = fit.covariance[0] / fit.residual_variance[0]
        kept = model.kept[0]
        log = 0.5 * (
            np.linalg.slogdet(unit[np.ix_(kept, kept)])[1]
            - 10 * np.log(1 + 2 * fit.ratio[0])
            - degrees * np.log(fit.residual_variance[0])
        )
        centre = fit.coefficients[0, -1] * model.scale[0]
        error = np.sqrt(fit.covariance[0, -1, -1]) * model.scale[0]
        return float(np.exp(log)), float(centre), float(error), degrees

    total = integrate.quad(lambda angle: component(angle)[0], 0, np.pi / 2 - 1e-6)[0]

    def of_no_benefit(angle: float) -> float:
        weight, centre, error, degrees = component(angle)
        return float(weight * stats.t.sf(0.0, degrees, centre, error))

    expected = integrate.quad(of_no_benefit, 0, np.pi / 2 - 1e-6)[0] / total
    assert found.p_value_one_sided[0] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("estimator", [NOf1Mixed(), NOf1Bayesian()])
def test_too_few_cycles_give_no_estimate(estimator: NOf1Mixed | NOf1Bayesian) -> None:
    data, _ = series(4, 2, 0.0)
    outcome = np.full_like(data.outcome, np.nan)
    outcome[:, 0, :2] = 1.0
    found = estimator.estimate(CrossoverData(outcome, data.treatment), CONTRAST)
    assert np.isnan(found.effect[0])
    assert found.p_value_one_sided[0] == 1.0
    assert np.isnan(estimator.individuals(CrossoverData(outcome, data.treatment), CONTRAST).shrunken).all()


def test_a_cycle_with_one_period_is_left_out() -> None:
    data, _ = series(8, 3, 0.5)
    outcome = data.outcome.copy()
    outcome[0, 0, 1] = np.nan
    whole = outcome.copy()
    whole[0, 0, 0] = np.nan
    one, other = (
        NOf1Mixed().estimate(CrossoverData(each, data.treatment), CONTRAST) for each in (outcome, whole)
    )
    assert one.effect[0] == other.effect[0]
