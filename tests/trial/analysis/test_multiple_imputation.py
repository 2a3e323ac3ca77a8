"""Imputation under each assumption against the value that the assumption implies, and Rubin's rules."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Assumption,
    Contrast,
    Direction,
    Estimability,
    LongitudinalData,
    Mmrm,
    MultipleImputation,
)

CONTRAST = Contrast()
SIGMA = np.array([[2.0, 1.4, 1.0], [1.4, 2.2, 1.5], [1.0, 1.5, 2.5]])
MEANS = np.array([-0.4, -0.8, -1.2])


def trial(
    seed: int, n_replicates: int, n_patients: int, dropout: float = 0.4, gaps: float = 0.0
) -> LongitudinalData:
    """Return replicates in which patients leave after the first visit at random."""
    stream = Stream(seed)
    arm = np.broadcast_to(np.arange(n_patients) % 2, (n_replicates, n_patients)).copy()
    baseline = 6 + stream.child("baseline").normals(n_replicates, n_patients)
    noise = stream.child("noise").normals(n_replicates, n_patients * 3).reshape(n_replicates, n_patients, 3)
    outcome = noise @ np.linalg.cholesky(SIGMA).T + 0.5 * baseline[..., None] + arm[..., None] * MEANS
    left = stream.child("dropout").uniforms(n_replicates, n_patients) < dropout
    outcome[left, 1:] = np.nan
    missed = stream.child("gaps").uniforms(n_replicates, n_patients * 2) < gaps
    outcome[:, :, :2][missed.reshape(n_replicates, n_patients, 2)] = np.nan
    return LongitudinalData(outcome, arm, baseline)


CARRIED = SIGMA[2, 0] / SIGMA[0, 0]
IMPLIED = {
    Assumption.MISSING_AT_RANDOM: -1.2,
    Assumption.JUMP_TO_REFERENCE: -1.2 * 0.6,
    Assumption.COPY_REFERENCE: -1.2 * 0.6 - 0.4 * CARRIED * 0.4,
}


@pytest.mark.parametrize("assumption", list(Assumption))
def test_the_effect_is_what_the_assumption_implies(assumption: Assumption) -> None:
    data = trial(1, n_replicates=40, n_patients=1000)
    estimate = MultipleImputation(Stream(2), assumption, n_imputations=5).estimate(data, CONTRAST)
    error = estimate.effect.std(ddof=1) / np.sqrt(len(estimate.effect))
    assert abs(estimate.effect.mean() - IMPLIED[assumption]) < 3.5 * error


def test_gaps_before_the_last_visit_are_imputed_at_random() -> None:
    data = trial(3, n_replicates=20, n_patients=200, dropout=0.2, gaps=0.2)
    imputed = MultipleImputation(Stream(2), n_imputations=10).estimate(data, CONTRAST)
    likelihood = Mmrm().estimate(data, CONTRAST)
    assert imputed.estimated.all()
    gap = imputed.effect - likelihood.effect
    assert np.sqrt((gap**2).mean()) < 0.25 * likelihood.standard_error.mean()
    assert abs(gap.mean()) < 3.5 * gap.std(ddof=1) / np.sqrt(20)
    assert imputed.standard_error.mean() == pytest.approx(likelihood.standard_error.mean(), rel=0.1)


def test_many_imputations_at_random_come_near_to_mmrm() -> None:
    data = trial(4, n_replicates=30, n_patients=80, dropout=0.25)
    imputed = MultipleImputation(Stream(2), n_imputations=100).estimate(data, CONTRAST)
    likelihood = Mmrm().estimate(data, CONTRAST)
    assert np.corrcoef(imputed.effect, likelihood.effect)[0, 1] > 0.995
    assert imputed.standard_error.mean() == pytest.approx(likelihood.standard_error.mean(), rel=0.06)


def test_without_missing_data_it_is_ancova() -> None:
    data = trial(5, n_replicates=4, n_patients=30, dropout=0.0)
    imputed = MultipleImputation(Stream(2)).estimate(data, CONTRAST)
    exact = Ancova().estimate(data.at_visit(2), CONTRAST)
    np.testing.assert_allclose(imputed.p_value_one_sided, exact.p_value_one_sided, rtol=1e-12)


def test_delta_moves_the_effect_by_the_share_imputed() -> None:
    data = trial(6, n_replicates=5, n_patients=60)
    plain = MultipleImputation(Stream(2)).estimate(data, CONTRAST)
    moved = MultipleImputation(Stream(2), delta=1.5).estimate(data, CONTRAST)
    missing = np.isnan(data.outcome[:, :, 2]) & (data.arm == 1)
    share = LongitudinalData(missing[..., None] * 1.0, data.arm, data.baseline)
    expected = 1.5 * Ancova().estimate(share.at_visit(0), CONTRAST).effect
    np.testing.assert_allclose(moved.effect - plain.effect, expected, rtol=1e-9)


def test_the_tipping_point_is_where_significance_is_lost() -> None:
    data = trial(7, n_replicates=12, n_patients=120, dropout=0.2)
    analysis = MultipleImputation(Stream(2), n_imputations=5)
    tipping = analysis.tipping_point(data, CONTRAST, level=0.025, largest=20.0)
    unshifted = analysis.estimate(data, CONTRAST).p_value_one_sided
    np.testing.assert_array_equal(tipping == 0, unshifted > 0.025)
    row = int(np.flatnonzero((tipping > 0) & np.isfinite(tipping))[0])
    for shift, lost in ((tipping[row] + 1e-6, True), (tipping[row] - 1e-6, False)):
        shifted = MultipleImputation(Stream(2), n_imputations=5, delta=float(shift)).estimate(data, CONTRAST)
        assert (shifted.p_value_one_sided[row] > 0.025) == lost
    hardly = analysis.tipping_point(data, CONTRAST, level=0.025, largest=1e-3)
    assert np.isinf(hardly[row])
    mirrored = LongitudinalData(-data.outcome, data.arm, data.baseline)
    contrast = Contrast(direction=Direction.GREATER)
    upwards = analysis.tipping_point(mirrored, contrast, level=0.025, largest=20.0)
    unshifted = analysis.estimate(mirrored, contrast).p_value_one_sided
    np.testing.assert_array_equal(upwards == 0, unshifted > 0.025)
    assert np.isfinite(upwards[upwards > 0]).sum() > 0


@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_a_replicates_draws_depend_on_its_identifier_alone(gaps: float) -> None:
    data = trial(8, n_replicates=6, n_patients=40, gaps=gaps)
    analysis = MultipleImputation(Stream(2), n_imputations=3)
    together = analysis.estimate(data, CONTRAST)
    alone = analysis.estimate(data.rows(slice(4, 5)), CONTRAST)
    np.testing.assert_allclose(alone.effect, together.effect[4], rtol=1e-10)
    other = MultipleImputation(Stream(3), n_imputations=3).estimate(data, CONTRAST)
    assert (other.effect != together.effect).all()


def test_strata_and_arms_of_other_replicates_change_no_draw() -> None:
    data = trial(10, n_replicates=3, n_patients=60)
    stratum = np.broadcast_to(np.arange(60) % 5, data.arm.shape).copy()
    stratum[1] = 1 + np.arange(60) % 3
    arm = data.arm.copy()
    arm[0, ::7] = 2
    mixed = LongitudinalData(data.outcome, arm, data.baseline, stratum)
    analysis = MultipleImputation(Stream(2), n_imputations=3)
    together = analysis.estimate(mixed, CONTRAST)
    alone = analysis.estimate(mixed.rows(slice(1, 2)), CONTRAST)
    np.testing.assert_allclose(alone.effect, together.effect[1], rtol=1e-9)


def test_a_replicate_with_too_few_to_impute_from_is_named() -> None:
    data = trial(9, n_replicates=3, n_patients=30)
    outcome = data.outcome.copy()
    outcome[0, data.arm[0] == 1, 2] = np.nan
    broken = LongitudinalData(outcome, data.arm, data.baseline)
    estimate = MultipleImputation(Stream(2)).estimate(broken, CONTRAST)
    assert estimate.estimability[0] == Estimability.TOO_FEW
    assert estimate.p_value_one_sided[0] == 1.0
    assert estimate.estimated[1:].all()


@pytest.mark.parametrize(
    ("arguments", "named"), [({"n_imputations": 1}, "n_imputations"), ({"delta": np.inf}, "delta")]
)
def test_malformed_settings_are_refused(arguments: dict[str, float], named: str) -> None:
    with pytest.raises(InputError, match=named):
        MultipleImputation(Stream(1), **arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="largest"):
        MultipleImputation(Stream(1)).tipping_point(trial(1, 1, 20), CONTRAST, 0.025, 0.0)
