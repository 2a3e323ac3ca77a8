"""The posterior against conjugate closed forms and numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Bayesian,
    Contrast,
    Direction,
    Estimability,
    NormalPrior,
    ParallelData,
    PriorComponent,
    TwoSampleT,
)

CONTRAST = Contrast()


def trial(seed: int = 1, n_patients: int = 30) -> ParallelData:
    baseline, noise = (Stream(seed, (name,)).normals(4, n_patients) for name in ("baseline", "noise"))
    arm = np.broadcast_to(np.arange(n_patients) % 2, baseline.shape).copy()
    return ParallelData(0.5 * baseline + noise - 0.7 * arm, arm, baseline)


def test_a_single_normal_prior_is_conjugate() -> None:
    given = Ancova().estimate(trial(), CONTRAST)
    posterior = Bayesian(NormalPrior.informative(-0.3, 0.4), Ancova()).estimate(trial(), CONTRAST)
    precision = given.standard_error**-2 + 0.4**-2
    mean = (given.effect * given.standard_error**-2 - 0.3 * 0.4**-2) / precision
    np.testing.assert_allclose(posterior.effect, mean)
    np.testing.assert_allclose(posterior.standard_error, precision**-0.5)
    np.testing.assert_allclose(posterior.p_value_one_sided, norm.sf(0, mean, precision**-0.5))
    np.testing.assert_allclose(posterior.lower, norm.ppf(0.025, mean, precision**-0.5), rtol=1e-9)


def test_a_mixture_prior_equals_numerical_integration() -> None:
    prior = NormalPrior.robust(-1.0, 0.3, weight=0.7, vague_sd=3.0)
    given = Ancova().estimate(trial(), CONTRAST)
    posterior = Bayesian(prior, Ancova()).estimate(trial(), CONTRAST)
    for row in range(4):

        def density(effect: float, row: int = row) -> float:
            before = sum(part.weight * norm.pdf(effect, part.mean, part.sd) for part in prior.components)
            return float(before * norm.pdf(given.effect[row], effect, given.standard_error[row]))

        whole = quad(density, -8, 8, points=[-1, 0], limit=500)[0]
        first = quad(lambda effect: effect * density(effect), -8, 8, points=[-1, 0], limit=500)[0] / whole
        harmful = quad(density, 0, 8, limit=500)[0] / whole
        below = quad(density, -8, posterior.lower[row], limit=500)[0] / whole
        assert posterior.effect[row] == pytest.approx(first, rel=1e-6)
        assert posterior.p_value_one_sided[row] == pytest.approx(harmful, rel=1e-5)
        assert below == pytest.approx(0.025, rel=1e-5)


def test_a_vague_prior_gives_the_normal_analysis_back() -> None:
    given = TwoSampleT().estimate(trial(), CONTRAST)
    posterior = Bayesian(NormalPrior.informative(0.0, 1e6), TwoSampleT()).estimate(trial(), CONTRAST)
    np.testing.assert_allclose(posterior.effect, given.effect, rtol=1e-9)
    np.testing.assert_allclose(posterior.p_value_one_sided, norm.cdf(given.effect / given.standard_error))


def test_a_robust_prior_lets_go_where_the_data_disagree() -> None:
    data = trial(n_patients=200)
    against = ParallelData(data.outcome + 4.0 * data.arm, data.arm, data.baseline)
    single = Bayesian(NormalPrior.informative(-1.0, 0.2), Ancova()).estimate(against, CONTRAST)
    prior = NormalPrior.robust(-1.0, 0.2, weight=0.8, vague_sd=5.0)
    robust = Bayesian(prior, Ancova()).estimate(against, CONTRAST)
    given = Ancova().estimate(against, CONTRAST)
    assert (np.abs(robust.effect - given.effect) < 0.05).all()
    assert (np.abs(single.effect - given.effect) > 0.3).all()


def test_direction_says_which_tail_is_no_benefit() -> None:
    analysis = Bayesian(NormalPrior.informative(0.0, 1.0), Ancova())
    less = analysis.estimate(trial(), CONTRAST)
    greater = analysis.estimate(trial(), Contrast(direction=Direction.GREATER))
    np.testing.assert_allclose(less.p_value_one_sided + greater.p_value_one_sided, 1.0)


def test_a_replicate_without_an_estimate_keeps_its_name() -> None:
    data = trial()
    outcome = data.outcome.copy()
    outcome[0, data.arm[0] == 1] = np.nan
    broken = ParallelData(outcome, data.arm, data.baseline)
    estimate = Bayesian(NormalPrior.informative(0.0, 1.0), Ancova()).estimate(broken, CONTRAST)
    assert estimate.estimability[0] == Estimability.TOO_FEW
    assert estimate.p_value_one_sided[0] == 1.0
    assert np.isnan(estimate.effect[0])
    assert estimate.estimated[1:].all()


@pytest.mark.parametrize(
    "components",
    [
        (),
        (PriorComponent(0.5, 0.0, 1.0),),
        (PriorComponent(1.0, 0.0, 0.0),),
        (PriorComponent(1.0, np.nan, 1.0),),
        (PriorComponent(1.5, 0.0, 1.0), PriorComponent(-0.5, 0.0, 1.0)),
    ],
)
def test_a_malformed_prior_is_refused(components: tuple[PriorComponent, ...]) -> None:
    with pytest.raises(InputError, match="prior"):
        NormalPrior(components)
