"""A claim's quantities against what was put into a made-up bank, and free of the noise of finite patients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.model.rivals import load_rivals
from calor.study import Covariate, Subgroup
from calor.trial.bank.bank import Cell
from calor.trial.claims.quantities import Known, cell_values
from calor.trial.claims.questions import (
    Effect,
    Explanation,
    Interaction,
    Quantity,
    ShareHelped,
    load_questions,
    protocol_of,
    with_endpoint,
)
from calor.trial.protocols.plan import plan_of
from calor.trial.results.truth import Truth, truth_of
from tests.trial.made_up import bank_of, protocol

TRIAL = """\
design: {type: parallel}
patients: 40
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: t-test}
"""
THREE = """\
id: made-up
title: Made up
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
arms: [{name: active}, {name: other}, {name: placebo}]
control: placebo
"""
EFFECT = Effect(kind="effect", asks="pain", arm="active", at_least=0.5)
RIVALS = load_rivals()


def known(effects: dict[str, float], subgroup_effect: float = 0.0, base: str = THREE) -> Known:
    trial = protocol(TRIAL, base)
    bank = bank_of(trial, effects, n=800, n_cells=4, subgroup_effect=subgroup_effect)
    cells = tuple(replace(cell, rival=index % 2) for index, cell in enumerate(bank.cells))
    bank = replace(bank, cells=cells)
    weights = np.array([0.8, 0.2, 0, 0, 0, 0])
    return Known(bank, truth_of(plan_of(trial), bank, seed=1), RIVALS, weights)


def test_an_effect_and_a_contrast_of_two_arms() -> None:
    trial = known({"active": -1.0, "other": -0.4})
    assert cell_values(EFFECT, trial).mean == pytest.approx(-1.0, abs=0.05)
    against = EFFECT.model_copy(update={"minus": "other"})
    assert cell_values(against, trial).mean == pytest.approx(-0.6, abs=0.05)


def test_an_interaction_is_the_gain_in_the_subgroup_over_the_rest() -> None:
    asked = Interaction(
        kind="interaction", asks="more", arm="active", at_least=0.2,
        more_in=Subgroup(by=Covariate.DURATION, below=12),
    )  # fmt: skip
    assert cell_values(asked, known({"active": -1.0}, subgroup_effect=-0.5)).mean == pytest.approx(
        -0.5, abs=0.05
    )


def test_the_share_that_is_helped_counts_patients_and_not_means() -> None:
    trial = known({"active": -1.0})
    levels = trial.truth.levels.copy()
    levels[0] = levels[2] - np.where(np.arange(levels.shape[1]) % 4 == 0, 2.0, 0.0)
    asked = ShareHelped(kind="share-helped", asks="helped", arm="active", by=1, at_least=0.1)
    one = replace(trial, truth=Truth(trial.plan, levels))
    assert cell_values(asked, one).values == pytest.approx(0.25)


def test_an_explanation_has_the_weight_of_its_rivals() -> None:
    trial = known({})
    names = [[answer.name for answer in rival.answers] for rival in RIVALS]
    assert names[0] == ["central", "igg"]
    asked = Explanation(
        kind="explanation", asks="IgG", question="antibody", answers=("igg",), at_least=0.5
    )  # fmt: skip
    assert cell_values(asked, trial).mean == pytest.approx(0.8)


def test_the_variance_is_that_of_worlds_and_not_of_patients() -> None:
    """Worlds with SD 0.3 and 40 patients each with SD 1: the plain variance is 0.09 + 1 / 40, ours 0.09."""
    generator = np.random.default_rng(3)
    trial = known({})
    n_cells, size = 4000, 40
    effect = np.repeat(generator.normal(-1, 0.3, n_cells), size) + generator.normal(size=n_cells * size)
    levels = np.stack([effect, np.zeros_like(effect), np.zeros_like(effect)])
    cells = tuple(Cell(0, world, world * size, (world + 1) * size) for world in range(n_cells))
    bank = replace(trial.bank, cells=cells, baseline=np.zeros(len(effect)))
    found = cell_values(EFFECT, Known(bank, Truth(trial.plan, levels), RIVALS, np.ones(6)))
    assert found.variance == pytest.approx(0.09, abs=0.01)
    assert np.var(found.values) == pytest.approx(0.09 + 1 / 40, abs=0.01)


@pytest.mark.parametrize("claim", sorted(load_questions()))
def test_what_is_asked_fits_the_claim_s_trial(claim: str) -> None:
    trial = protocol_of(claim)
    names = {arm.name for arm in trial.arms}
    answers = {answer.name for rival in RIVALS for answer in rival.answers}
    for part in load_questions()[claim].parts:
        assert isinstance(part, Quantity)
        assert with_endpoint(trial, part.endpoint).endpoint == (part.endpoint or trial.endpoint)
        if isinstance(part, Explanation):
            assert set(part.answers) <= answers
        else:
            assert part.arm in names - {trial.control_name}
        if isinstance(part, Effect) and part.minus is not None:
            assert part.minus in names


def test_there_is_a_question_for_every_claim() -> None:
    assert set(load_questions()) == {f"S{number}" for number in range(1, 11)}
