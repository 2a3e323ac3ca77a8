"""MMRM and cLDA against a dense reference, and the identities that hold for them."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Clda,
    Contrast,
    Estimability,
    LongitudinalData,
    Mmrm,
)
from calor.trial.analysis.patterns import orthonormal, pattern_sums
from calor.trial.analysis.reml import fit_reml
from tests.trial.analysis.dense_kenward_roger import adjusted, restricted_score

CONTRAST = Contrast()


def trial(
    seed: int, n_replicates: int = 4, n_patients: int = 24, n_visits: int = 3, missing: float = 0.15
) -> LongitudinalData:
    stream = Stream(seed)
    baseline = 6.5 + stream.child("baseline").normals(n_replicates, n_patients)
    noise = stream.child("noise").normals(n_replicates, n_patients * (n_visits + 1))
    noise = noise.reshape(n_replicates, n_patients, n_visits + 1)
    outcome = 0.5 * baseline[:, :, None] + noise[:, :, 1:] + 0.8 * noise[:, :, :1]
    hidden = stream.child("missing").uniforms(n_replicates, n_patients * n_visits) < missing
    outcome[hidden.reshape(outcome.shape)] = np.nan
    arm = np.broadcast_to(np.arange(n_patients) % 2, baseline.shape).copy()
    return LongitudinalData(outcome, arm, baseline)


def dense_designs(data: LongitudinalData) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Return design, response and seen visits of every patient of replicate 0, MMRM's covariates."""
    designs, responses, seen = [], [], []
    n_visits = data.outcome.shape[2]
    for outcome, arm, baseline in zip(data.outcome[0], data.arm[0], data.baseline[0], strict=True):
        visits = np.flatnonzero(~np.isnan(outcome))
        if len(visits):
            full = np.kron(np.eye(n_visits), np.array([[1.0, baseline, float(arm)]]))
            designs.append(full[visits])
            responses.append(outcome[visits])
            seen.append(visits)
    return designs, responses, seen


def fitted_sigma(data: LongitudinalData) -> np.ndarray:
    covariates = np.stack([np.ones_like(data.baseline), data.baseline, data.arm], axis=2).astype(float)
    used = ~np.isnan(data.outcome).all(axis=2)
    sums = pattern_sums(covariates, data.outcome, used)
    transform, kept = orthonormal(sums.xx.sum(axis=1))
    allowed = np.repeat(kept[:, None, :], data.outcome.shape[2], axis=1)
    return np.asarray(fit_reml(sums.with_covariates(transform), allowed).sigma)


