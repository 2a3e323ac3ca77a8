"""One suite for every estimator: what holds whatever the model, and error rates within Monte Carlo error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.trial import analysis
from calor.trial.analysis import (
    Ancova,
    Assumption,
    Bayesian,
    Contrast,
    CrossoverData,
    Direction,
    Estimability,
    Estimate,
    LongitudinalData,
    MultipleImputation,
    NormalPrior,
    ParallelData,
)
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.methods import methods

Data = ParallelData | LongitudinalData | CrossoverData
ARRAYS = (
    *("effect", "standard_error", "degrees_of_freedom", "lower", "upper"),
    *("p_value_one_sided", "p_value_two_sided"),
)


def parallel(seed: int, n_replicates: int, n_patients: int, missing: float) -> ParallelData:
    stream = Stream(seed)
    baseline = 6.5 + 1.2 * stream.child("baseline").normals(n_replicates, n_patients)
    outcome = 0.6 * baseline + 1.5 * stream.child("noise").normals(n_replicates, n_patients)
    outcome[stream.child("missing").uniforms(n_replicates, n_patients) < missing] = np.nan
    order = stream.child("order").uniforms(n_replicates, n_patients).argsort(axis=1)
    return ParallelData(outcome, order % 2, baseline)


def responders(seed: int, n_replicates: int, n_patients: int, missing: float) -> ParallelData:
    data = parallel(seed, n_replicates, n_patients, missing)
    return replace(data, outcome=np.where(np.isnan(data.outcome), np.nan, data.outcome < 3.5))


def longitudinal(seed: int, n_replicates: int, n_patients: int, missing: float) -> LongitudinalData:
    """Return three visits; patients leave at random given the pain they last reported."""
    first = parallel(seed, n_replicates, n_patients, 0.0)
    assert first.baseline is not None
    stream = Stream(seed, ("visits",))
    noise = stream.child("noise").normals(n_replicates, n_patients * 4).reshape(n_replicates, n_patients, 4)
    outcome = 0.6 * first.baseline[..., None] + noise[..., 1:] + 0.9 * noise[..., :1]
    chance = stream.child("leaving").uniforms(n_replicates, n_patients * 2)
    for visit in (1, 2):
        pain = np.clip(outcome[:, :, visit - 1] / 4, 0.2, 2.0)
        left = np.isnan(pain) | (chance[:, (visit - 1) * n_patients : visit * n_patients] < missing * pain)
        outcome[:, :, visit][left] = np.nan
    return LongitudinalData(outcome, first.arm, first.baseline)


def crossover(seed: int, n_replicates: int, n_patients: int, missing: float) -> CrossoverData:
    first = parallel(seed, n_replicates, n_patients, 0.0)
    assert first.baseline is not None
    noise = Stream(seed, ("periods",)).normals(n_replicates, n_patients * 2)
    outcome = first.baseline[..., None] + noise.reshape(n_replicates, n_patients, 2)
    left = Stream(seed, ("leaving",)).uniforms(n_replicates, n_patients) < missing
    outcome[:, :, 1][left] = np.nan
    return CrossoverData(outcome, np.stack([first.arm, 1 - first.arm], axis=2))


def cycles(seed: int, n_replicates: int, n_patients: int, missing: float) -> CrossoverData:
    """Return three cycles of two periods, whose orders differ from cycle to cycle."""
    parts = [crossover(seed + 100 * cycle, n_replicates, n_patients, missing) for cycle in range(3)]
    return CrossoverData(
        np.concatenate([part.outcome for part in parts], axis=2),
        np.concatenate([part.treatment for part in parts], axis=2),
    )


@dataclass(frozen=True)
class Case:
    """An estimator with its kind of data, and which of the contracts are exact for it.

    `moves`: adding to one arm's outcomes moves the effect by as much. `keyed`: random draws are keyed by
    place, so that reordering changes them. `conservative`: its error rates stay below nominal.
    """

    estimator: Any
    make: Callable[[int, int, int, float], Data]
    moves: bool = True
    binary: bool = False
    keyed: bool = False
    conservative: bool = False
    n_patients: int = 24


MADE_OF: dict[Reads, Callable[[int, int, int, float], Data]] = {
    Reads.ENDPOINT: parallel,
    Reads.VISITS: longitudinal,
    Reads.PERIODS: crossover,
}
"""Data of each kind; pairs, sites and times have suites of their own (tests/trial/analysis/test_win_ratio.py,
tests/trial/test_sites.py, tests/trial/analysis/test_survival.py)."""

SUITES_OF_THEIR_OWN = (Reads.PAIRS, Reads.SITES, Reads.TIMES)


def case_of(method: Method) -> Case:
    """Return the case of an analysis that a protocol can name, by what it says of itself."""
    if method.responders:
        return Case(method.estimator, responders, moves=False, binary=True, n_patients=200)
    if method.individuals is not None:
        return Case(method.estimator, cycles, conservative="bayesian" in method.name)
    size = 40 if method.reads is Reads.VISITS else 24
    return Case(method.estimator, MADE_OF[method.reads], n_patients=size)


CASES = {name: case_of(method) for name, method in methods().items() if method.reads in MADE_OF} | {
    "Bayesian": Case(
        Bayesian(NormalPrior.robust(0.0, 50.0, weight=0.5, vague_sd=100.0), Ancova()),
        parallel, moves=False, n_patients=200,
    ),
    "imputation at random": Case(
        MultipleImputation(Stream(9), n_imputations=10), longitudinal, keyed=True, n_patients=40
    ),
    "imputation by jump to reference": Case(
        MultipleImputation(Stream(9), Assumption.JUMP_TO_REFERENCE, n_imputations=10),
        longitudinal, moves=False, keyed=True, conservative=True, n_patients=40,
    ),
}  # fmt: skip


def test_every_estimator_in_the_folder_can_be_named_or_wraps_one_that_can() -> None:
    """An estimator is a class that says what it does with missing data; none may lie there unregistered."""
    found = {
        kind
        for module in iter_modules(analysis.__path__, f"{analysis.__name__}.")
        for kind in vars(import_module(module.name)).values()
        if isinstance(kind, type)
        and hasattr(kind, "missing_data")
        and not getattr(kind, "_is_protocol", False)
    }
    named = {type(method.estimator) for method in methods().values()}
    assert found == named | {Bayesian, MultipleImputation}
    tried = {type(case.estimator) for case in CASES.values()}
    assert found - tried == {
        type(each.estimator) for each in methods().values() if each.reads in SUITES_OF_THEIR_OWN
    }


LESS, GREATER = Contrast(), Contrast(direction=Direction.GREATER)
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def few(case: Case, missing: float = 0.12) -> Data:
    return case.make(1, 5, case.n_patients, missing)


def arms(data: Data) -> np.ndarray[Any, Any]:
    return data.treatment if isinstance(data, CrossoverData) else data.arm


def with_arms(data: Data, codes: np.ndarray[Any, Any]) -> Data:
    return replace(data, **{"treatment" if isinstance(data, CrossoverData) else "arm": codes})


def taken(data: Data, replicates: slice, patients: np.ndarray[Any, Any] | slice) -> Data:
    """Return some replicates, with patients in another order."""
    fields = {
        name: None if values is None else values[replicates][:, patients]
        for name, values in vars(data).items()
        if name != "identifiers"
    }
    return type(data)(**fields)


def assert_same(one: Estimate, other: Estimate, tolerance: float = 1e-7) -> None:
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=tolerance, atol=tolerance, err_msg=name
        )
    np.testing.assert_array_equal(one.estimability, other.estimability)


@every_case
def test_a_shift_of_every_outcome_changes_nothing(case: Case) -> None:
    if case.binary:
        pytest.skip("a responder is 0 or 1")
    data = few(case)
    shifted = replace(data, outcome=data.outcome + 3.25)
    assert_same(case.estimator.estimate(shifted, LESS), case.estimator.estimate(data, LESS))


@every_case
def test_a_shift_of_one_arm_moves_the_effect_by_as_much(case: Case) -> None:
    if not case.moves:
        pytest.skip("a prior, the control arm or the 0-1 scale holds the effect back")
    data = few(case)
    active = arms(data) == 1
    if isinstance(data, LongitudinalData):
        active = np.broadcast_to(active[:, :, None], data.outcome.shape)
    moved = case.estimator.estimate(replace(data, outcome=data.outcome - 0.75 * active), LESS)
    before = case.estimator.estimate(data, LESS)
    np.testing.assert_allclose(moved.effect, before.effect - 0.75, atol=1e-6)
    np.testing.assert_allclose(moved.standard_error, before.standard_error, rtol=1e-6)


@every_case
def test_swapping_the_arms_turns_the_sign(case: Case) -> None:
    data = few(case)
    one = case.estimator.estimate(data, LESS)
    other = case.estimator.estimate(with_arms(data, 1 - arms(data)), LESS)
    if case.conservative:
        pytest.skip("the reference arm is another one")
    if case.keyed:
        assert (np.abs(one.effect + other.effect) < 0.5 * one.standard_error).all()
        return
    np.testing.assert_allclose(other.effect, -one.effect, atol=1e-7)
    np.testing.assert_allclose(other.lower, -one.upper, atol=1e-6)
    np.testing.assert_allclose(other.p_value_one_sided, 1 - one.p_value_one_sided, atol=1e-7)
    np.testing.assert_allclose(other.p_value_two_sided, one.p_value_two_sided, rtol=1e-5)


@every_case
def test_the_other_direction_has_the_other_tail(case: Case) -> None:
    data = few(case)
    less, greater = (case.estimator.estimate(data, contrast) for contrast in (LESS, GREATER))
    np.testing.assert_allclose(less.p_value_one_sided + greater.p_value_one_sided, 1.0, atol=1e-12)
    tails = np.minimum(less.p_value_one_sided, greater.p_value_one_sided)
    np.testing.assert_allclose(less.p_value_two_sided, 2 * tails, rtol=1e-9)


@every_case
def test_the_order_of_patients_does_not_matter(case: Case) -> None:
    data = few(case)
    order = Stream(4).uniforms(1, case.n_patients)[0].argsort()
    one = case.estimator.estimate(data, LESS)
    other = case.estimator.estimate(taken(data, slice(None), order), LESS)
    if case.keyed:
        assert (np.abs(one.effect - other.effect) < 0.5 * one.standard_error).all()
        return
    assert_same(other, one)


@every_case
def test_replicates_do_not_influence_each_other(case: Case) -> None:
    data = few(case)
    together = case.estimator.estimate(data, LESS)
    for row in range(5):
        part = taken(data, slice(row, row + 1), slice(None))
        if isinstance(part, LongitudinalData):
            part = replace(part, identifiers=np.array([row]))
        alone = case.estimator.estimate(part, LESS)
        for name in ARRAYS:
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[row], rtol=1e-6)


@every_case
def test_arms_and_strata_of_other_replicates_change_nothing(case: Case) -> None:
    data = few(case)
    codes = arms(data).copy()
    codes[0, ::6] = 2
    mixed = with_arms(data, codes)
    if not isinstance(mixed, CrossoverData):
        stratum = np.broadcast_to(np.arange(case.n_patients) % 4, mixed.arm.shape).copy()
        stratum[1] = 1 + np.arange(case.n_patients) % 2
        mixed = replace(mixed, stratum=stratum)
    alone = taken(mixed, slice(1, 2), slice(None))
    if isinstance(alone, LongitudinalData):
        alone = replace(alone, identifiers=np.array([1]))
    together, single = (case.estimator.estimate(part, LESS) for part in (mixed, alone))
    assert single.estimated.all()
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(together, name)[1], getattr(single, name)[0], rtol=1e-6)


@every_case
def test_the_answer_has_one_number_a_replicate_and_no_nan(case: Case) -> None:
    estimate = case.estimator.estimate(few(case), LESS)
    assert estimate.estimated.all()
    for name in ARRAYS:
        assert getattr(estimate, name).shape == (5,)
        assert not np.isnan(getattr(estimate, name)).any()
    assert (estimate.lower < estimate.effect).all()
    assert (estimate.effect < estimate.upper).all()


@every_case
def test_missing_data_are_handled_as_stated(case: Case) -> None:
    stated = case.estimator.missing_data
    assert len(stated) > 20
    if "complete cases" not in stated:
        return
    data = few(case, missing=0.3)
    lost = np.isnan(data.outcome)
    if isinstance(data, CrossoverData):
        lost = np.broadcast_to(lost.any(axis=2, keepdims=True), lost.shape)
    without = with_arms(data, np.where(lost, -1, arms(data)))
    assert_same(case.estimator.estimate(without, LESS), case.estimator.estimate(data, LESS))


@every_case
def test_outcomes_that_do_not_vary_are_named_and_never_significant(case: Case) -> None:
    data = few(case)
    active = arms(data) == 1
    if isinstance(data, LongitudinalData):
        active = np.broadcast_to(active[:, :, None], data.outcome.shape)
    flat = case.binary or case.conservative  # a jump to the reference varies where the arms differ
    level = np.zeros_like(data.outcome) if flat else 5.0 - 0.7 * active
    constant = replace(data, outcome=np.where(np.isnan(data.outcome), np.nan, level))
    estimate = case.estimator.estimate(constant, LESS)
    assert not estimate.estimated.any()
    assert (estimate.p_value_one_sided == 1).all()
    assert (estimate.p_value_two_sided == 1).all()
    assert not np.isnan(estimate.lower).any()


@every_case
def test_a_replicate_without_outcomes_is_named(case: Case) -> None:
    data = few(case)
    outcome = data.outcome.copy()
    outcome[2] = np.nan
    estimate = case.estimator.estimate(replace(data, outcome=outcome), LESS)
    assert estimate.estimability[2] == Estimability.TOO_FEW
    assert estimate.p_value_one_sided[2] == 1
    assert (estimate.lower[2], estimate.upper[2]) == (-np.inf, np.inf)
    np.testing.assert_array_equal(np.delete(estimate.estimability, 2), Estimability.ESTIMATED)


@every_case
def test_no_replicates_give_no_numbers(case: Case) -> None:
    estimate = case.estimator.estimate(taken(few(case), slice(0, 0), slice(None)), LESS)
    assert all(getattr(estimate, name).shape == (0,) for name in ARRAYS)


@every_case
def test_type_i_error_and_coverage_are_nominal(case: Case) -> None:
    n_replicates, level = 4000, 0.05
    data = case.make(7, n_replicates, case.n_patients, 0.12)
    contrast = Contrast(confidence=0.9)
    estimate = case.estimator.estimate(data, contrast)
    rejected = (estimate.p_value_one_sided <= level).mean()
    missed_low, missed_high = (estimate.lower > 0).mean(), (estimate.upper < 0).mean()
    tolerance = 4 * np.sqrt(level * (1 - level) / n_replicates)
    for rate in (rejected, missed_low, missed_high):
        assert rate < level + tolerance
        assert case.conservative or rate > level - tolerance


def ragged(case: Case, seed: int) -> Data:
    """Return small replicates with coarse scores, many missing, and places that nobody fills."""
    draws = Stream(seed, ("ragged",)).generator()
    data = case.make(seed, 4, int(draws.integers(3, 20)), float(draws.choice([0.0, 0.2, 0.6])))
    outcome = data.outcome if case.binary else np.round(np.clip(data.outcome - 3, 0, 10))
    if draws.random() < 0.3:
        outcome = np.where(draws.random(outcome.shape) < 0.5, np.nan, outcome)
    shape = arms(data).shape[:2]
    out = draws.random(shape) < 0.2
    codes = np.where(out.reshape(*shape, *[1] * (arms(data).ndim - 2)), -1, arms(data))
    return with_arms(replace(data, outcome=outcome), codes)


@every_case
def test_ragged_small_trials_are_estimated_or_named(case: Case) -> None:
    named = estimated = 0
    for seed in range(12):
        estimate = case.estimator.estimate(ragged(case, seed), LESS)
        kept = estimate.estimated
        estimated, named = estimated + kept.sum(), named + (~kept).sum()
        for name in ARRAYS:
            assert not np.isnan(getattr(estimate, name)[kept]).any(), name
        assert (estimate.standard_error[kept] > 0).all()
        assert (estimate.degrees_of_freedom[kept] > 0).all()
        assert (estimate.p_value_one_sided[~kept] == 1).all()
        assert not np.isnan(estimate.lower).any()
    assert named > 0
    assert estimated > 0
