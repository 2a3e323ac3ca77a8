"""The crossover mixed model: what it is where nothing is missing, and what it gains where something is."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.trial.analysis import Contrast, CrossoverData, CrossoverMixed, CrossoverT, Estimability
from calor.trial.analysis.compound_symmetry import (
    cluster_sums,
    fit_compound_symmetry,
    small_sample,
)
from tests.trial.analysis.dense_kenward_roger import adjusted

CONTRAST = Contrast()
WILLIAMS = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2], [2, 1, 0]])
TWO = np.array([[0, 1], [1, 0]])


def crossover(
    seed: int, sequences: np.ndarray = TWO, n_patients: int = 18, missing: float = 0.0, between: float = 1.2
) -> CrossoverData:
    n_replicates, n_periods = 6, sequences.shape[1]
    stream = Stream(seed)
    patient = between * stream.child("patient").normals(n_replicates, n_patients)
    noise = stream.child("noise").normals(n_replicates, n_patients * n_periods)
    outcome = patient[:, :, None] + noise.reshape(n_replicates, n_patients, n_periods)
    hidden = stream.child("missing").uniforms(n_replicates, n_patients * n_periods) < missing
    outcome[hidden.reshape(outcome.shape)] = np.nan
    treatment = np.broadcast_to(sequences[np.arange(n_patients) % len(sequences)], outcome.shape)
    return CrossoverData(outcome, treatment.copy())


@pytest.mark.parametrize("between", [0.0, 1.2])
def test_complete_ab_ba_is_the_paired_t_analysis(between: float) -> None:
    data = crossover(1, between=between)
    for name in ("effect", "standard_error", "degrees_of_freedom", "p_value_one_sided", "lower", "upper"):
        for mixed, paired in (
            (CrossoverMixed().estimate, CrossoverT().estimate),
            (CrossoverMixed().carry_over, CrossoverT().carry_over),
        ):
            np.testing.assert_allclose(
                getattr(mixed(data, CONTRAST), name), getattr(paired(data, CONTRAST), name), rtol=1e-8
            )


def test_error_and_degrees_of_freedom_equal_the_dense_formulas() -> None:
    data = crossover(2, WILLIAMS, missing=0.2)
    outcome, treatment = data.outcome[0], data.treatment[0]
    period = np.arange(3)
    design = np.stack(
        [np.ones((18, 3)), *(np.broadcast_to(period == p, (18, 3)) for p in (1, 2))]
        + [treatment == code for code in (2, 1)],
        axis=2,
    ).astype(float)
    sums = cluster_sums(design[None], outcome[None])
    fit = fit_compound_symmetry(sums)
    contrast = np.array([0, 0, 0, 0, 1.0])
    variance, degrees = small_sample(sums, fit)
    dense = dense_symmetric(fit.residual_variance[0], fit.ratio[0], design, outcome, contrast)
    assert (variance[0], degrees[0]) == pytest.approx(dense, rel=1e-9)
    estimate = CrossoverMixed().estimate(data, CONTRAST)
    assert estimate.standard_error[0] == pytest.approx(np.sqrt(variance[0]), rel=1e-8)
    assert estimate.degrees_of_freedom[0] == pytest.approx(degrees[0], rel=1e-6)


def dense_symmetric(
    residual: float, ratio: float, design: np.ndarray, outcome: np.ndarray, contrast: np.ndarray
) -> tuple[float, float]:
    seen = [np.flatnonzero(~np.isnan(row)) for row in outcome]
    designs = [x[s] for x, s in zip(design, seen, strict=True) if len(s)]
    seen = [s for s in seen if len(s)]
    sigma = residual * (np.eye(3) + ratio)
    return adjusted(designs, seen, sigma, contrast, [np.eye(3), np.ones((3, 3))])


def test_incomplete_patients_make_the_estimate_more_precise() -> None:
    data = crossover(3, missing=0.25, n_patients=40)
    mixed, paired = CrossoverMixed().estimate(data, CONTRAST), CrossoverT().estimate(data, CONTRAST)
    assert mixed.standard_error.mean() < paired.standard_error.mean()
    assert mixed.estimated.all()


def test_carry_over_shows_what_was_put_in() -> None:
    data = crossover(4, WILLIAMS, n_patients=36)
    before = np.zeros_like(data.outcome)
    before[:, :, 1:] = data.treatment[:, :, :-1] == 1
    moved = CrossoverData(data.outcome - 1.5 * before, data.treatment)
    gap = (
        CrossoverMixed().carry_over(moved, CONTRAST).effect
        - CrossoverMixed().carry_over(data, CONTRAST).effect
    )
    np.testing.assert_allclose(gap, -1.5, atol=1e-6)


def test_too_few_patients_are_named() -> None:
    data = crossover(5)
    outcome = data.outcome.copy()
    outcome[0, :, 1] = np.nan
    outcome[1] = np.nan
    estimate = CrossoverMixed().estimate(CrossoverData(outcome, data.treatment), CONTRAST)
    assert list(estimate.estimability[:2]) == [Estimability.TOO_FEW] * 2
    assert (estimate.p_value_one_sided[:2] == 1).all()
    assert estimate.estimated[2:].all()
