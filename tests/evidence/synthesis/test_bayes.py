"""The Bayesian analysis against closed forms in its limits and brute-force integration by R."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from calor.core.errors import InputError
from calor.evidence.synthesis.bayes import pool_bayesian
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import pool

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "bayesian_meta.json").read_text())


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: f"{len(case['yi'])}-studies")
def test_equals_brute_force_by_r(case: dict[str, Any]) -> None:
    found = pool_bayesian(
        case["yi"],
        case["vi"],
        tau_scale=case["tau_scale"],
        prior_sd=case["prior_sd"],
        prior_mean=case["prior_mean"],
    )
    ours = {
        "log_marginal_likelihood": found.log_marginal_likelihood,
        "mu_mean": found.effect.mean,
        "mu_sd": found.effect.sd,
        "tau_mean": found.heterogeneity.mean,
        "tau_sd": found.heterogeneity.sd,
        "tau_median": found.heterogeneity.median,
        "tau_upper": found.heterogeneity.ci95[1],
        "new_sd": found.prediction.sd,
    }
    for key, value in ours.items():
        assert value == pytest.approx(case[key], rel=1e-7, abs=1e-8), key


def test_without_heterogeneity_the_posterior_is_the_normal_one() -> None:
    y, v, prior_mean, prior_sd = np.array([0.4, -0.2, 0.9]), np.array([0.1, 0.3, 0.2]), 0.5, 0.7
    found = pool_bayesian(list(y), list(v), tau_scale=1e-7, prior_sd=prior_sd, prior_mean=prior_mean)
    precision = 1 / prior_sd**2 + np.sum(1 / v)
    mean = (prior_mean / prior_sd**2 + np.sum(y / v)) / precision
    exact = stats.norm(mean, 1 / math.sqrt(precision))
    assert found.effect.mean == pytest.approx(mean, abs=1e-10)
    assert found.effect.sd == pytest.approx(exact.std(), abs=1e-10)
    assert found.effect.median == pytest.approx(mean, abs=1e-10)
    assert found.effect.ci95 == pytest.approx(exact.interval(0.95), abs=1e-10)
    assert found.effect.probability_below_zero == pytest.approx(exact.cdf(0.0), abs=1e-10)
    assert found.prediction.ci95 == pytest.approx(exact.interval(0.95), abs=1e-10)
    marginal = stats.multivariate_normal(np.full(3, prior_mean), np.diag(v) + prior_sd**2)
    assert found.log_marginal_likelihood == pytest.approx(marginal.logpdf(y), abs=1e-10)


def test_a_wide_prior_without_heterogeneity_gives_the_common_effect() -> None:
    y, v = [0.4, -0.2, 0.9], [0.1, 0.3, 0.2]
    found = pool_bayesian(y, v, tau_scale=1e-7, prior_sd=1e6)
    common = pool(y, v, method=Method.FE)
    assert found.effect.mean == pytest.approx(common.estimate, abs=1e-9)
    assert found.effect.ci95 == pytest.approx(common.ci95, abs=1e-9)


def test_a_study_without_information_leaves_the_priors() -> None:
    found = pool_bayesian([3.0], [1e30], tau_scale=0.5, prior_sd=2.0, prior_mean=-1.0)
    half_normal = stats.halfnorm(scale=0.5)
    assert (found.effect.mean, found.effect.sd) == pytest.approx((-1.0, 2.0), abs=1e-9)
    assert found.heterogeneity.mean == pytest.approx(half_normal.mean(), abs=1e-10)
    assert found.heterogeneity.sd == pytest.approx(half_normal.std(), abs=1e-10)
    assert found.heterogeneity.median == pytest.approx(half_normal.median(), abs=1e-10)
    assert found.heterogeneity.ci95 == pytest.approx(half_normal.interval(0.95), abs=1e-10)
    assert found.prediction.sd == pytest.approx(math.sqrt(4.0 + 0.25), abs=1e-9)


def test_studies_far_apart_overrule_a_narrow_prior_on_the_heterogeneity() -> None:
    """The integral follows the posterior far beyond the prior's scale."""
    y, v = [-1000.0, 1000.0, 500.0, -500.0], [1.0] * 4
    found = pool_bayesian(y, v, tau_scale=0.5, prior_sd=1e4)
    tau = np.linspace(1.0, 200.0, 400001)
    precision = 1e-8 + 4 / (1 + tau**2)
    log_density = (
        -0.5 * (tau / 0.5) ** 2
        - 2 * np.log(1 + tau**2)
        - 0.5 * np.sum(np.square(y)) / (1 + tau**2)
        - 0.5 * np.log(precision)
    )
    density = np.exp(log_density - np.max(log_density))
    assert found.heterogeneity.mean == pytest.approx(np.sum(tau * density) / np.sum(density), rel=1e-9)


