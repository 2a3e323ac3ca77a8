"""Reweighting draws finds what a new fit would, where that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.gaussian import linear_update
from calor.calibration.problem import log_prior
from calor.calibration.sensitivity import power_scaling, without_each_study
from tests.calibration.linear_problem import (
    EXACT,
    JACOBIAN,
    OBSERVATIONS,
    OBSERVED,
    OFFSET,
    SCORES,
    STREAM,
    TARGETS,
    VARIANCE,
)

DRAWS = 40_000
POINTS = EXACT.points(STREAM.child("draws").normals(DRAWS, SCORES))
SHARES = np.full(DRAWS, 1 / DRAWS)
SUMMARIES = OFFSET + POINTS @ JACOBIAN.T
TERMS = OBSERVATIONS.log_likelihoods(SUMMARIES, np.zeros(TARGETS))
STUDIES = ("a", "a", "b", "c", "d")
PREDICTION = POINTS @ (np.ones(SCORES) / SCORES)


def test_terms_add_up_to_the_likelihood() -> None:
    whole = OBSERVATIONS.log_likelihood(SUMMARIES[:50], np.zeros(TARGETS))
    assert TERMS[:50].sum(axis=1) == pytest.approx(whole)


def test_leaving_out_a_study_is_the_posterior_without_it() -> None:
    found = {each.study: each for each in without_each_study(PREDICTION, SHARES, TERMS, STUDIES)}
    for study in "abcd":
        rest = [place for place, name in enumerate(STUDIES) if name != study]
        exact = linear_update(JACOBIAN[rest], OFFSET[rest], OBSERVED[rest], VARIANCE[rest])
        spread = np.sqrt(np.diag(exact.covariance)).mean()
        error = 6 * spread / np.sqrt(found[study].effective_size)
        change = found[study].change
        assert change is not None
        assert change == pytest.approx(exact.mean.mean() - SHARES @ PREDICTION, abs=error)


def test_a_study_that_cannot_be_taken_out_of_the_draws_is_said_to_be() -> None:
    heavy = TERMS.copy()
    heavy[0, 4] = -40.0
    found = {
        each.study: each
        for each in without_each_study(PREDICTION[:50], np.full(50, 0.02), heavy[:50], STUDIES)
    }
    assert found["d"].change is None
    assert found["d"].effective_size < 20


def test_power_scaling_is_the_derivative() -> None:
    step = 0.05
    exact = [
        linear_update(JACOBIAN, OFFSET, OBSERVED, VARIANCE / power).mean.mean()
        for power in (2**-step, 2**step)
    ]
    slope = (exact[1] - exact[0]) / (2 * step)
    found = power_scaling(PREDICTION, SHARES, TERMS.sum(axis=1)) * PREDICTION.std()
    assert found == pytest.approx(slope, abs=0.05 * PREDICTION.std())


def test_prior_and_likelihood_pull_a_linear_prediction_against_each_other() -> None:
    prior = power_scaling(PREDICTION, SHARES, log_prior(POINTS))
    likelihood = power_scaling(PREDICTION, SHARES, TERMS.sum(axis=1))
    assert prior == pytest.approx(-likelihood, abs=0.1)
