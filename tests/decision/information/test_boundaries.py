"""What is not well formed is refused before anything is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.information import made_up_bank, treat_above
from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws, Study
from calor.decision.information.following import next_after
from calor.decision.information.partial import evppi, share_by_group
from calor.decision.information.preposterior import preposterior
from calor.decision.information.regression import share_by_regression
from calor.decision.information.resampling import resample
from calor.decision.information.reweighting import share_by_reweighting
from calor.decision.information.sample import evsi
from calor.decision.information.shares import share_of_variance
from calor.decision.information.updating import observe

BANK = made_up_bank(4, seed=1, each=5)
DRAWS, STUDY = BANK.draws, BANK.study("n", 0.2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantity": DRAWS.quantity[:, :1]}, "quantity: the shape is"),
        ({"quantity": np.full_like(DRAWS.quantity, np.nan)}, "quantity: not all numbers are finite"),
        ({"weights": np.full(30, 1.0)}, "sum to one"),
        ({"weights": np.r_[-0.5, np.full(29, 1.5 / 29)]}, "not negative"),
        ({"rival": np.full(30, 6)}, "index of its rival"),
        ({"parameters": ("one",)}, "scores: the shape is"),
    ],
)
def test_draws(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        replace(DRAWS, **change)


def test_studies() -> None:
    with pytest.raises(ValueError, match="sampling of n: the shape is"):
        replace(STUDY, sampling=np.ones((30, 2, 2)))
    with pytest.raises(ValueError, match="means of n: not all numbers are finite"):
        replace(STUDY, means=np.full((30, 2, 1), np.inf))
    with pytest.raises(ValueError, match="not positive definite"):
        preposterior(DRAWS, replace(STUDY, sampling=np.zeros((30, 1, 1))), seed=1)


def test_decisions() -> None:
    with pytest.raises(ValueError, match="two options"):
        Decision(("only",), np.zeros((30, 2, 1)))
    with pytest.raises(ValueError, match="finite"):
        Decision(("one", "other"), np.full((30, 2, 2), np.nan))
    decision = Decision(("one", "other"), np.zeros((30, 2, 2)))
    with pytest.raises(ValueError, match="unknown parameters: dose"):
        evppi(DRAWS, decision, ["potency", "dose"], resample(DRAWS, seed=1, count=2), seed=1)


@pytest.mark.parametrize("result", [[], [1.0, 2.0], [np.nan]])
def test_results(result) -> None:
    with pytest.raises(ValueError, match="needs 1 finite statistics"):
        observe(DRAWS, STUDY, np.array(result))


def test_a_rival_without_weight_says_nothing_and_harms_nothing() -> None:
    """Worlds of a rival that is ruled out change no figure."""
    without = replace(
        DRAWS,
        quantity=DRAWS.quantity[5:],
        rival=DRAWS.rival[5:],
        weights=np.full(25, 1 / 25),
        scores=DRAWS.scores[5:],
    )
    zero = DRAWS.weighted(np.r_[np.zeros(5), np.ones(25)])
    one = preposterior(without, replace(STUDY, means=STUDY.means[5:], sampling=STUDY.sampling[5:]), seed=1)
    other = preposterior(zero, STUDY, seed=1)
    assert np.all(other.weights[:, :5] == 0)
    assert len(other.source) == len(one.source) == 25
    assert isinstance(zero, Draws)
    assert isinstance(STUDY, Study)


def test_about_what_is_certain_nothing_can_be_taught() -> None:
    """A quantity that is 0.7 in every world, as one without any effect in this structure is 0."""
    draws = replace(DRAWS, quantity=np.full((30, 2), 0.7))
    resamples = resample(draws, seed=1, count=10)
    after = preposterior(draws, STUDY, seed=1)
    plan = next_after(draws, STUDY, [STUDY], resamples, seed=1)
    assert draws.certain
    assert share_of_variance(draws, STUDY, resamples).raw == 0.0
    assert share_by_reweighting(draws, after, resamples).raw == 0.0
    assert share_by_regression(draws, STUDY, resamples, seed=1).raw == 0.0
    assert share_by_group(draws, {"potency": ["potency"]}, resamples, seed=1).rival.raw == 0.0
    assert (plan.fixed, plan.adaptive) == (0.0, 0.0)
    assert evsi(draws, treat_above(draws, 0.3), STUDY, resamples).value == pytest.approx(0.0, abs=1e-12)
