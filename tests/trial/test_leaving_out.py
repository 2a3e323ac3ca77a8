"""A statistic that cannot be had drops out alone, with the reason; the others stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.progress import Silent
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.results.corners import error_at_corners, unknown_corners, worst_of
from calor.trial.results.leaving_out import had_or_reason
from calor.trial.results.prediction import predict
from calor.trial.results.subgroups import subgroup_effects
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

ENDPOINT = "endpoint: {variable: pain-diary, from_day: 8, to_day: 10%s}\n"
PARALLEL = "design: {type: parallel}\npatients: 12\n" + ENDPOINT % "" + "analysis: {method: ancova}\n"
ONE = np.ones(1)


def test_what_fails_gives_its_reason_and_what_succeeds_itself() -> None:
    def fails() -> int:
        raise InputError.of("nobody is left", key="patients")

    def has_no_solution() -> int:
        np.linalg.inv(np.zeros((2, 2)))
        return 1

    assert had_or_reason("the number", lambda: 3) == (3, ())
    assert had_or_reason("the number", fails) == (None, ("the number cannot be had: nobody is left",))
    nothing, (reason,) = had_or_reason("the number", has_no_solution)
    assert nothing is None
    assert "no solution" in reason


def losing(bank: Bank, low: float, high: float) -> Bank:
    """Return a bank whose patients are lost at either of two rates."""
    return replace(bank, loss_per_day=np.repeat([low, high], len(bank.baseline) // 2))


def test_a_corner_at_which_no_trial_has_an_estimate_has_no_error() -> None:
    trial = protocol(PARALLEL)
    bank = losing(bank_of(trial), 0.0, 5.0)
    corners = error_at_corners(prepared(trial, bank, RunSettings(replicates=200)), Silent())
    assert [corner.known for corner in corners] == [True, False]
    assert worst_of(corners) is corners[0]
    assert unknown_corners(corners) == (
        "the type I error cannot be had at 1 of 2 corners: no simulated trial gave an estimate there",
    )
    assert unknown_corners(corners[:1]) == ()


THREE = """\
id: made-up
title: Made up
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
arms: [{name: cure}, {name: some}, {name: placebo}]
control: placebo
design: {type: parallel}
patients: 60
"""


def test_a_contrast_without_estimates_leaves_the_others() -> None:
    trial = protocol(THREE + ENDPOINT % "" + "analysis: {method: t-test}\n", "")
    bank = bank_of(trial, {"cure": -2.0, "some": -1.0})
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(100, Silent())
    effects = replicates.effects.copy()
    effects[:, 0] = np.nan
    replicates = replace(replicates, effects=effects)
    found = predict(prepared(trial, bank), truth_of(plan_of(trial), bank, 1), replicates)
    assert [contrast.trial_result_interval is None for contrast in found.contrasts] == [True, False]
    (reason,) = found.without_trial_result
    assert reason.startswith("the trial result of cure minus placebo cannot be had")


def test_what_nobody_measured_is_not_zero() -> None:
    trial = protocol(PARALLEL)
    bank = losing(bank_of(trial, n_cells=2), 0.0, 5.0)
    replicates = ReplicateSimulator(plan_of(trial), bank, 3, ONE).run(100, Silent())
    measured = replicates.cells == 0
    assert np.isfinite(replicates.endpoint_mean[measured]).all()
    assert np.isnan(replicates.endpoint_mean[~measured]).all()
    found = predict(prepared(trial, bank), truth_of(plan_of(trial), bank, 1), replicates)
    assert found.arms[0].endpoint_mean == pytest.approx(bank.pain[0, :200].mean(), abs=0.2)


def test_a_subgroup_of_nobody_is_left_out_by_name() -> None:
    trial = protocol(PARALLEL)
    bank = bank_of(trial)
    bank = replace(bank, covariates={**bank.covariates, Covariate.DURATION: np.full(400, 24.0)})
    shown, left_out = subgroup_effects(bank, truth_of(plan_of(trial), bank, 1), ONE)
    assert [(each.words, each.reason) for each in left_out] == [
        ("up to 12 months", "holds 0.0% of the patients"),
        ("beyond 12 months", "holds 100.0% of the patients"),
    ]
    assert len(shown) == 6
