"""Properties of the t test, ANCOVA and the crossover that hold whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import (
    Ancova,
    Contrast,
    CrossoverData,
    CrossoverT,
    Direction,
    Estimability,
    ParallelData,
    TwoSampleT,
)

LESS = Contrast()


def parallel(seed: int, n_replicates: int = 5, n_patients: int = 20, n_arms: int = 2) -> ParallelData:
    stream = Stream(seed)
    baseline = 6.5 + stream.child("baseline").normals(n_replicates, n_patients)
    noise = stream.child("noise").normals(n_replicates, n_patients)
    order = stream.child("order").uniforms(n_replicates, n_patients).argsort(axis=1)
    return ParallelData(0.5 * baseline + noise, order % n_arms, baseline)


def crossover(seed: int, n_replicates: int = 5, n_patients: int = 20) -> CrossoverData:
    outcome = Stream(seed).normals(n_replicates, 2 * n_patients).reshape(n_replicates, n_patients, 2)
    first = Stream(seed, ("order",)).uniforms(n_replicates, n_patients).argsort(axis=1) % 2
    return CrossoverData(outcome, np.stack([first, 1 - first], axis=2))


@given(st.integers(0, 10**6))
def test_ancova_without_baseline_variation_is_the_t_test(seed: int) -> None:
    data = parallel(seed)
    flat = ParallelData(data.outcome, data.arm, np.full_like(data.outcome, 7.0))
    adjusted, plain = Ancova().estimate(flat, LESS), TwoSampleT().estimate(flat, LESS)
    np.testing.assert_allclose(adjusted.effect, plain.effect, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(adjusted.p_value_one_sided, plain.p_value_one_sided, rtol=1e-9)
    np.testing.assert_array_equal(adjusted.degrees_of_freedom, plain.degrees_of_freedom)


@given(st.integers(0, 10**6), st.floats(-5, 5))
def test_ancova_recovers_an_effect_added_to_one_arm(seed: int, effect: float) -> None:
    data = parallel(seed, n_arms=3)
    moved = ParallelData(data.outcome + effect * (data.arm == 2), data.arm, data.baseline)
    contrast = Contrast(active=2)
    before, after = Ancova().estimate(data, contrast), Ancova().estimate(moved, contrast)
    np.testing.assert_allclose(after.effect - before.effect, effect, atol=1e-9)
    np.testing.assert_allclose(after.standard_error, before.standard_error, rtol=1e-8)


@given(st.integers(0, 10**6), st.floats(-3, 3))
def test_period_effect_does_not_move_the_crossover_effect(seed: int, period: float) -> None:
    data = crossover(seed)
    moved = CrossoverData(data.outcome + np.array([0.0, period]), data.treatment)
    before, after = CrossoverT().estimate(data, LESS), CrossoverT().estimate(moved, LESS)
    np.testing.assert_allclose(after.effect, before.effect, atol=1e-12)
    shift = CrossoverT().period_effect(moved, LESS).effect - CrossoverT().period_effect(data, LESS).effect
    np.testing.assert_allclose(shift, period, atol=1e-12)


def test_crossover_carry_over_shows_what_the_active_first_patients_keep() -> None:
    data = crossover(3)
    kept = (data.treatment[:, :, :1] == 1) * np.array([0.0, -1.5])
    before = CrossoverT().carry_over(data, LESS).effect
    after = CrossoverT().carry_over(CrossoverData(data.outcome + kept, data.treatment), LESS).effect
    np.testing.assert_allclose(after - before, -1.5)


def test_direction_says_which_tail_counts() -> None:
    data = parallel(11)
    less = TwoSampleT().estimate(data, LESS)
    greater = TwoSampleT().estimate(data, Contrast(direction=Direction.GREATER))
    np.testing.assert_allclose(less.p_value_one_sided + greater.p_value_one_sided, 1.0)
    np.testing.assert_allclose(
        less.p_value_two_sided, 2 * np.minimum(less.p_value_one_sided, greater.p_value_one_sided)
    )
    np.testing.assert_allclose(less.z, -greater.z)
    np.testing.assert_allclose(ndtr(-less.z), less.p_value_one_sided)


def test_patients_who_were_not_randomised_do_not_count() -> None:
    data = parallel(4)
    arm = np.concatenate([data.arm, np.full((5, 3), -1)], axis=1)
    outcome = np.concatenate([data.outcome, np.full((5, 3), 99.0)], axis=1)
    assert data.baseline is not None
    baseline = np.concatenate([data.baseline, np.full((5, 3), 99.0)], axis=1)
    for estimator in (Ancova(), TwoSampleT()):
        wide = estimator.estimate(ParallelData(outcome, arm, baseline), LESS)
        np.testing.assert_allclose(wide.effect, estimator.estimate(data, LESS).effect, rtol=1e-10)


@pytest.mark.parametrize("estimator", [Ancova(), TwoSampleT()])
def test_an_empty_arm_is_named_and_not_significant(estimator: Ancova | TwoSampleT) -> None:
    data = parallel(5)
    outcome = data.outcome.copy()
    outcome[0, data.arm[0] == 1] = np.nan
    estimate = estimator.estimate(ParallelData(outcome, data.arm, data.baseline), LESS)
    assert estimate.estimability[0] == Estimability.TOO_FEW
    assert np.isnan(estimate.effect[0])
    assert estimate.p_value_one_sided[0] == estimate.p_value_two_sided[0] == 1.0
    assert (estimate.lower[0], estimate.upper[0]) == (-np.inf, np.inf)
    assert estimate.estimated[1:].all()


def test_a_stratum_that_only_some_replicates_have_is_allowed() -> None:
    data = parallel(6)
    stratum = np.arange(20)[None, :] % 3 * np.ones((5, 1), dtype=np.int64)
    stratum[0] = 2
    mixed = ParallelData(data.outcome, data.arm, data.baseline, stratum)
    plain = Ancova().estimate(data, LESS)
    adjusted = Ancova().estimate(mixed, LESS)
    np.testing.assert_allclose(adjusted.effect[0], plain.effect[0])
    np.testing.assert_array_equal(adjusted.degrees_of_freedom, [17, 15, 15, 15, 15])


def test_ancova_without_baseline_is_refused() -> None:
    data = parallel(7)
    with pytest.raises(InputError, match="baseline"):
        Ancova().estimate(ParallelData(data.outcome, data.arm), LESS)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: ParallelData(np.zeros((2, 3, 1)), np.zeros((2, 3), dtype=int)), "outcome"),
        (lambda: ParallelData(np.zeros((2, 3)), np.zeros((2, 4), dtype=int)), "arm"),
        (lambda: ParallelData(np.zeros((2, 3)), np.full((2, 3), -2)), "arm"),
        (lambda: ParallelData(np.zeros((2, 3)), np.zeros((2, 3))), "arm"),
        (lambda: ParallelData(np.full((2, 3), np.inf), np.zeros((2, 3), dtype=int)), "outcome"),
        (lambda: CrossoverData(np.zeros((2, 3, 2)), np.zeros((2, 3, 3), dtype=int)), "treatment"),
        (lambda: Contrast(active=0, control=0), "contrast"),
        (lambda: Contrast(confidence=95), "confidence"),
    ],
)
def test_malformed_data_are_refused_by_name(make: object, named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()  # type: ignore[operator]


def test_a_crossover_of_three_periods_is_refused() -> None:
    data = CrossoverData(np.zeros((1, 4, 3)), np.zeros((1, 4, 3), dtype=int))
    with pytest.raises(InputError, match="3 periods"):
        CrossoverT().estimate(data, LESS)