def test_quantiles_of_a_new_effect_satisfy_their_definition() -> None:
    """P(new < x) by adaptive quadrature over tau of normal probabilities with matrices written out."""
    y, v, scale, prior_sd = np.array([-0.9, -0.1, 0.2]), np.array([0.09, 0.04, 0.25]), 0.5, 2.0
    found = pool_bayesian(list(y), list(v), tau_scale=scale, prior_sd=prior_sd)

    def density(tau: float) -> float:
        covariance = np.diag(v + tau**2) + prior_sd**2
        return float(
            stats.multivariate_normal(np.zeros(3), covariance).pdf(y) * stats.halfnorm(scale=scale).pdf(tau)
        )

    def new_below(x: float, tau: float) -> float:
        covariance = np.diag(v + tau**2) + prior_sd**2
        gain = np.linalg.solve(covariance, np.full(3, prior_sd**2))
        return float(stats.norm.cdf(x, gain @ y, math.sqrt(prior_sd**2 * (1 - np.sum(gain)) + tau**2)))

    total = integrate.quad(density, 0, 5, epsabs=0, epsrel=1e-10, limit=200)[0]
    for limit, share in (
        (found.prediction.ci95[0], 0.025),
        (found.prediction.median, 0.5),
        (found.prediction.ci95[1], 0.975),
        (0.0, found.prediction.probability_below_zero),
    ):
        below = integrate.quad(lambda tau, x=limit: density(tau) * new_below(x, tau), 0, 5, epsrel=1e-9)[0]
        assert below / total == pytest.approx(share, abs=1e-9)


def test_many_studies_give_nearly_the_reml_answer() -> None:
    generator = np.random.default_rng(3)
    v = generator.uniform(0.01, 0.05, 800)
    y = generator.normal(0.2, np.sqrt(v + 0.09))
    found, reml = pool_bayesian(list(y), list(v), tau_scale=1.0, prior_sd=10.0), pool(list(y), list(v))
    assert found.effect.mean == pytest.approx(reml.estimate, abs=0.01 * reml.se)
    assert found.effect.sd == pytest.approx(reml.se, rel=0.01)
    assert found.heterogeneity.mean == pytest.approx(math.sqrt(reml.tau2), rel=0.01)


few = st.integers(1, 5).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-5, 5), min_size=k, max_size=k),
        st.lists(st.floats(0.01, 4.0), min_size=k, max_size=k),
    )
)


@settings(max_examples=40)
@given(drawn=few, shift=st.floats(-10, 10), scale=st.floats(0.1, 10), seed=st.integers(0, 99))
def test_the_posterior_moves_stretches_and_ignores_the_order(
    drawn: tuple[list[float], list[float]], shift: float, scale: float, seed: int
) -> None:
    y, v = drawn
    order = np.random.default_rng(seed).permutation(len(y))
    before = pool_bayesian(y, v, tau_scale=0.5, prior_sd=3.0)
    after = pool_bayesian(
        [shift + scale * y[i] for i in order],
        [scale**2 * v[i] for i in order],
        tau_scale=0.5 * scale,
        prior_sd=3.0 * scale,
        prior_mean=shift,
    )
    assert after.effect.mean == pytest.approx(shift + scale * before.effect.mean, rel=1e-8, abs=1e-8)
    assert after.effect.sd == pytest.approx(scale * before.effect.sd, rel=1e-8)
    assert after.heterogeneity.median == pytest.approx(scale * before.heterogeneity.median, rel=1e-8)
    assert after.prediction.ci95 == pytest.approx(
        [shift + scale * limit for limit in before.prediction.ci95], rel=1e-8, abs=1e-7
    )
    assert before.prediction.ci95[0] < before.effect.ci95[0] < before.effect.median
    assert before.effect.median < before.effect.ci95[1] < before.prediction.ci95[1]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"tau_scale": 0.0, "prior_sd": 1.0}, "tau_scale"),
        ({"tau_scale": -1.0, "prior_sd": 1.0}, "tau_scale"),
        ({"tau_scale": math.nan, "prior_sd": 1.0}, "tau_scale"),
        ({"tau_scale": 1.0, "prior_sd": 0.0}, "prior_sd"),
        ({"tau_scale": 1.0, "prior_sd": math.inf}, "prior_sd"),
        ({"tau_scale": 1.0, "prior_sd": 1.0, "prior_mean": math.nan}, "prior_mean"),
    ],
)
def test_priors_out_of_range_are_refused_by_name(arguments: dict[str, float], key: str) -> None:
    with pytest.raises(InputError) as refused:
        pool_bayesian([1.0, 2.0], [0.1, 0.1], **arguments)
    assert refused.value.problems[0].place.key == key


def test_effects_are_checked_as_for_every_synthesis() -> None:
    with pytest.raises(InputError, match="vi: holds a variance"):
        pool_bayesian([1.0, 2.0], [0.1, -0.1], tau_scale=1.0, prior_sd=1.0)
