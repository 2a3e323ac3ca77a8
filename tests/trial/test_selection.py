"""The estimate in a chosen subgroup loses what the choice adds, and others are left as they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.trial.analysis import Contrast, Direction, Estimability, Estimate
from calor.trial.analysis.estimate import t_estimate
from calor.trial.designs.selection import bias_corrected


def estimates(effect: list[float], error: float, direction: Direction = Direction.LESS) -> Estimate:
    count = len(effect)
    return t_estimate(
        Contrast(direction=direction), np.array(effect), np.full(count, error), np.full(count, np.inf),
        np.full(count, Estimability.ESTIMATED, dtype=np.int8),
    )  # fmt: skip


def test_the_correction_by_hand() -> None:
    # p = 1/2 and an error of 0.4 in everybody: sqrt(v) = 0.4. T = 0.4, its mean with the plain estimate of
    # -0.8 instead of -0.9 in the subgroup 0.35, u = 0.875, phi / Phi = 0.3362, a third of the patients.
    plain, first = estimates([-0.8] * 2, 0.3), (estimates([-0.5] * 2, 0.4), estimates([-0.9] * 2, 0.57))
    shares = (np.full(2, 0.5), np.full(2, 1 / 3))
    found = bias_corrected(plain, first, np.array([True, False]), shares, 0.0)
    assert norm.pdf(0.875) / norm.cdf(0.875) == pytest.approx(0.3362, abs=1e-4)
    assert found.effect == pytest.approx([-0.8 + 0.4 * 0.3362 / 3, -0.8], abs=1e-4)


def test_more_is_better_turns_every_sign() -> None:
    shares = (np.full(1, 0.4), np.full(1, 0.3))
    flag = np.array([True])
    less = bias_corrected(
        estimates([-0.8], 0.3), (estimates([-0.5], 0.4), estimates([-0.9], 0.6)), flag, shares, 0.1
    )
    more = bias_corrected(
        estimates([0.8], 0.3, Direction.GREATER),
        (estimates([0.5], 0.4, Direction.GREATER), estimates([0.9], 0.6, Direction.GREATER)),
        flag, shares, 0.1,
    )  # fmt: skip
    assert more.effect == pytest.approx(-less.effect)
    assert less.effect[0] > -0.8


@pytest.mark.parametrize(
    ("share", "margin", "difference"), [(0.5, 0.0, 0.0), (0.3, 0.2, 0.3), (0.7, 0.1, -0.2)]
)
def test_at_the_true_difference_the_correction_is_the_bias_of_the_choice(
    share: float, margin: float, difference: float
) -> None:
    # Stage 1 of 60, stage 2 of 40 in the subgroup; benefit 0.5 outside, `difference` more inside.
    generator = np.random.default_rng(5)
    count, patients, rest = 400_000, 60, 40
    inside = 0.5 + difference + generator.normal(0, 4 / np.sqrt(share * patients), count)
    outside = 0.5 + generator.normal(0, 4 / np.sqrt((1 - share) * patients), count)
    chosen = (1 - share) * (inside - outside) > margin
    later = 0.5 + difference + generator.normal(0, 4 / np.sqrt(rest), count)
    of_first = share * patients / (share * patients + rest)
    plain = of_first * inside + (1 - of_first) * later
    bias = (plain[chosen] - 0.5 - difference).mean()
    true = -(0.5 + difference)
    found = bias_corrected(
        estimates([true], 1.0),
        (estimates([-(0.5 + share * difference)], 4 / np.sqrt(patients)), estimates([true], 1.0)),
        np.array([True]), (np.array([share]), np.array([of_first])), margin,
    )  # fmt: skip
    error = plain[chosen].std() / np.sqrt(chosen.sum())
    assert found.effect[0] - true == pytest.approx(bias, abs=4 * error)
    assert bias > 20 * error
