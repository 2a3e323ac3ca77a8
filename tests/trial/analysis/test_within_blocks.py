"""Blocks of consecutive patients as strata: the numbers of the analysis of covariance with a factor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.trial.analysis import Ancova, Contrast, Estimability, ParallelData
from calor.trial.analysis.within_blocks import estimates_within_blocks

STARTS = (0, 12, 20, 26)
CONTRASTS = (Contrast(1, 0), Contrast(2, 0))


def three_arms(baseline: bool = True) -> ParallelData:
    stream, shape = Stream(5), (40, 30)
    outcome = 5.0 + stream.child("outcome").normals(*shape)
    outcome[stream.child("missing").uniforms(*shape) < 0.2] = np.nan
    arm = (3 * stream.child("arm").uniforms(*shape)).astype(np.int64)
    stratum = np.broadcast_to(np.searchsorted(STARTS, np.arange(30), side="right"), shape)
    return ParallelData(outcome, arm, stream.child("baseline").normals(*shape) if baseline else None, stratum)


def test_estimates_are_those_of_the_analysis_of_covariance_with_strata() -> None:
    data = three_arms()
    for contrast, found in zip(CONTRASTS, estimates_within_blocks(data, STARTS, CONTRASTS), strict=True):
        expected = Ancova().estimate(data, contrast)
        assert expected.estimated.sum() > 35
        for name in ("effect", "standard_error", "degrees_of_freedom", "p_value_one_sided", "lower", "upper"):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, err_msg=name)


def test_without_a_baseline_two_arms_are_compared_block_by_block() -> None:
    """Each block's difference weighs n1 n0 / (n1 + n0): the least-squares estimate of a two-way layout."""
    arm = np.array([[0, 0, 1, 1, 1, 0, 1, 0]])
    outcome = np.array([[1.0, 3.0, 2.0, 5.0, 9.0, 8.0, 8.0, 4.0]])
    (found,) = estimates_within_blocks(ParallelData(outcome, arm), (0, 5), (Contrast(1, 0),))
    first, second = (2.0 + 5.0 + 9.0) / 3 - 2.0, 8.0 - 6.0
    weights = np.array([3 * 2 / 5, 1 * 2 / 3])
    assert found.effect[0] == pytest.approx(weights @ [first, second] / weights.sum(), rel=1e-12)
    assert found.degrees_of_freedom[0] == 8 - 2 - 1


def test_blocks_of_one_arm_alone_tell_nothing() -> None:
    data = ParallelData(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[0, 0, 1, 1]]))
    (found,) = estimates_within_blocks(data, (0, 2), (Contrast(1, 0),))
    assert found.estimability[0] == Estimability.TOO_FEW
    assert found.p_value_one_sided[0] == 1


def test_an_empty_block_costs_no_degree_of_freedom() -> None:
    data = three_arms(baseline=False)
    nobody = data.arm.copy()
    nobody[:, 12:20] = -1
    (found,) = estimates_within_blocks(replace(data, arm=nobody), STARTS, CONTRASTS[:1])
    expected = Ancova().estimate(replace(data, arm=nobody, baseline=np.zeros(nobody.shape)), CONTRASTS[0])
    np.testing.assert_allclose(found.degrees_of_freedom, expected.degrees_of_freedom)
