"""Meta-analytic-predictive priors against RBesT: its published example, placebo arms in Crohn's disease.

RBesT 1.9-0, article "RBesT for a normal endpoint": six studies, SD 88, half-normal heterogeneity of scale
44, a normal prior of SD 88 about 0 on the mean. Its numbers are of Monte Carlo samples (6,000 or so draws),
its ESS whole patients.
"""

from __future__ import annotations

import numpy as np
import pytest

from calor.evidence.synthesis.bayes import pool_bayesian, predict_new_study
from calor.trial.analysis.map_prior import MixturePrior

MEANS = [-51.0, -49.0, -36.0, -47.0, -90.0, -54.0]
PATIENTS = [74, 166, 328, 20, 25, 58]
SD = 88.0
VARIANCES = [SD**2 / n for n in PATIENTS]
PRINTED = MixturePrior(
    np.array([0.50104846, 0.41871594, 0.08023561]),
    np.array([-51.42408665, -47.25917128, -55.07086416]),
    np.array([19.04525409, 7.85193726, 44.57325000]),
)
"""The mixture that RBesT fitted to its sample."""


def _prior(components: int = 32) -> MixturePrior:
    found = predict_new_study(MEANS, VARIANCES, tau_scale=SD / 2, prior_sd=SD, components=components)
    return MixturePrior(found.weights, found.means, found.sds)


def test_the_prediction_is_that_of_rbest() -> None:
    prior = _prior()
    assert prior.mean == pytest.approx(-50.0, rel=0.01)
    assert prior.sd == pytest.approx(19.3, rel=0.02)
    quantiles = [prior.quantile(share) for share in (0.025, 0.5, 0.975)]
    np.testing.assert_allclose(
        quantiles, [-93.1, -48.6, -13.8], rtol=0.02, atol=2.5
    )  # atol: its tail's draws
    tau = pool_bayesian(MEANS, VARIANCES, tau_scale=SD / 2, prior_sd=SD).heterogeneity
    assert tau.mean == pytest.approx(14.3, rel=0.02)
    assert tau.sd == pytest.approx(9.99, rel=0.02)


def test_the_worth_of_a_mixture_is_that_of_rbest() -> None:
    """The mixture as printed is worth 39 patients, made robust by a fifth about -50 it is worth 28."""
    assert round(PRINTED.effective_patients(SD)) == 39
    robust = MixturePrior(
        np.append(0.8 * PRINTED.weights, 0.2), np.append(PRINTED.means, -50.0), np.append(PRINTED.sds, SD)
    )
    assert round(robust.effective_patients(SD)) == 28


def test_the_worth_of_the_whole_prediction_is_near_that_of_its_approximation() -> None:
    """RBesT counts three normals that were fitted to 4,000 draws, which lose some of the peak: 39 for 42."""
    assert 39 * 0.98 < _prior().effective_patients(SD) < 39 * 1.08
    assert 28 * 0.98 < _prior().robust(0.2, SD).effective_patients(SD) < 28 * 1.09


def test_few_normals_stand_for_the_whole_prediction() -> None:
    fine = _prior(400)
    assert _prior().effective_patients(SD) == pytest.approx(fine.effective_patients(SD), rel=0.01)
    exact = pool_bayesian(MEANS, VARIANCES, tau_scale=SD / 2, prior_sd=SD).prediction
    assert _prior().sd == pytest.approx(exact.sd, rel=1e-6)
    assert _prior().mean == pytest.approx(exact.mean, rel=1e-9)
    assert _prior().quantile(0.025) == pytest.approx(exact.ci95[0], rel=5e-3)


def test_one_normal_is_worth_the_ratio_of_variances() -> None:
    """RBesT's own test: SD 2 where patients have an SD of 4 is worth 4 patients."""
    assert MixturePrior(np.ones(1), np.array([-1.0]), np.array([2.0])).effective_patients(
        4.0
    ) == pytest.approx(4.0, rel=1e-9)