@pytest.mark.parametrize("seed", range(5))
def test_the_restricted_score_is_zero_at_the_fit(seed: int) -> None:
    data = trial(seed, n_replicates=1)
    designs, responses, seen = dense_designs(data)
    score = restricted_score(designs, responses, seen, fitted_sigma(data)[0])
    np.testing.assert_allclose(score, 0.0, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_error_and_degrees_of_freedom_equal_the_dense_formulas(seed: int) -> None:
    data = trial(seed, n_replicates=1, n_patients=16)
    designs, _, seen = dense_designs(data)
    contrast = np.zeros(9)
    contrast[8] = 1.0
    variance, degrees = adjusted(designs, seen, fitted_sigma(data)[0], contrast)
    estimate = Mmrm().estimate(data, CONTRAST)
    assert estimate.standard_error[0] == pytest.approx(np.sqrt(variance), rel=1e-7)
    assert estimate.degrees_of_freedom[0] == pytest.approx(degrees, rel=1e-6)


def test_without_missing_data_mmrm_is_ancova_by_both_ways() -> None:
    data = trial(1, missing=0.0)
    exact = Ancova().estimate(data.at_visit(2), CONTRAST)
    short = Mmrm().estimate(data, CONTRAST)
    np.testing.assert_allclose(short.p_value_one_sided, exact.p_value_one_sided, rtol=1e-12)
    outcome = data.outcome.copy()
    outcome[:, 0, :] = np.nan  # a patient without visits sends the replicates the long way round
    arm = data.arm.copy()
    arm[:, 0] = -1
    fewer = LongitudinalData(outcome, arm, data.baseline)
    np.testing.assert_allclose(
        Mmrm().estimate(fewer, CONTRAST).effect, Ancova().estimate(fewer.at_visit(2), CONTRAST).effect
    )


def test_kenward_roger_is_exact_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = trial(2, missing=0.0)
    exact = Ancova().estimate(data.at_visit(2), CONTRAST)
    monkeypatch.setattr("calor.trial.analysis.mmrm.chosen", lambda _complete, _ancova, repeated: repeated)
    monkeypatch.setattr(
        "calor.trial.analysis.mmrm._all_seen", lambda outcome, _used: np.zeros(len(outcome), bool)
    )
    long_way = Mmrm().estimate(data, CONTRAST)
    np.testing.assert_allclose(long_way.effect, exact.effect, rtol=1e-8)
    np.testing.assert_allclose(long_way.standard_error, exact.standard_error, rtol=1e-8)
    np.testing.assert_allclose(long_way.degrees_of_freedom, exact.degrees_of_freedom, rtol=1e-8)


def test_mmrm_at_a_single_visit_is_ancova_of_those_seen() -> None:
    data = trial(3, n_visits=1, missing=0.2)
    single = Mmrm().estimate(data, CONTRAST)
    seen = Ancova().estimate(data.at_visit(0), CONTRAST)
    np.testing.assert_allclose(single.effect, seen.effect, rtol=1e-9)
    np.testing.assert_allclose(single.standard_error, seen.standard_error, rtol=1e-9)
    np.testing.assert_allclose(single.degrees_of_freedom, seen.degrees_of_freedom, rtol=1e-9)


def test_clda_and_mmrm_agree_on_the_effect_where_baselines_are_complete() -> None:
    data = trial(4, n_patients=40)
    constrained, adjusted_for = Clda().estimate(data, CONTRAST), Mmrm().estimate(data, CONTRAST)
    gap = np.abs(constrained.effect - adjusted_for.effect)
    assert (gap < 0.01 * adjusted_for.standard_error).all()
    complete = trial(4, n_patients=40, missing=0.0)
    np.testing.assert_allclose(
        Clda().estimate(complete, CONTRAST).effect, Mmrm().estimate(complete, CONTRAST).effect, atol=1e-9
    )


def test_clda_keeps_patients_without_a_baseline() -> None:
    data = trial(5, n_patients=40, missing=0.05)
    baseline = data.baseline.copy()
    baseline[:, :3] = np.nan
    holed = LongitudinalData(data.outcome, data.arm, baseline)
    kept, lost = Clda().estimate(holed, CONTRAST), Mmrm().estimate(holed, CONTRAST)
    assert kept.estimated.all()
    assert (kept.degrees_of_freedom > lost.degrees_of_freedom).all()


def test_a_third_arm_shifts_no_contrast_by_its_mean() -> None:
    data = trial(6, n_patients=45, missing=0.1)
    arm = np.broadcast_to(np.arange(45) % 3, data.arm.shape).copy()
    three = LongitudinalData(data.outcome, arm, data.baseline)
    moved = LongitudinalData(data.outcome + 5.0 * (arm == 2)[:, :, None], arm, data.baseline)
    for estimator in (Mmrm(), Clda()):
        np.testing.assert_allclose(
            estimator.estimate(moved, CONTRAST).effect, estimator.estimate(three, CONTRAST).effect, atol=1e-6
        )
        gap = (
            estimator.estimate(moved, Contrast(active=2)).effect
            - estimator.estimate(three, Contrast(active=2)).effect
        )
        np.testing.assert_allclose(gap, 5.0, atol=1e-6)


def test_replicates_do_not_influence_each_other() -> None:
    data = trial(7, n_replicates=6)
    together = Mmrm().estimate(data, CONTRAST)
    for row in range(6):
        alone = Mmrm().estimate(
            LongitudinalData(data.outcome[[row]], data.arm[[row]], data.baseline[[row]]), CONTRAST
        )
        np.testing.assert_allclose(alone.effect, together.effect[row], rtol=1e-7)
        np.testing.assert_allclose(alone.p_value_one_sided, together.p_value_one_sided[row], rtol=1e-6)


@pytest.mark.parametrize("estimator", [Mmrm(), Clda()])
def test_too_few_patients_are_named(estimator: Mmrm | Clda) -> None:
    data = trial(8)
    outcome = data.outcome.copy()
    outcome[0, :, 2] = np.nan
    outcome[1, data.arm[1] == 1, 2] = np.nan
    estimate = estimator.estimate(LongitudinalData(outcome, data.arm, data.baseline), CONTRAST)
    assert list(estimate.estimability[:2]) == [Estimability.TOO_FEW] * 2
    assert (estimate.p_value_one_sided[:2] == 1).all()
    assert estimate.estimated[2:].all()


def test_visits_that_determine_each_other_are_named() -> None:
    data = trial(9, missing=0.0)
    outcome = np.concatenate([data.outcome, data.outcome[:, :, :1]], axis=2)
    outcome[:, 0, 1] = np.nan
    estimate = Mmrm().estimate(LongitudinalData(outcome, data.arm, data.baseline), CONTRAST)
    assert (estimate.estimability == Estimability.NOT_CONVERGED).all()
    assert np.isnan(estimate.effect).all()
    assert (estimate.p_value_two_sided == 1).all()


def test_a_visit_that_the_data_lack_is_refused() -> None:
    with pytest.raises(InputError, match="visit: is 3"):
        Mmrm(visit=3).estimate(trial(0), CONTRAST)
