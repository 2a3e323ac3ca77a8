"""Errors of what is expected of the posterior, which come from influences, are those of repeated draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws, Study
from calor.decision.information.preposterior import preposterior
from calor.decision.information.resampling import Resamples, resample
from calor.decision.information.reweighting import evsi_by_reweighting, share_by_reweighting
from calor.decision.information.rivals import rival_probability
from calor.decision.information.settling import Rule, decisive
from calor.decision.information.widths import expected_width

EACH = 150


def two_rivals(quantity: np.ndarray) -> Draws:
    worlds = len(quantity)
    return Draws(
        quantity=np.repeat(quantity[:, None], 2, axis=1),
        rival=np.repeat([0, 1], worlds // 2),
        rivals=("one", "other"),
        weights=np.full(worlds, 1 / worlds),
        scores=np.zeros((worlds, 0)),
        parameters=(),
    )


def reading(quantity: np.ndarray, variance: np.ndarray | float) -> Study:
    sampling = np.broadcast_to(variance, quantity.shape)[:, None, None].copy()
    return Study(name="reading", means=np.repeat(quantity[:, None, None], 2, axis=1), sampling=sampling)


def test_errors_are_those_of_repeated_draws() -> None:
    """40 independent sets of 300 worlds: the spread of each figure, beside the error that each set gives."""
    figures = []
    for seed in range(40):
        quantity = np.random.default_rng(seed).normal(np.repeat([-0.4, 0.4], EACH), 1.0)
        draws = two_rivals(quantity)
        # A seed of its own for the noise of the results, as independent sets have.
        after = preposterior(draws, reading(quantity, 0.5), seed=seed)
        resamples = resample(draws, seed=1, count=200)
        worth = Decision(("not", "treat"), np.stack([np.zeros_like(draws.quantity), draws.quantity], axis=2))
        settled = decisive(draws, after, Rule(0.0), resamples)
        figures.append(
            {
                "share": share_by_reweighting(draws, after, resamples),
                "width": expected_width(draws, after, resamples),
                "rival": rival_probability(draws, after, resamples),
                "favour": settled.favour,
                "against": settled.against,
                "evsi": evsi_by_reweighting(draws, worth, after, resamples),
            }
        )
    for name in figures[0]:
        spread = np.std([one[name].value for one in figures], ddof=1)
        error = np.mean([one[name].error for one in figures])
        # The standard deviation of 40 numbers has an error of 11 %.
        assert spread == pytest.approx(error, rel=0.35), name


def test_scatter_alone_can_tell_rivals_apart() -> None:
    """Two rivals see the same mean, one with a standard deviation of 1 and the other of 4.

    The probability of the true one is the sum over rivals of half the integral of f_r^2 / (f_1 + f_2).
    """
    draws = two_rivals(np.tile([-1.0, 1.0], EACH))
    same = np.zeros(draws.worlds)
    after = preposterior(draws, reading(same, np.repeat([1.0, 16.0], EACH)), seed=1, results=10_000)
    found = rival_probability(draws, after, resample(draws, seed=1, count=50))
    places = np.linspace(-40, 40, 80_001)
    one, other = norm.pdf(places), norm.pdf(places, scale=4)
    expected = np.trapezoid((one**2 + other**2) / (one + other), places) / 2
    assert expected > 0.65
    assert abs(found.value - expected) < 3 * found.error < 0.1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_width_changes_with_the_weights_as_its_influence_says(seed) -> None:
    """Weights that are moved by a few per cent, smoothly along the quantity: the width that is found anew."""
    quantity = np.random.default_rng(seed).normal(size=1000)
    draws, study = two_rivals(quantity), reading(quantity, 0.5)
    for tilt in (quantity, quantity**2):
        moved = draws.weights * (1 + 0.03 * tilt)
        moved /= np.bincount(draws.rival, weights=moved)[draws.rival] * 2
        width = expected_width(
            draws, preposterior(draws, study, seed=1), Resamples(np.stack([moved, draws.weights]))
        )
        other = draws.weighted(moved)
        anew = expected_width(other, preposterior(other, study, seed=1), Resamples(np.stack([moved, moved])))
        change = anew.raw - width.raw
        assert width.resampled[0] - width.raw == pytest.approx(change, rel=0.25, abs=0.004)
        assert width.resampled[1] == pytest.approx(width.raw, abs=1e-12)
